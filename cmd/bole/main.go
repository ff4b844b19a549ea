// Command bole starts the services of one container or machine in the order of
// their dependencies, keeps them running, and tears them down in reverse.
//
// Each verb has a file of its own: it parses flags, calls, and prints.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"bole/tree/process"
)

// Exit codes that every verb shares; bole up has more, see its help.
const (
	exitFailed      = 1  // it did not work
	exitUsage       = 2  // the command line is wrong
	exitNotRunning  = 3  // no bole is running, or it is not ready, as LSB has it for status
	exitNoService   = 4  // there is no such service
	exitDefinitions = 78 // the definitions are wrong (EX_CONFIG of sysexits.h)
)

// exitCode is an error that has been told already.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// The main goroutine keeps the program's first thread for itself: orphans are
// listed by the kernel under that thread, and with no child of its own there,
// the list holds nothing else. A verb that asks gives it back, see find.
func init() { runtime.LockOSThread() }

func main() {
	process.Stage()
	catchSignals()
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	root := rootCommand()
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(context.Background())
	var code exitCode
	var file *fs.PathError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &file): // not even the answer
		fmt.Fprintf(os.Stderr, "%s: cannot %s: %s\n", cmd.CommandPath(), file.Op, file.Err)
		return exitFailed
	}
	fmt.Fprintf(os.Stderr, "bole: %s\n%s --help tells more\n", err, cmd.CommandPath())
	if cmd.Name() == "exec" {
		return exitExec // 2 may be the program's
	}
	return exitUsage
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "bole",
		Short: "A service tree for one container: start in order, keep running, stop in reverse",
		Long: `bole reads service definitions (TOML), starts the services in the order of
their dependencies as each says that it is ready, keeps them running, and tears
them down in reverse when it is told to stop. It is made to be PID 1 of a
container, and works at any other PID too.`,
		Example: `  bole up                       run the tree that /etc/bole describes
  bole status                   show where every service stands, and why
  bole check web.toml           look for faults; start nothing
  bole graph web.toml           show who waits for whom`,
		Args:                       knownVerb,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SuggestionsMinimumDistance: 2,
		SilenceErrors:              true,
		SilenceUsage:               true,
		CompletionOptions:          cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.AddCommand(
		upCommand(), checkCommand(), graphCommand(), statusCommand(), waitCommand(), eventsCommand(), timelineCommand(), healthCommand(),
		startCommand(), stopCommand(), restartCommand(), reloadCommand(), signalCommand(), planCommand(),
		logsCommand(), postmortemCommand(), shellCommand(),
		execCommand(), notifyCommand(), schemaCommand(), completionCommand(), manCommand(), versionCommand(),
	)
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	root.SetFlagErrorFunc(flagError)
	return root
}

// knownVerb: what is no verb comes to the root command as an argument.
func knownVerb(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		return fmt.Errorf("there is no verb %q; did you mean %q?", args[0], near[0])
	}
	return fmt.Errorf("there is no verb %q", args[0])
}

// flagError adds which flags there are to what is wrong with one.
func flagError(cmd *cobra.Command, err error) error {
	var names []string
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	return fmt.Errorf("%w; %s has %s", err, cmd.CommandPath(), strings.Join(names, ", "))
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no argument such as %q", cmd.CommandPath(), args[0])
	}
	return nil
}
