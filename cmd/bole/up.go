package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bole/tree"
	"bole/tree/process"
	"bole/tree/supervise"
)

// defaultPath is where the definitions are when no PATH is given.
const defaultPath = "/etc/bole"

// signals are those that up has caught since its first instruction.
var signals supervise.Signals

// catchSignals comes before everything else: a PID 1 in Go dies of a signal that
// comes before it was asked for. Other verbs are ended by signals as usual.
func catchSignals() {
	if len(os.Args) > 1 && os.Args[1] == "up" {
		signals = supervise.CatchSignals()
	}
}

func upCommand() *cobra.Command {
	var success []string
	cmd := &cobra.Command{
		Use:   "up [PATH...] [-- COMMAND [ARG...]]",
		Short: "Start the tree, keep it running, tear it down when told to stop",
		Long: `up reads the definitions, starts the services in order, keeps them running, and
tears them down in reverse when it gets SIGTERM or SIGINT (also SIGQUIT, SIGPWR,
SIGRTMIN+3). A second one kills at once what is left.

A PATH is a file, or a directory whose *.toml are read in name order; without
any it is ` + defaultPath + `. Several PATHs are layers: a later one amends the services of
those before it.

A COMMAND runs in the foreground when all else has settled, with bole's own standard
input, output and error, and the terminal. Its end tears the tree down; its code is
bole's. SIGHUP, SIGUSR1, SIGUSR2 and SIGWINCH go to it. Without a PATH and without
` + defaultPath + ` the COMMAND is all that there is, and every signal goes to it: bole
then does what tini does.

Exit code: 0 after a teardown that was asked for, 1 if something wanted had given
up by then; the code of an essential service that ended (128 and the signal's
number for a signal); 78 for faults in the definitions, and nothing is started.`,
		Example: `  bole up                              as PID 1 of a container: ENTRYPOINT ["bole", "up"]
  bole up examples/quickstart          the services of one directory
  bole up /etc/bole /etc/bole.local    a second layer on top of the first
  bole up examples/shell -- bash       a shell in front of a running tree
  bole up -- app --listen 8080         one program and nothing else, under an init`,
		ValidArgsFunction: completePaths,
		RunE: func(cmd *cobra.Command, args []string) error {
			u := upping{paths: args}
			if n := cmd.ArgsLenAtDash(); n >= 0 {
				u.paths, u.command = args[:n], args[n:]
			}
			for _, s := range success {
				status, err := tree.ParseStatus(s)
				if err != nil {
					return fmt.Errorf("--success-codes: %w", err)
				}
				u.success = append(u.success, status)
			}
			if u.command == nil && success != nil {
				return fmt.Errorf("--success-codes is for a COMMAND, after --")
			}
			if code := u.run(); code != 0 {
				return exitCode(code)
			}
			return nil
		},
	}
	cmd.Flags().StringSliceVar(&success, "success-codes", nil, "ends of the COMMAND that count as 0: exit codes and signals, such as 143,SIGTERM")
	completeFlags(cmd, map[string]cobra.CompletionFunc{"success-codes": completeWords("success-codes", "")})
	return cmd
}

// An upping is what up's arguments say.
type upping struct {
	paths, command []string
	success        tree.Codes
}

// processors is how many threads of bole's run at once at most: on a machine with
// many, each may need a thread more just when there is none to be had.
const processors = 4

// threads is how many bole has from the start: for what runs at once, and for all that
// may wait in the kernel meanwhile, which is forks, writes to the console and the look
// at /proc. The Go runtime ends a program that cannot have one more.
const threads = 16

// makeThreads has so many threads made, while nobody waits for it. The runtime keeps
// them.
func makeThreads(n int) {
	release, made := make(chan struct{}), make(chan struct{}, n)
	for range n {
		go func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			made <- struct{}{}
			<-release
		}()
	}
	go func() {
		defer close(release)
		for range n {
			<-made
		}
	}()
}

func (u *upping) run() int {
	if runtime.GOMAXPROCS(0) > processors {
		runtime.GOMAXPROCS(processors)
	}
	makeThreads(threads)
	if err := process.Setup(); err != nil {
		fmt.Fprintf(os.Stderr, "bole: %s\n", strings.ReplaceAll(err.Error(), "\n", "\nbole: "))
	}
	stopLoading := make(chan struct{})
	go exitOnStop(stopLoading)
	t, ok := u.load()
	stopLoading <- struct{}{}
	if !ok {
		return exitDefinitions
	}
	return supervise.Run(supervise.Options{Tree: t, Signals: signals, Seed: uint64(time.Now().UnixNano()), Version: version})
}

// exitOnStop ends bole when it is told to stop while it reads the definitions: a file
// may be on a file system that does not answer, and nothing runs yet.
func exitOnStop(done <-chan struct{}) {
	for {
		select {
		case sig := <-signals.Other:
			if supervise.Stops(sig) {
				os.Exit(0)
			}
		case <-done:
			return
		}
	}
}

// load reads the definitions with the garbage collector held back, which is
// faster.
func (u *upping) load() (*tree.Tree, bool) {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	paths := orDefault(u.paths)
	if _, err := os.Stat(defaultPath); len(u.paths) == 0 && u.command != nil && errors.Is(err, fs.ErrNotExist) {
		paths = nil // the command is all that there is
	}
	t, report := tree.Load(paths, tree.Options{Environ: os.Environ(), Command: u.command, SuccessCodes: u.success})
	fmt.Fprint(os.Stderr, report)
	return t, t != nil
}

func orDefault(paths []string) []string {
	if len(paths) == 0 {
		return []string{defaultPath}
	}
	return paths
}
