// Package logs takes what services write, and puts it where people look.
//
// A service writes into a pipe. One poller waits for all the pipes, takes what is
// there, makes lines of it, and writes them to the console: each line whole, after
// the name of the service, however many services write at once.
//
//	service ─→ pipe ─┐
//	service ─→ pipe ─┼─→ poller: lines ─┐
//	service ─→ pipe ─┘                  ├─→ output: one at a time ─→ fd 1, 2
//	bole ───→ Say: a bounded queue ─────┘
//
// Nothing that a service writes is ever dropped, and nothing piles up: while nobody
// reads the console, no pipe is read either, and a service that goes on writing
// waits, as it would for any slow reader. bole itself never waits: see Say.
package logs

import (
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// A Console is bole's standard output and error, shared by all services and bole
// itself. It is safe for concurrent use.
type Console struct {
	out, err *poller              // the same one if both are the same file
	start    func(string, func()) // starts a goroutine
	bytes    []atomic.Uint64      // by service: that it has written
	tails    []tail               // by service
	bell     bell                 // rings when a tail has grown
}

// NewConsole returns the console of this process. The names are those of the
// services, for the width of the column; start starts a goroutine, and is told what
// it is for. The error is that this process may open no file any more.
func NewConsole(names []string, start func(name string, f func())) (*Console, error) {
	return newConsole(1, 2, names, start)
}

func newConsole(stdout, stderr int, names []string, start func(string, func())) (c *Console, err error) {
	c = &Console{start: start, bytes: make([]atomic.Uint64, len(names)), tails: make([]tail, len(names))}
	if c.out, err = newPoller(newOutput(stdout, names)); err != nil {
		return nil, err
	}
	if c.err = c.out; !sameFile(stdout, stderr) {
		if c.err, err = newPoller(newOutput(stderr, names)); err != nil {
			return nil, err
		}
		start("console", c.err.loop)
		start("console", c.out.out.speak)
	}
	start("console", c.out.loop)
	start("console", c.err.out.speak)
	return c, nil
}

// Say writes a line of bole's own to standard error, before whatever services
// write there later. It never waits: when the console is not read, lines are kept,
// and when too many are kept, they are counted instead.
func (c *Console) Say(line string) { c.err.out.queue.put(message{text: line}) }

// SayOf is Say for what happens to the n-th service: the line comes after all that
// its processes have written until now.
func (c *Console) SayOf(n int, line string) {
	c.err.out.queue.put(message{text: line, after: c.err.of(n)})
}

// After calls f, which must not wait, when all that the n-th service's processes have
// written until now has been taken in.
func (c *Console) After(n int, f func()) {
	c.out.out.queue.put(message{after: c.out.of(n), then: func() {
		if c.out == c.err {
			f()
			return
		}
		c.err.out.queue.put(message{after: c.err.of(n), then: f})
	}})
}

// Bytes is how much the n-th service has written, on both outputs.
func (c *Console) Bytes(n int) uint64 { return c.bytes[n].Load() }

// Close writes what is left: in the pipes of services, which have ended by now, of
// lines without an end, and of bole's own. It waits for a slow console no longer
// than the time given. No pipe is opened after that.
func (c *Console) Close(patience time.Duration) {
	c.out.close()
	c.err.close()
	done := make(chan struct{})
	c.start("console", func() {
		defer close(done)
		<-c.out.done
		<-c.err.done
		c.err.out.flush()
	})
	select {
	case <-done:
	case <-time.After(patience):
	}
}

func sameFile(a, b int) bool {
	var x, y unix.Stat_t
	return unix.Fstat(a, &x) == nil && unix.Fstat(b, &y) == nil && x.Dev == y.Dev && x.Ino == y.Ino
}
