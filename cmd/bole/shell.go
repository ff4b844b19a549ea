package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"bole/tree/process"
)

func shellCommand() *cobra.Command {
	var socket string
	cmd := &cobra.Command{
		Use:   "shell NAME [-- COMMAND [ARG...]]",
		Short: "Become a shell in the conditions of a service",
		Long: `shell becomes a shell, on this terminal, in the very conditions in which the last process
of a service ran, or would run: its user and groups, environment, directory, root
directory, limits and all other attributes. With a COMMAND that is run in its place.

The shell is SHELL of that environment, unless it is one that lets nobody in, such as
nologin; else /bin/sh. It is no part of the service: to stop the service does not end
it, and what it says of readiness is not heard. It has to be run where bole is, in its
container. The environment has the service's secrets: only root and the tree's own user
may ask for it.

Exit code: that of the shell or COMMAND; 125 if it was not reached, 126 if it cannot be
run, 127 if it is not there; 3 if no bole is running, 4 if there is no such service.`,
		Example: `  bole shell app
  bole shell app -- sh -c 'pwd; id; env'`,
		Args: func(cmd *cobra.Command, args []string) error {
			names := args
			if n := cmd.ArgsLenAtDash(); n >= 0 {
				names = args[:n]
			}
			switch {
			case len(names) == 0:
				return someService(cmd, nil)
			case len(names) > 1:
				return fmt.Errorf("%s takes one service; a command comes after --", cmd.CommandPath())
			}
			return nil
		},
		ValidArgsFunction: completeFirst,
		RunE:              func(cmd *cobra.Command, args []string) error { return shell(cmd, socket, args[0], args[1:]) },
	}
	socketFlag(cmd, &socket)
	return cmd
}

// shell does not return if all goes well.
func shell(cmd *cobra.Command, socket, name string, command []string) error {
	client, err := find(cmd, socket)
	if err != nil {
		return complain(cmd, err)
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), askMost)
	defer cancel()
	c, err := client.Conditions(ctx, name)
	if err != nil {
		return complain(cmd, err)
	}
	credential, attr, err := trusted(client, c)
	if err != nil {
		return complain(cmd, err)
	}
	runtime.LockOSThread() // what is applied is this thread's, and it is to be the program's
	attr.Terminal = ""     // it is to be on this one
	process.CloseOnExec()  // what this process was given is not the service's
	if err := attr.Apply(credential, c.Directory); err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", cmd.CommandPath(), err)
		return exitCode(exitExec)
	}
	env := shellEnv(c.Env)
	start, hint := runFirst(commands(command, env), env), ""
	if len(command) == 0 {
		hint = "; a command after -- is run in place of a shell"
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s%s\n", cmd.CommandPath(), start, hint)
	return exitCode(start.Code())
}

// runFirst becomes the first of these that there is. The error is the last one's.
func runFirst(commands [][]string, env []string) (err *process.StartError) {
	for _, argv := range commands {
		if err = process.Exec(argv, "", env, func() {}); !errors.Is(err.Errno, unix.ENOENT) {
			return err
		}
	}
	return err
}

// commands are what is to be run: the command, or the shells that there may be.
func commands(command, env []string) (out [][]string) {
	if len(command) > 0 {
		return [][]string{command}
	}
	for _, sh := range []string{variable(env, "SHELL"), "/bin/sh"} {
		if sh != "" && !slices.Contains(closedShells, path.Base(sh)) {
			out = append(out, []string{sh})
		}
	}
	return out
}

// closedShells are those that accounts have of which nobody is to log in.
var closedShells = []string{"nologin", "false", "true", "sync"}

// notPassed are the variables by which a process is known as the service, and speaks for
// it: bole would end a shell with them together with the service.
var notPassed = []string{"BOLE_SERVICE", "BOLE_ENV", "NOTIFY_FD", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}

// shellEnv is the environment of the service. What kind of terminal this is only we know.
func shellEnv(env []string) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(notPassed, name)
	})
	if term := os.Getenv("TERM"); term != "" && process.IsTerminal(0) && variable(env, "TERM") == "" {
		env = append(env, "TERM="+term)
	}
	return env
}

// variable is the value of a variable; of several the last one counts.
func variable(env []string, name string) (value string) {
	for _, v := range env {
		if n, x, _ := strings.Cut(v, "="); n == name {
			value = x
		}
	}
	return value
}
