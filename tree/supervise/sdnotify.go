package supervise

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"bole/readiness"
	"bole/tree"
	"bole/tree/engine"
	"bole/tree/process"
)

// A listener takes what services say by their notification sockets.
type listener struct {
	*guard
	procs processes

	mu   sync.Mutex
	open map[engine.Run]*readiness.Socket
}

func newListener(g *guard, p processes) *listener {
	return &listener{guard: g, procs: p, open: map[engine.Run]*readiness.Socket{}}
}

// expect gives a command its socket, if its service has one. What bole itself was given
// by that name is not passed on.
func (l *listener) expect(run engine.Run, svc *tree.Service, c *process.Command) error {
	if !svc.Notifies || run.Role != engine.RoleMain {
		return nil
	}
	s, err := readiness.NewSocket()
	if err != nil {
		return fmt.Errorf("cannot make its notification socket: %w", reason(err))
	}
	c.Env = slices.DeleteFunc(slices.Clone(c.Env), func(v string) bool { return strings.HasPrefix(v, "NOTIFY_SOCKET=") })
	c.Env = append(c.Env, "NOTIFY_SOCKET="+s.Name())
	l.mu.Lock()
	l.open[run] = s
	l.mu.Unlock()
	l.goes("notifications", func() { l.listen(run, svc, s) })
	return nil
}

// ended closes the socket of a run that is over.
func (l *listener) ended(run engine.Run) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.open[run]; s != nil {
		s.Close()
		delete(l.open, run)
	}
}

// listen takes in what the run's own processes say. Of all others, and of what is no
// notification, the first is told: there could be any number.
func (l *listener) listen(run engine.Run, svc *tree.Service, s *readiness.Socket) {
	for told := false; ; {
		n, err := s.Receive()
		if err != nil && !errors.Is(err, readiness.ErrTooLong) {
			return
		}
		if err == nil && !l.procs.Belongs(run, n.PID, n.UID) {
			err = errors.New("it is none of the service's")
		}
		if err == nil {
			l.take(run, n)
		} else if !told {
			told = true
			l.console.SayOf(int(svc.ID), fmt.Sprintf("%s: %s is not taken: %s", svc.Name, n, err))
		}
		n.Close()
	}
}

func (l *listener) take(run engine.Run, n readiness.Notification) {
	if n.Status != "" {
		l.mail.post(engine.NotYet{Run: run, Why: "it says: " + n.Status})
	}
	if n.Ready {
		l.mail.post(engine.BecameReady{Run: run})
	}
}
