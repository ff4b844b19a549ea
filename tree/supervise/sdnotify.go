package supervise

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"bole/readiness"
	"bole/tree"
	"bole/tree/engine"
	"bole/tree/process"
)

// A listener takes what services say by their notification sockets.
type listener struct {
	*guard
	procs   processes
	adopter *adopter

	mu   sync.Mutex
	open map[engine.Run]*hearing
}

func newListener(g *guard, p processes, a *adopter) *listener {
	return &listener{guard: g, procs: p, adopter: a, open: map[engine.Run]*hearing{}}
}

// expect gives a command its socket, if its service has one; otherwise the hearing is nil.
// What bole itself was given by that name is not passed on.
func (l *listener) expect(run engine.Run, svc *tree.Service, c *process.Command) (*hearing, error) {
	if !svc.Notifies && svc.Watchdog == 0 || run.Role != engine.RoleMain {
		return nil, nil
	}
	s, err := readiness.NewSocket()
	if err != nil {
		return nil, fmt.Errorf("cannot make its notification socket: %w", reason(err))
	}
	c.Env = slices.DeleteFunc(slices.Clone(c.Env), func(v string) bool { return strings.HasPrefix(v, "NOTIFY_SOCKET=") })
	c.Env = append(c.Env, "NOTIFY_SOCKET="+s.Name())
	h := &hearing{listener: l, socket: s, run: run, svc: svc}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[run] = h
	return h, nil
}

// begin listens, if there is a process. What that has said already has waited: before the
// table has the process nobody could tell that it is the service's.
func (h *hearing) begin(ok bool) {
	switch {
	case h == nil:
	case ok:
		h.goes("notifications", h.listen)
	default:
		h.ended(h.run)
	}
}

// drain takes in what has been said to a run's socket until now.
func (l *listener) drain(run engine.Run) {
	l.mu.Lock()
	h := l.open[run]
	l.mu.Unlock()
	if h != nil {
		h.socket.Drain(h.hear)
	}
}

// ended closes the socket of a run that is over.
func (l *listener) ended(run engine.Run) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if h := l.open[run]; h != nil {
		h.socket.Close()
		delete(l.open, run)
	}
}

// A hearing is of one run.
type hearing struct {
	*listener
	socket *readiness.Socket
	run    engine.Run
	svc    *tree.Service

	// The socket guards these: of what it hears, one thing at a time.
	told      bool // that something was not taken; there could be any number of that
	reloading bool
}

// burst is how many notifications are heard in a moment. Who says more than that has to
// wait, as the kernel keeps only a few of them, and bole has time for the others.
const burst, moment = 100, 100 * time.Millisecond

func (h *hearing) listen() {
	for heard, since := 1, time.Now(); h.socket.Receive(h.hear) == nil; heard++ {
		if heard == burst {
			time.Sleep(time.Until(since.Add(moment)))
			heard, since = 0, time.Now()
		}
	}
}

// hear takes in what the run's own processes say. Of all others, and of what is no
// notification, the first is told.
func (h *hearing) hear(n *readiness.Notification, err error) {
	if err == nil && !h.procs.Belongs(h.run, n.PID, n.UID) {
		err = errors.New("it is none of the service's")
	}
	if err == nil {
		h.take(n)
	} else if !h.told {
		h.told = true
		h.console.SayOf(int(h.svc.ID), fmt.Sprintf("%s: %s is not taken: %s", h.svc.Name, n, err))
	}
}

// take tells the engine. Readiness comes last: what else is said of it is known then.
func (h *hearing) take(n *readiness.Notification) {
	var events []engine.Event
	if n.Extend > 0 {
		events = append(events, engine.Extend{Run: h.run, By: n.Extend})
	}
	if text, said := h.words(n); said {
		events = append(events, engine.Says{Run: h.run, Text: text, Leaves: n.Stopping})
	}
	if n.MainPID > 0 && h.procs.Belongs(h.run, n.MainPID, n.UID) {
		h.adopter.follow(h.run, n.MainPID)
	}
	if n.Ready && h.svc.Notifies {
		events = append(events, engine.BecameReady{Run: h.run})
	}
	if n.Alive || n.Every > 0 {
		events = append(events, engine.Alive{Run: h.run, Every: n.Every})
	}
	if n.Hung {
		events = append(events, engine.Hung{Run: h.run})
	}
	h.mail.post(events...)
}

// words are what it says of itself from now on, if that is news.
func (h *hearing) words(n *readiness.Notification) (text string, said bool) {
	over := n.Ready && h.reloading
	h.reloading = n.Reloading || h.reloading && !n.Ready
	switch {
	case n.Failure != "" && n.Status != "":
		return fmt.Sprintf("%s (%s)", n.Status, n.Failure), true
	case n.Status != "" || n.Failure != "":
		return n.Status + n.Failure, true
	case n.Stopping:
		return "stopping", true
	case n.Reloading:
		return "reloading", true
	}
	return "", over
}
