package supervise

import (
	"os"
	"os/signal"
	"slices"

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
}

// CatchSignals must be the first thing that a program does that will call Run:
// a PID 1 in Go that gets a signal before it asked for it dies of it, with code
// 2. SIGPIPE is caught so that a reader who leaves does not end bole; SIGURG is
// the Go runtime's and is left alone.
func CatchSignals() Signals {
	child, other := make(chan os.Signal, 1), make(chan os.Signal, 64)
	signal.Notify(child, unix.SIGCHLD)
	signal.Notify(other, append([]os.Signal{unix.SIGHUP, unix.SIGUSR1, unix.SIGUSR2, unix.SIGPIPE}, stopSignals...)...)
	return Signals{child, other}
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
	if slices.Contains(stopSignals, sig) {
		s.console.Say("SIG" + tree.SignalName(int(sig.(unix.Signal))))
		s.mail.post(engine.Shutdown{})
	}
}
