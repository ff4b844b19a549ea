// Package logs takes what services write, and puts it where people look.
//
// A service writes into a pipe. A reader of its own takes what is there, makes
// lines of it, and writes them to the console: each line whole, after the name of
// the service, however many services write at once.
//
//	service ─→ pipe ─→ reader: lines ──┐
//	service ─→ pipe ─→ reader: lines ──┼─→ output: one at a time ─→ fd 1, 2
//	bole ───→ Say: a bounded queue ────┘
//
// Nothing that a service writes is ever dropped, and nothing piles up: while nobody
// reads the console, no pipe is read either, and a service that goes on writing
// waits, as it would for any slow reader. bole itself never waits: see Say.
package logs

import (
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A Console is bole's standard output and error, shared by all services and bole
// itself. It is safe for concurrent use.
type Console struct {
	out, err *output              // the same one if both are the same file
	start    func(string, func()) // starts a goroutine

	opening sync.Mutex // guards pipes and latest
	pipes   map[*os.File]struct{}
	latest  map[int]*reader // of what each service writes where bole's own lines go
	readers sync.WaitGroup
}

// NewConsole returns the console of this process. The names are those of the
// services, for the width of the column; start starts a goroutine, and is told what
// it is for.
func NewConsole(names []string, start func(name string, f func())) *Console {
	return newConsole(1, 2, names, start)
}

func newConsole(stdout, stderr int, names []string, start func(string, func())) *Console {
	c := &Console{out: newOutput(stdout, names), start: start, pipes: make(map[*os.File]struct{}), latest: make(map[int]*reader)}
	if c.err = c.out; !sameFile(stdout, stderr) {
		c.err = newOutput(stderr, names)
	}
	start("console", c.err.speak)
	return c
}

// Say writes a line of bole's own to standard error, before whatever services
// write there later. It never waits: when the console is not read, lines are kept,
// and when too many are kept, they are counted instead.
func (c *Console) Say(line string) { c.err.queue.put(message{text: line}) }

// SayOf is Say for what happens to the n-th service: the line comes after all that
// its last process has written until now.
func (c *Console) SayOf(n int, line string) {
	c.opening.Lock()
	r := c.latest[n]
	c.opening.Unlock()
	c.err.queue.put(message{line, r})
}

// Close writes what is left: in the pipes of services, which have ended by now, of
// lines without an end, and of bole's own. It waits for a slow console no longer
// than the time given. No pipe is opened after that.
func (c *Console) Close(patience time.Duration) {
	c.opening.Lock()
	for r := range c.pipes {
		r.SetReadDeadline(time.Unix(0, 1)) // a writer that nobody found must not hold bole up
	}
	c.opening.Unlock()
	done := make(chan struct{})
	c.start("console", func() {
		defer close(done)
		c.readers.Wait()
		c.err.flush()
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
