package logs

import (
	"sync"

	"golang.org/x/sys/unix"
)

const (
	readMost = 64 << 10     // a pipe's own size: no read gives more
	textMost = 4 * readMost // a larger buffer is not kept
)

// An output is a file that bole inherited, and to which everybody's lines go. It is
// written to by the system call itself: Go's own files end the program when
// standard output has no reader any more.
//
// Whoever writes holds it from before his read to the end of his write. So whoever
// waits for a slow console holds no text: there is one buffer, for any number of
// services.
type output struct {
	fd    int
	label Label
	own   []byte // what stands before bole's own lines
	queue queue  // of those

	writing sync.Mutex // held for as long as a write takes; guards the rest
	gone    bool       // nobody reads it any more, or it cannot be written: drop everything
	in      [readMost]byte
	text    []byte // a buffer for what is written
}

func newOutput(fd int, names []string) *output {
	l := NewLabel(fd, names)
	return &output{fd: fd, label: l, own: l.own(), queue: queue{filled: make(chan struct{}, 1)}}
}

// take reads from a pipe once, and writes the lines that are whole by then. n is
// how much was read: 0 at the pipe's end, and negative with an error.
func (o *output) take(r *reader) (n int, err error) {
	o.writing.Lock()
	defer o.writing.Unlock()
	text := o.catchUp(o.begin(), r.older)
	r.older = nil
	n, err = unix.Read(r.fd, o.in[:])
	if n > 0 {
		text = r.take(text, o.in[:n])
	}
	o.write(text)
	return n, err
}

// end writes the line of a pipe that will have no end any more. The pipe is not read
// again.
func (o *output) end(r *reader) {
	o.writing.Lock()
	defer o.writing.Unlock()
	r.ended = true
	o.write(r.lines.end(o.begin()))
}

// flush writes what bole has said until now.
func (o *output) flush() {
	o.writing.Lock()
	defer o.writing.Unlock()
	o.write(o.begin())
}

// speak writes what bole says, when no service does so with its own lines.
func (o *output) speak() {
	for range o.queue.filled {
		o.flush()
	}
}

// begin begins what is written next, with what bole has said before. The caller
// holds writing.
func (o *output) begin() []byte {
	messages, dropped := o.queue.take()
	text := o.text[:0]
	for _, m := range messages {
		text = o.catchUp(text, m.after)
		if m.then != nil {
			m.then()
			continue
		}
		text = m.add(text, o.own)
	}
	return addDropped(text, o.own, dropped)
}

// catchUp appends the lines that are in the pipes by now. A thousand full ones are
// more than a buffer holds.
func (o *output) catchUp(text []byte, pipes []*reader) []byte {
	for _, r := range pipes {
		if len(text) > readMost {
			o.write(text)
			text = o.text[:0]
		}
		text = o.read(text, r)
	}
	return text
}

// read appends the lines that are in a pipe by now, and at its end what is left of a
// line. That is a pipe full at most, whatever is written to it meanwhile.
func (o *output) read(text []byte, r *reader) []byte {
	for room := readMost; !r.ended && room > 0; {
		n, err := unix.Read(r.fd, o.in[:room])
		switch {
		case n > 0:
			text = r.take(text, o.in[:n])
			room -= n
		case n == 0:
			return r.lines.end(text)
		case err != unix.EINTR:
			return text
		}
	}
	return text
}

// write writes all of the text, however long that takes. The caller holds writing.
func (o *output) write(text []byte) {
	if o.text = text; cap(text) > textMost {
		o.text = nil
	}
	for len(text) > 0 && !o.gone {
		n, err := unix.Write(o.fd, text)
		if err == nil {
			text = text[n:]
			continue
		}
		o.gone = !o.wait(err)
	}
}

// wait waits until it makes sense to write again after an error, and reports
// whether it ever will.
func (o *output) wait(err error) bool {
	switch err {
	case unix.EINTR:
	case unix.EAGAIN: // an inherited file that does not block must stay so: others use it too
		unix.Poll([]unix.PollFd{{Fd: int32(o.fd), Events: unix.POLLOUT}}, -1)
	case unix.ENOSPC, unix.EDQUOT: // a full disk may have room again, and no line is to be lost
		unix.Poll(nil, 200)
	default:
		return false
	}
	return true
}
