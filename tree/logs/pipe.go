package logs

import (
	"bytes"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	readMost = 64 << 10 // a pipe's own size: no read gives more
	lineMost = 64 << 10 // a longer line is cut: memory is bounded
)

// Pipes are where one process of a service, and whatever it starts, writes. What
// they wrote is read to the end, however long after the process that is.
type Pipes struct {
	Stdout, Stderr int // for the process; they may be the same
	console        *Console
	prefix         []byte
}

// Open makes the pipes of a process of the n-th service. When the console's
// standard output and error are the same file, both go through one pipe, and so
// keep their order.
func (c *Console) Open(name string, n int) (*Pipes, error) {
	p := &Pipes{Stdout: -1, Stderr: -1, console: c, prefix: c.prefix(name, n+1)}
	var err error
	if p.Stdout, err = p.pipe(&c.out); err != nil {
		return nil, err
	}
	if p.Stderr = p.Stdout; !c.joined {
		if p.Stderr, err = p.pipe(&c.err); err != nil {
			p.Close()
			return nil, err
		}
	}
	return p, nil
}

// pipe makes one pipe, with its reader, and returns the end to write to. The
// service's end blocks, as it expects; bole's does not.
func (p *Pipes) pipe(to *file) (int, error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return -1, err
	}
	unix.SetNonblock(fds[0], true)
	r := os.NewFile(uintptr(fds[0]), "output")
	l := &liner{console: p.console, to: to, prefix: p.prefix}
	p.console.readers.Add(1)
	p.console.start("output", func() {
		defer p.console.readers.Done()
		defer r.Close()
		l.copy(r)
	})
	return fds[1], nil
}

// Close closes bole's copies of the ends to write to, once the process has its own:
// when those are closed too, the readers come to their end.
func (p *Pipes) Close() {
	if p.Stderr >= 0 && p.Stderr != p.Stdout {
		unix.Close(p.Stderr)
	}
	unix.Close(p.Stdout)
}

// A liner makes lines of what one pipe gives.
type liner struct {
	console *Console
	to      *file
	prefix  []byte
	rest    []byte // of a line that has no end yet
	cut     bool   // the rest goes on a line that was cut
}

// buffers are held only while there is something to read: a thousand services
// that are silent need none.
var buffers = sync.Pool{New: func() any { return new([readMost]byte) }}

// copy writes everything from r, to its end.
func (l *liner) copy(r *os.File) {
	raw, err := r.SyscallConn()
	for more := true; more && err == nil; {
		err = raw.Read(func(fd uintptr) (done bool) {
			done, more = l.read(int(fd))
			return done
		})
	}
	if len(l.rest) > 0 {
		l.print([]byte("\n"))
	}
}

// read takes what is in the pipe. done is false if that is nothing, more is false
// at its end.
func (l *liner) read(fd int) (done, more bool) {
	buf := buffers.Get().(*[readMost]byte)
	defer buffers.Put(buf)
	n, err := unix.Read(fd, buf[:])
	switch {
	case err == syscall.EAGAIN:
		return false, true
	case err == syscall.EINTR:
		return true, true
	case err != nil || n == 0:
		return true, false
	}
	l.take(buf[:n])
	return true, true
}

// take prints the lines that are whole now, and keeps the rest.
func (l *liner) take(text []byte) {
	end := bytes.LastIndexByte(text, '\n') + 1
	if end > 0 {
		l.print(text[:end])
	}
	l.rest = append(l.rest, text[end:]...)
	if len(l.rest) >= lineMost {
		l.print([]byte("\n"))
		l.cut = true
	}
}

var outputs = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// print writes the rest and the lines that follow it, each with its prefix.
func (l *liner) print(lines []byte) {
	out := outputs.Get().(*bytes.Buffer)
	defer outputs.Put(out)
	out.Reset()
	out.Write(l.prefix)
	if l.cut {
		out.WriteString("… ")
	}
	out.Write(l.rest)
	for first := true; len(lines) > 0; first = false {
		if !first {
			out.Write(l.prefix)
		}
		end := bytes.IndexByte(lines, '\n') + 1
		out.Write(lines[:end])
		lines = lines[end:]
	}
	l.rest, l.cut = nil, false
	l.console.write(l.to, out.Bytes())
}
