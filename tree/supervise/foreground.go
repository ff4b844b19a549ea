package supervise

import (
	"os"
	"slices"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"bole/tree"
	"bole/tree/engine"
	"bole/tree/process"
)

// A foreground is who gets the signals that are not bole's own: the command that bole
// was given, which also has bole's files and terminal, or else the essential services.
type foreground struct {
	procs    processes
	tree     *tree.Tree
	command  *tree.Service // nil: there is none
	terminal bool          // the command's standard input is one
	runs     map[tree.ID]*atomic.Pointer[engine.Run]
}

func newForeground(t *tree.Tree, p processes) *foreground {
	f := &foreground{procs: p, tree: t, command: t.Foreground(), runs: map[tree.ID]*atomic.Pointer[engine.Run]{}}
	f.terminal = f.command != nil && process.IsTerminal(0)
	for i := range t.Services {
		if s := &t.Services[i]; s == f.command || f.command == nil && s.Essential && s.Kind == tree.Longrun {
			f.runs[s.ID] = &atomic.Pointer[engine.Run]{}
		}
	}
	return f
}

// alone reports whether there is nothing but the command: then bole is to be as if it
// were not there.
func (f *foreground) alone() bool { return f.command != nil && len(f.tree.Services) == 1 }

// started and ended keep track of the processes that signals can go to.
func (f *foreground) started(run engine.Run) {
	if r := f.runs[run.Service]; r != nil && run.Role == engine.RoleMain {
		r.Store(&run)
	}
}

// ended also takes the terminal back: from then on Ctrl-C is for bole.
func (f *foreground) ended(run engine.Run) {
	if r := f.runs[run.Service]; r != nil && run.Role == engine.RoleMain {
		r.Store(nil)
		if f.terminal {
			process.ForegroundGroup(unix.Getpgrp())
		}
	}
}

// pass sends a signal on to all who are there.
func (f *foreground) pass(sig os.Signal) (somebody bool) {
	for _, r := range f.runs {
		if run := r.Load(); run != nil {
			f.procs.Signal(*run, int(sig.(unix.Signal)), process.Main)
			somebody = true
		}
	}
	return somebody
}

// commands are the signals that are the command's though bole could make something of
// them.
var commands = []os.Signal{unix.SIGHUP, unix.SIGUSR1, unix.SIGUSR2}

// takes reports whether a signal that does not stop bole is to be passed on.
func (f *foreground) takes(sig os.Signal) bool {
	return sig == unix.SIGWINCH || slices.Contains(f.tree.PassSignals, int(sig.(unix.Signal))) ||
		f.command != nil && slices.Contains(commands, sig)
}

// hangUp tells a shell that its terminal goes away: to SIGTERM it is deaf.
func (f *foreground) hangUp(run engine.Run) {
	if f.terminal && f.command.ID == run.Service {
		f.procs.Signal(run, int(unix.SIGHUP), process.Main)
	}
}
