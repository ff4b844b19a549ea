package logs

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// A poller reads all the pipes that lead to one output. It sleeps in the kernel
// while nobody writes: a silent service costs no goroutine, and a new one wakes
// nobody.
type poller struct {
	out    *output
	epoll  int
	closer int           // an eventfd: there is something in it once the console is closed
	done   chan struct{} // closed when nothing is read any more

	mu       sync.Mutex
	readers  map[int]*reader   // by fd
	services map[int][]*reader // the open ones of each, the oldest first; a slice never changes
}

// A reader is bole's end of one pipe.
type reader struct {
	fd      int
	service int
	bytes   *atomic.Uint64 // that the service has written

	// The output's writing guards these.
	older []*reader // of the same service: what is in them comes before the first line of this one
	lines lines
	ended bool // fd is, or will soon be, closed
}

// take appends to out the lines that the next piece of the pipe makes whole.
func (r *reader) take(out, piece []byte) []byte {
	r.bytes.Add(uint64(len(piece)))
	return r.lines.add(out, piece)
}

func newPoller(out *output) (p *poller, err error) {
	p = &poller{out: out, done: make(chan struct{}), readers: map[int]*reader{}, services: map[int][]*reader{}}
	if p.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("cannot watch the output of services: %w", err)
	}
	if p.closer, err = unix.Eventfd(0, unix.EFD_CLOEXEC); err != nil {
		return nil, fmt.Errorf("cannot watch the output of services: %w", err)
	}
	return p, p.watch(p.closer)
}

func (p *poller) watch(fd int) error {
	return unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

// add has a pipe read from now on.
func (p *poller) add(r *reader) error {
	p.mu.Lock()
	p.readers[r.fd] = r
	r.older = p.services[r.service]
	p.services[r.service] = append(slices.Clip(r.older), r)
	p.mu.Unlock()
	err := p.watch(r.fd)
	if err != nil {
		p.forget(r)
	}
	return err
}

// loop reads until the console is closed, and then what is still in the pipes.
func (p *poller) loop() {
	defer close(p.done)
	var events [64]unix.EpollEvent
	for {
		n, err := unix.EpollWait(p.epoll, events[:], -1)
		if err != nil && err != unix.EINTR {
			panic("epoll_wait: " + err.Error())
		}
		for i := range max(n, 0) {
			if int(events[i].Fd) == p.closer {
				p.drain()
				return
			}
			p.turn(int(events[i].Fd))
		}
	}
}

// turn reads once from a pipe that has something, or has come to its end.
func (p *poller) turn(fd int) {
	p.mu.Lock()
	r := p.readers[fd]
	p.mu.Unlock()
	if n, err := p.out.take(r); n == 0 || n < 0 && err != unix.EAGAIN && err != unix.EINTR {
		p.end(r)
	}
}

// drain reads what is in the pipes now: a writer that nobody found must not hold
// bole up.
func (p *poller) drain() {
	p.mu.Lock()
	left := slices.Collect(maps.Values(p.readers))
	p.mu.Unlock()
	for _, r := range left {
		for n, err := p.out.take(r); n > 0 || err == unix.EINTR; n, err = p.out.take(r) {
		}
		p.end(r)
	}
}

func (p *poller) end(r *reader) {
	p.out.end(r)
	unix.EpollCtl(p.epoll, unix.EPOLL_CTL_DEL, r.fd, nil) // a child being made may hold it open
	p.forget(r)
	unix.Close(r.fd)
}

func (p *poller) forget(r *reader) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.readers, r.fd)
	others := slices.DeleteFunc(slices.Clone(p.services[r.service]), func(x *reader) bool { return x == r })
	if p.services[r.service] = others; len(others) == 0 {
		delete(p.services, r.service)
	}
}

// of are the open pipes of a service.
func (p *poller) of(service int) []*reader {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.services[service]
}

// close ends the loop.
func (p *poller) close() {
	unix.Write(p.closer, binary.NativeEndian.AppendUint64(nil, 1))
}
