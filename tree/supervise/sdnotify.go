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
	h := &hearing{listener: l, socket: s, run: run, svc: svc, looks: looks}
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
		h.socket.Drain(func(n *readiness.Notification, err error) { h.hear(n, err) })
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
	toldMain  bool // the same of a MAINPID
	reloading bool
	looks     share // at strangers
	relative  int   // a user who is akin too: a process of his was one of the service's
}

// A service is heard so often in a moment; who says more has to wait, and bole has time
// for the others. Strangers, of whom there may be any number, use up nothing of that, nor
// are they kept waiting: as long as the kernel's short queue is full of what they say,
// nothing of the service's gets into it. Most are told by their user, at little cost; a
// close look at one is dear.
var (
	hears = share{most: 100, per: 100 * time.Millisecond}
	looks = share{most: 20, per: 100 * time.Millisecond}
)

// listen hears the run's own processes, and all others that have found the socket.
func (h *hearing) listen() {
	own, akin := hears, false
	for h.socket.Receive(func(n *readiness.Notification, err error) { akin = h.hear(n, err) }) == nil {
		if akin {
			own.wait()
		}
	}
}

// hear takes in what the run's own processes say. Of all others, and of what is no
// notification, the first is told. akin: it is of a user who could do anything to the run.
func (h *hearing) hear(n *readiness.Notification, err error) (akin bool) {
	akin = n.UID == h.relative || h.procs.Akin(h.run, n.PID, n.UID)
	switch {
	case err != nil:
	case !akin && !h.looks.spend():
		return akin // there have been so many of them
	case !h.procs.Belongs(h.run, n.PID, n.UID):
		err = errors.New("it is none of the service's")
		n.Refuse(fmt.Sprintf("process %d is none of %s's", n.PID, h.svc.Name))
	default:
		h.relative = n.UID
		h.take(n)
		return akin
	}
	if !h.told {
		h.told = true
		h.console.SayOf(int(h.svc.ID), fmt.Sprintf("%s: %s is not taken: %s", h.svc.Name, n, err))
	}
	return akin
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
	h.follow(n)
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

// follow has another process take the place of the present one, when that ends.
func (h *hearing) follow(n *readiness.Notification) {
	refused := ""
	switch {
	case n.NoMain != "":
		refused = n.NoMain + " is not taken: that is no process of a service"
	case n.MainPID == 0:
	case !h.procs.Belongs(h.run, n.MainPID, n.UID):
		refused = fmt.Sprintf("MAINPID=%d is not taken: process %d is none of the service's", n.MainPID, n.MainPID)
	default:
		h.adopter.follow(h.run, n.MainPID)
	}
	if refused != "" && !h.toldMain {
		h.toldMain = true
		h.console.SayOf(int(h.svc.ID), h.svc.Name+": "+refused)
	}
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
	return "", over || n.Silent
}
