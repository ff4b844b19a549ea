package supervise

import (
	"bytes"
	"fmt"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"bole/tree"
	"bole/tree/engine"
	"bole/tree/process"
)

// An announcer takes the newlines by which services say that they are ready: the protocol
// of s6 (skarnet.org/software/s6/notifywhenup.html).
type announcer struct {
	*guard

	mu   sync.Mutex
	open map[engine.Run]*notification
}

// A notification is the pipe of one run.
type notification struct {
	*announcer
	run   engine.Run
	read  *os.File
	raw   syscall.RawConn // the same, without waiting
	write int

	hearing sync.Mutex // guards the rest
	said    bool
	text    [4096]byte
}

func newAnnouncer(g *guard) *announcer {
	return &announcer{guard: g, open: map[engine.Run]*notification{}}
}

// expect gives a command its notification fd, if its service has one; otherwise the
// notification is nil.
func (a *announcer) expect(run engine.Run, svc *tree.Service, c *process.Command) (*notification, error) {
	if svc.ReadyFD == 0 || run.Role != engine.RoleMain {
		return nil, nil
	}
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return nil, fmt.Errorf("cannot make its notification fd: %w", err)
	}
	unix.SetNonblock(p[0], true) // bole's end alone: the service's blocks, as it expects
	n := &notification{announcer: a, run: run, read: os.NewFile(uintptr(p[0]), "notification"), write: p[1]}
	n.raw, _ = n.read.SyscallConn() // no error but that there is no file
	c.Notify, c.As = p[1], svc.ReadyFD
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open[run] = n
	return n, nil
}

// begin leaves the other end to the service, or drops both if there is none.
func (n *notification) begin(ok bool) {
	if n == nil {
		return
	}
	unix.Close(n.write)
	if !ok {
		n.close()
		return
	}
	n.goes("readiness", n.watch)
}

func (n *notification) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.open, n.run)
	n.read.Close()
}

// watch reports the newline, or that it can never come. Then it reads on until every copy
// of the other end is closed, so that no later write of the service ends in SIGPIPE.
func (n *notification) watch() {
	defer n.close()
	for over := false; !over; {
		err := n.raw.Read(func(fd uintptr) (came bool) {
			came, over = n.take(int(fd))
			return came || over
		})
		over = over || err != nil
	}
	n.hearing.Lock()
	defer n.hearing.Unlock()
	if !n.said {
		n.mail.post(engine.NotifyClosed{Run: n.run})
	}
}

// take reads once, and does not wait.
func (n *notification) take(fd int) (came, over bool) {
	n.hearing.Lock()
	defer n.hearing.Unlock()
	got, err := unix.Read(fd, n.text[:])
	for err == unix.EINTR {
		got, err = unix.Read(fd, n.text[:])
	}
	if !n.said && bytes.IndexByte(n.text[:max(got, 0)], '\n') >= 0 {
		n.said = true
		n.mail.post(engine.BecameReady{Run: n.run})
	}
	return got > 0, got == 0 || err != nil && err != unix.EAGAIN
}

// pipeMost is what a pipe holds.
const pipeMost = 64 << 10

// drain takes in what a run has written until now.
func (a *announcer) drain(run engine.Run) {
	a.mu.Lock()
	n := a.open[run]
	a.mu.Unlock()
	if n == nil {
		return
	}
	n.raw.Control(func(fd uintptr) {
		for came, read := true, 0; came && read < pipeMost; read += len(n.text) {
			came, _ = n.take(int(fd))
		}
	})
}
