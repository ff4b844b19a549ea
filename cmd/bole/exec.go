package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"

	"bole/tree"
	"bole/tree/process"
)

// exitExec is exec's code when the program was not reached, as env(1) and nice(1)
// have it; 126 and 127 are those of the program itself.
const exitExec = 125

// An execution is what exec's flags say.
type execution struct {
	groups, capabilities, ambient []string
	limits, env, envFiles         []string
	nice, oomScoreAdj             int
	closed                        []int
	argv0, lock                   string
	session, noWait               bool
}

func execCommand() *cobra.Command {
	var x execution
	cmd := &cobra.Command{
		Use:   "exec [flags] [--] PROGRAM [ARG...]",
		Short: "Become a program, with another user, limits, environment and so on",
		Long: `exec changes what this process has besides its program, and becomes the program:
what chpst, setpriv, nice, ulimit and env do, in one, and with the names of the keys
that definitions have. Nothing stays behind.

--limits takes NAME=VALUE, or NAME=SOFT:HARD; a value is a number, a size where
bytes are counted, or "unlimited". One value is both the soft and the hard limit.

Exit code: that of the program; 125 if the program was not reached, 126 if it
cannot be run, 127 if it is not there.`,
		Example: `  bole exec --user www-data --umask 027 -- app --listen 8080
  bole exec --limits nofile=1024,core=0 --nice 10 make
  bole exec --env-file ./env --clear-env sh -c env
  bole exec --lock /run/backup.lock --no-wait backup`,
		ValidArgsFunction: completeFiles,
		RunE: func(cmd *cobra.Command, argv []string) error {
			if len(argv) == 0 {
				return fmt.Errorf("exec needs a program")
			}
			return x.run(cmd, argv)
		},
	}
	x.flags(cmd.Flags())
	completeFlags(cmd, map[string]cobra.CompletionFunc{
		"directory": completeDirectories, "chroot": completeDirectories, "env-file": completeFiles, "lock": completeFiles, "limits": completeWords("limits", "="),
		"capabilities": completeWords("capabilities", ""), "ambient-capabilities": completeWords("ambient-capabilities", ""),
	})
	return cmd
}

func (x *execution) flags(f *pflag.FlagSet) {
	f.SetInterspersed(false)
	f.SortFlags = false
	f.String("user", "", "who runs it, a name or number; \"uid:gid\" says both")
	f.String("group", "", "its group, instead of the user's")
	f.StringSliceVar(&x.groups, "groups", nil, "its supplementary groups, instead of the user's; \"\" is none")
	f.StringSliceVar(&x.limits, "limits", nil, "rlimits, such as nofile=1024,core=0")
	f.IntVar(&x.nice, "nice", 0, "its priority, from -20 to 19, not added to the present one")
	f.IntVar(&x.oomScoreAdj, "oom-score-adj", 0, "from 1000 (killed first when memory is short) to -1000")
	f.String("umask", "", "in octal, such as 027")
	f.String("directory", "", "the working directory")
	f.String("chroot", "", "its root directory")
	f.StringSliceVar(&x.capabilities, "capabilities", nil, "those that it can ever have; \"\" is none")
	f.StringSliceVar(&x.ambient, "ambient-capabilities", nil, "those that it has though its user is not root")
	f.String("cpu-affinity", "", "the processors that it may run on, such as 0-3,6")
	f.Bool("no-new-privileges", false, "set-uid programs give it nothing")
	f.StringArrayVar(&x.env, "env", nil, "NAME=VALUE, a variable of its environment")
	f.StringArrayVar(&x.envFiles, "env-file", nil, "a file of such lines, or a directory of one file a variable")
	f.Bool("clear-env", false, "nothing of the environment is passed on but what --env and --env-file say")
	f.StringVar(&x.argv0, "argv0", "", "the name that the program sees as its own")
	f.BoolVar(&x.session, "new-session", false, "begin a session, away from the terminal")
	f.IntSliceVar(&x.closed, "close", nil, "file descriptors to close, such as 0,1,2")
	f.StringVar(&x.lock, "lock", "", "a file to be locked (flock) as long as the program runs; waits for it")
	f.BoolVar(&x.noWait, "no-wait", false, "do not wait for the lock: end with 125 if somebody has it")
}

// run does not return if all goes well.
func (x *execution) run(cmd *cobra.Command, argv []string) error {
	svc, err := x.service(cmd.Flags(), argv)
	if err == nil {
		err = x.become(svc)
	}
	if err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "bole exec: %s\n", err)
		return exitCode(exitExec)
	}
	program := process.Exec(svc.Command, x.argv0, svc.Env, func() {})
	fmt.Fprintf(cmd.ErrOrStderr(), "bole exec: %s\n", program)
	return exitCode(program.Code())
}

// service is what the flags and the arguments say as a definition would.
func (x *execution) service(flags *pflag.FlagSet, argv []string) (*tree.Service, error) {
	keys, err := x.keys(flags)
	if err != nil {
		return nil, err
	}
	keys["command"] = list(argv)
	svc, report := tree.FromKeys(keys, os.Environ())
	var faults []string
	for _, f := range report.Faults {
		text := fmt.Sprintf("--%s: %s", f.Key, f.Message)
		if f.File != "" {
			text = fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Message)
		}
		if f.Hint != "" {
			text += "; " + f.Hint
		}
		faults = append(faults, text)
	}
	if svc == nil {
		return nil, errors.New(strings.Join(faults, "\nbole exec: "))
	}
	svc.Env = environ(svc.Env)
	return svc, nil
}

// keys are those that flags were given for; the others say nothing.
func (x *execution) keys(flags *pflag.FlagSet) (map[string]any, error) {
	keys := map[string]any{}
	var err error
	flags.Visit(func(f *pflag.Flag) {
		switch f.Name {
		case "user", "group", "umask", "directory", "chroot", "cpu-affinity":
			keys[f.Name] = f.Value.String()
		case "no-new-privileges", "clear-env":
			keys[f.Name] = f.Value.String() == "true"
		case "nice":
			keys[f.Name] = int64(x.nice)
		case "oom-score-adj":
			keys[f.Name] = int64(x.oomScoreAdj)
		case "groups":
			keys[f.Name] = list(x.groups)
		case "capabilities":
			keys[f.Name] = list(x.capabilities)
		case "ambient-capabilities":
			keys[f.Name] = list(x.ambient)
		case "env-file":
			keys[f.Name] = list(x.envFiles)
		case "env":
			keys[f.Name] = pairs(x.env)
		case "limits":
			keys[f.Name], err = limits(x.limits)
		}
	})
	return keys, err
}

// list is an array as the TOML library makes it; one empty word is none.
func list(words []string) []any {
	out := []any{}
	for _, w := range words {
		if w != "" || len(words) > 1 {
			out = append(out, w)
		}
	}
	return out
}

func pairs(words []string) map[string]any {
	out := map[string]any{}
	for _, w := range words {
		name, v, _ := strings.Cut(w, "=")
		out[name] = v
	}
	return out
}

// limits reads nofile=1024 and nofile=512:1024.
func limits(words []string) (map[string]any, error) {
	out := map[string]any{}
	for _, w := range words {
		name, v, ok := strings.Cut(w, "=")
		if !ok {
			return nil, fmt.Errorf("--limits: %q should be NAME=VALUE, or NAME=SOFT:HARD", w)
		}
		if soft, hard, both := strings.Cut(v, ":"); both {
			out[name] = map[string]any{"soft": soft, "hard": hard}
		} else {
			out[name] = v
		}
	}
	return out, nil
}

// passed are variables that a definition may not set, for they are a supervisor's. The
// program that exec becomes is still the same service.
var passed = []string{"BOLE_SERVICE", "NOTIFY_FD", "NOTIFY_SOCKET"}

// environ puts the supervisor's variables in the place of those of a definition.
func environ(env []string) []string {
	env = slices.DeleteFunc(env, func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(passed, name)
	})
	for _, name := range passed {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// become gives this process all that the program is to have.
func (x *execution) become(svc *tree.Service) error {
	runtime.LockOSThread()
	user, env, err := svc.Conditions()
	if err != nil {
		return err
	}
	svc.Env = env
	if err := x.takeLock(); err != nil {
		return err
	}
	if x.session {
		if _, err := unix.Setsid(); err != nil {
			return fmt.Errorf("--new-session: this process leads a process group already, as one does that a shell has started on a terminal")
		}
	}
	if err := svc.Attr.Apply(user, svc.Directory); err != nil {
		return err
	}
	for _, fd := range x.closed {
		unix.Close(fd)
	}
	return nil
}

// takeLock locks a file for this process, which keeps it as the program.
func (x *execution) takeLock() error {
	if x.lock == "" {
		return nil
	}
	fd, err := unix.Open(x.lock, unix.O_RDWR|unix.O_CREAT|unix.O_APPEND, 0o666)
	if err != nil {
		return fmt.Errorf("--lock %s: %w", x.lock, err)
	}
	how := unix.LOCK_EX
	if x.noWait {
		how |= unix.LOCK_NB
	}
	for err = unix.EINTR; err == unix.EINTR; {
		err = unix.Flock(fd, how)
	}
	if err == unix.EWOULDBLOCK {
		return fmt.Errorf("--lock %s: somebody else has it", x.lock)
	}
	return err
}
