package logs

import "golang.org/x/sys/unix"

// Pipes are where one process of a service, and whatever it starts, writes. What
// they wrote is read to the end, however long after the process that is: nothing is
// lost between one process and the next, and no stray gets a SIGPIPE.
type Pipes struct {
	Stdout, Stderr int // for the process; they may be the same
}

// Open makes the pipes of a process of the n-th service. When the console's
// standard output and error are the same file, both go through one pipe, and so
// keep their order. seen, unless it is nil, gets each line before it is written, or each
// piece of 64 KiB of a longer one; it must not wait, nor keep the line. The error is that
// of pipe2(2) or epoll_ctl(2).
func (c *Console) Open(name string, n int, seen func(line []byte)) (*Pipes, error) {
	stdout, err := c.pipe(name, n, seen, c.out)
	if err != nil {
		return nil, err
	}
	p := &Pipes{Stdout: stdout, Stderr: stdout}
	if c.err == c.out {
		return p, nil
	}
	if p.Stderr, err = c.pipe(name, n, seen, c.err); err != nil {
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

// pipe makes one pipe, and returns the end to write to. The service's end blocks, as
// it expects; bole's does not.
func (c *Console) pipe(name string, n int, seen func([]byte), to *poller) (int, error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return -1, err
	}
	unix.SetNonblock(fds[0], true)
	r := &reader{fd: fds[0], service: n, bytes: &c.bytes[n], lines: lines{prefix: to.out.label.Service(name, n), seen: c.keeps(n, seen)}}
	if err := to.add(r); err != nil {
		unix.Close(fds[0])
		unix.Close(fds[1])
		return -1, err
	}
	return fds[1], nil
}

// keeps returns what takes the lines of the n-th service into memory, after seen.
func (c *Console) keeps(n int, seen func([]byte)) func(line []byte) {
	t := &c.tails[n]
	return func(line []byte) {
		if seen != nil {
			seen(line)
		}
		t.add(line)
		c.bell.ring()
	}
}
