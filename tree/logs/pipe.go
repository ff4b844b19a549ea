package logs

import (
	"os"

	"golang.org/x/sys/unix"
)

// Pipes are where one process of a service, and whatever it starts, writes. What
// they wrote is read to the end, however long after the process that is: nothing is
// lost between one process and the next, and no stray gets a SIGPIPE.
type Pipes struct {
	Stdout, Stderr int // for the process; they may be the same
}

// Open makes the pipes of a process of the n-th service. When the console's
// standard output and error are the same file, both go through one pipe, and so
// keep their order. The error is that of pipe2(2).
func (c *Console) Open(name string, n int) (*Pipes, error) {
	stdout, err := c.pipe(name, n, c.out)
	if err != nil {
		return nil, err
	}
	p := &Pipes{Stdout: stdout, Stderr: stdout}
	if c.err == c.out {
		return p, nil
	}
	if p.Stderr, err = c.pipe(name, n, c.err); err != nil {
		unix.Close(stdout)
		return nil, err
	}
	return p, nil
}

// Close closes bole's copies of the ends to write to, once the process has its own:
// when those are closed too, the readers come to their end.
func (p *Pipes) Close() {
	unix.Close(p.Stdout)
	if p.Stderr != p.Stdout {
		unix.Close(p.Stderr)
	}
}

// pipe makes one pipe, with its reader, and returns the end to write to. The
// service's end blocks, as it expects; bole's does not.
func (c *Console) pipe(name string, n int, to *output) (int, error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return -1, err
	}
	unix.SetNonblock(fds[0], true)
	r := &reader{pipe: os.NewFile(uintptr(fds[0]), "output of "+name), fd: fds[0], to: to}
	r.lines.prefix = to.label.service(name, n)
	c.add(r, n)
	c.start("output", func() {
		defer c.remove(r.pipe)
		r.run()
	})
	return fds[1], nil
}

func (c *Console) add(r *reader, n int) {
	c.readers.Add(1)
	c.opening.Lock()
	defer c.opening.Unlock()
	c.pipes[r.pipe] = struct{}{}
	if r.to == c.err {
		c.latest[n] = r
	}
}

func (c *Console) remove(pipe *os.File) {
	defer c.readers.Done()
	c.opening.Lock()
	defer c.opening.Unlock()
	delete(c.pipes, pipe)
	pipe.Close()
}

// A reader takes what comes out of one pipe. It waits for that in Go's poller, with
// no buffer and no thread: a thousand silent services cost little.
type reader struct {
	pipe *os.File
	fd   int // of pipe
	to   *output

	lines lines // guarded by the output's writing, as is ended
	ended bool  // the pipe is, or will soon be, closed
}

// run reads to the end of the pipe, or until the console is closed.
func (r *reader) run() {
	raw, err := r.pipe.SyscallConn()
	if err != nil {
		return // only of a file that is closed
	}
	raw.Read(r.drain)
	raw.Control(func(fd uintptr) { r.drain(fd) }) // came in while the console was closed
	r.to.end(r)
}

// drain takes what is in the pipe now, and reports whether that was its end.
func (r *reader) drain(uintptr) (ended bool) {
	for {
		n, err := r.to.take(r)
		switch {
		case err == unix.EAGAIN:
			return false
		case err != nil && err != unix.EINTR, n == 0:
			return true
		}
	}
}
