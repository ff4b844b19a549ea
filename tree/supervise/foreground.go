package supervise

import (
	"os"
	"slices"
	"sync"
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
	behind   atomic.Bool   // somebody else has the terminal since bole was suspended

	mu        sync.Mutex
	receivers map[tree.ID]*receiver
}

// A receiver is a service that gets signals, as far as its process is.
type receiver struct {
	state   receiving
	run     engine.Run
	pending []os.Signal // that came while the process was made
}

type receiving uint8

const (
	absent receiving = iota
	coming
	there
)

func newForeground(t *tree.Tree, p processes) *foreground {
	f := &foreground{procs: p, tree: t, command: t.Foreground(), receivers: map[tree.ID]*receiver{}}
	f.terminal = f.command != nil && process.IsTerminal(0)
	for i := range t.Services {
		if s := &t.Services[i]; s == f.command || f.command == nil && s.Essential && s.Kind == tree.Longrun {
			f.receivers[s.ID] = &receiver{}
		}
	}
	return f
}

// alone reports whether there is nothing but the command: then bole is to be as if it
// were not there.
func (f *foreground) alone() bool { return f.command != nil && len(f.tree.Services) == 1 }

// at finds who a run is of, if signals can go to it.
func (f *foreground) at(run engine.Run) *receiver {
	if run.Role != engine.RoleMain {
		return nil
	}
	return f.receivers[run.Service]
}

// starts tells that a process is about to be there.
func (f *foreground) starts(run engine.Run) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.at(run); r != nil {
		*r = receiver{state: coming, run: run}
	}
}

// started tells that it is there, or cannot be. Its terminal may have stopped it before
// that was known, when nobody would look.
func (f *foreground) started(run engine.Run, ok bool) {
	f.receive(run, ok)
	f.suspended()
}

// receive has signals go to a process that is there now.
func (f *foreground) receive(run engine.Run, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.at(run)
	switch {
	case r == nil || r.run != run || r.state != coming: // it has ended already
	case !ok:
		*r = receiver{}
	default:
		r.state = there
		for _, sig := range r.pending {
			f.send(r, sig)
		}
		r.pending = nil
	}
}

// ended tells that a process is no more. The terminal comes back with it: from then on
// Ctrl-C is for bole.
func (f *foreground) ended(run engine.Run) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.at(run); r != nil && r.run == run {
		*r = receiver{}
		if f.terminal {
			process.ForegroundGroup(unix.Getpgrp())
		}
	}
}

// pass sends a signal on to all who are there. It reports whether there is anybody.
func (f *foreground) pass(sig os.Signal) (somebody bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.receivers {
		switch r.state {
		case coming:
			r.pending = append(r.pending, sig)
		case there:
			f.send(r, sig)
		}
		somebody = somebody || r.state != absent
	}
	return somebody
}

func (f *foreground) send(r *receiver, sig os.Signal) {
	f.procs.Signal(r.run, int(sig.(unix.Signal)), process.Main)
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

// suspended looks whether its terminal has stopped the command: Ctrl-Z, which shells
// are deaf to. Then bole stops too, and the shell that has started it, if there is one,
// takes the terminal. After its bg the command runs on until it needs the terminal.
func (f *foreground) suspended() {
	run, ok := f.front()
	if !ok {
		return
	}
	if ctrlZ, behind := f.procs.Suspended(run); ctrlZ || behind && f.behind.Load() {
		process.Suspend()
		f.resume()
	}
}

// resume follows that shell's fg, or bg.
func (f *foreground) resume() {
	if run, ok := f.front(); ok {
		f.behind.Store(!f.procs.Resume(run))
	}
}

// front is the run that has the terminal.
func (f *foreground) front() (run engine.Run, ok bool) {
	if !f.terminal {
		return run, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.receivers[f.command.ID]
	return r.run, r.state == there
}
