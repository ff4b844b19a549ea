package supervise

import (
	"os"
	"os/signal"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"bole/tree"
	"bole/tree/engine"
)

// stopSignals begin the teardown; the second one ends it at once. systemd's
// container interface asks a container's init to stop with RTMIN+3.
var stopSignals = []os.Signal{unix.SIGTERM, unix.SIGINT, unix.SIGQUIT, unix.SIGPWR, unix.Signal(34 + 3)}

// Signals are those that bole has caught.
type Signals struct {
	Child <-chan os.Signal // SIGCHLD, which comes in floods, and is the same in ones
	Other <-chan os.Signal

	catchRare func() // nil in tests
}

// CatchSignals must be the first thing that a program does that will call Run:
// a PID 1 in Go that gets a signal before it asked for it dies of it, with code
// 2. Each signal costs some 50 µs, which every service waits for: those that nobody
// sends to a program that has just begun are left until the tree has started.
func CatchSignals() Signals {
	child, other := make(chan os.Signal, 1), make(chan os.Signal, 64)
	signal.Notify(child, unix.SIGCHLD)
	signal.Notify(other, append(slices.Clone(stopSignals), unix.SIGHUP, unix.SIGUSR1, unix.SIGUSR2, unix.SIGPIPE)...)
	return Signals{child, other, func() { signal.Notify(other, deadly()...) }}
}

// deadly are the signals that would end bole, also those that otherwise tell of a fault of
// the program itself, for kill(1) sends them too; and SIGWINCH and SIGCONT, which may be for
// somebody else. The others stop it for a while, are ignored by default, or the Go
// runtime's own.
func deadly() (out []os.Signal) {
	for n := unix.Signal(1); n <= 64; n++ {
		switch n {
		case unix.SIGKILL, unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU,
			unix.SIGCHLD, unix.SIGURG, unix.SIGPROF, 32, 33, 34:
		default:
			out = append(out, n)
		}
	}
	return out
}

// Stops reports whether a signal asks bole to tear the tree down, unless the tree
// says something else.
func Stops(sig os.Signal) bool { return slices.Contains(stopSignals, sig) }

func (s *supervisor) stops(sig os.Signal) bool {
	if list := s.tree.StopSignals; list != nil {
		return slices.Contains(list, int(sig.(unix.Signal)))
	}
	return Stops(sig)
}

// rareLate is when all signals are caught also of a tree whose start goes on.
const rareLate = 200 * time.Millisecond

// catchRare catches what there was no time for before.
func (s *supervisor) catchRare() {
	if s.signals.catchRare == nil {
		return
	}
	select {
	case <-s.report.started:
	case <-time.After(rareLate):
	case <-s.quit:
	}
	s.signals.catchRare()
}

// forward tells the engine of signals that mean something to bole.
func (s *supervisor) forward() {
	for {
		select {
		case sig := <-s.signals.Other:
			s.signaled(sig)
		case <-s.quit:
			return
		}
	}
}

func (s *supervisor) signaled(sig os.Signal) {
	switch {
	case sig == unix.SIGCONT && s.foreground.terminal:
		s.foreground.resume()
	case s.foreground.alone() && s.foreground.pass(sig):
	case s.stops(sig):
		if !s.foreground.alone() {
			s.console.Say("SIG" + tree.SignalName(int(sig.(unix.Signal))))
		}
		s.mail.post(engine.Shutdown{Signal: alike(sig)})
	case s.foreground.takes(sig):
		s.foreground.pass(sig)
	}
}

// alike is the signal that a command is stopped by when bole is by this one: what
// programs know; 0 is the command's own.
func alike(sig os.Signal) int {
	switch sig {
	case unix.SIGTERM, unix.SIGINT, unix.SIGQUIT:
		return int(sig.(unix.Signal))
	}
	return 0
}
