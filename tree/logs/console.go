// Package logs takes what services write, and puts it where people look.
//
// A service writes into a pipe. A reader of its own takes what is there, line by
// line, and writes it to the console: each line whole, after the name of the
// service, however many services write at once. Nothing is ever dropped and
// nothing piles up: while nobody reads the console, no pipe is read either, and a
// service that goes on writing waits, as it would for any slow reader. bole itself
// never waits: see Say.
package logs

import (
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// saidMost is how many of bole's own lines wait at most for a console that nobody
// reads. The start of a thousand services says two or three thousand.
const saidMost = 8192

// A Console is bole's standard output and error, shared by all services and bole
// itself. It is safe for concurrent use.
type Console struct {
	width  int                  // of the names in front of the lines
	color  bool                 // the names are in colours
	joined bool                 // output and error are the same file
	start  func(string, func()) // starts a goroutine

	writing sync.Mutex // held while lines are written, however long that takes
	out     file
	err     file

	saying  sync.Mutex // guards what Say leaves for the others
	said    []string
	dropped int
	wake    chan struct{}

	readers sync.WaitGroup
}

// NewConsole returns the console of this process. The names are those of the
// services, for the width of the column; start starts a goroutine, and is told what
// it is for.
func NewConsole(names []string, start func(name string, f func())) *Console {
	c := &Console{
		width:  width(names),
		color:  terminal(2) && os.Getenv("NO_COLOR") == "",
		joined: sameFile(1, 2),
		start:  start,
		out:    file{fd: 1},
		err:    file{fd: 2},
		wake:   make(chan struct{}, 1),
	}
	start("console", c.speak)
	return c
}

// Say writes a line of bole's own to standard error, before whatever the services
// write later. It never waits: when the console is not read, lines are kept, and
// when too many are kept, they are counted instead.
func (c *Console) Say(line string) {
	c.saying.Lock()
	if len(c.said) < saidMost {
		c.said = append(c.said, line)
	} else {
		c.dropped++
	}
	c.saying.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// speak writes what was said while no service writes anything.
func (c *Console) speak() {
	for range c.wake {
		c.writing.Lock()
		c.flush()
		c.writing.Unlock()
	}
}

// flush writes what was said until now. The caller holds writing.
func (c *Console) flush() {
	c.saying.Lock()
	said, dropped := c.said, c.dropped
	c.said, c.dropped = nil, 0
	c.saying.Unlock()
	if dropped > 0 {
		said = append(said, fmt.Sprintf("%d lines of bole's own were dropped: nobody read them", dropped))
	}
	if len(said) == 0 {
		return
	}
	var text []byte
	prefix := c.prefix("bole", 0)
	for _, line := range said {
		text = append(append(append(text, prefix...), line...), '\n')
	}
	c.err.write(text)
}

// write writes whole lines of a service, after what bole has said before.
func (c *Console) write(to *file, lines []byte) {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.flush()
	to.write(lines)
}

// Close takes in what is left in the pipes of services that have ended, and
// writes what is to be written, but waits no longer than the time given.
func (c *Console) Close(patience time.Duration) {
	done := make(chan struct{})
	c.start("console", func() {
		defer close(done)
		c.readers.Wait()
		c.writing.Lock()
		defer c.writing.Unlock()
		c.flush()
	})
	select {
	case <-done:
	case <-time.After(patience):
	}
}

// prefix is what stands before each line of a service, the n-th of them.
func (c *Console) prefix(name string, n int) []byte {
	text := fmt.Sprintf("%-*s | ", c.width, name)
	if c.color {
		text = fmt.Sprintf("\x1b[%dm%s\x1b[0m", colors[n%len(colors)], text)
	}
	return []byte(text)
}

// colors are those of the terminal's own that can be read on black and on white;
// the first is bole's.
var colors = []int{1, 36, 33, 32, 35, 34, 31}

// width is that of the longest name, within reason.
func width(names []string) int {
	w := len("bole")
	for _, name := range names {
		w = max(w, len(name))
	}
	return min(w, 16)
}

func terminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}

func sameFile(a, b int) bool {
	var x, y unix.Stat_t
	return unix.Fstat(a, &x) == nil && unix.Fstat(b, &y) == nil && x.Dev == y.Dev && x.Ino == y.Ino
}
