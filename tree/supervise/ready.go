package supervise

import (
	"bytes"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"bole/tree"
	"bole/tree/engine"
	"bole/tree/process"
)

// A notification is the pipe of a service that says by a newline that it is
// ready: the protocol of s6 (skarnet.org/software/s6/notifywhenup.html).
type notification struct {
	read  *os.File
	write int
}

// notify gives a command its notification fd, if its service has one; otherwise
// the notification is nil.
func notify(svc *tree.Service, role engine.Role, c *process.Command) (*notification, error) {
	if svc.ReadyFD == 0 || role != engine.RoleMain {
		return nil, nil
	}
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return nil, fmt.Errorf("cannot make its notification fd: %w", err)
	}
	unix.SetNonblock(p[0], true) // bole's end alone: the service's blocks, as it expects
	c.Notify, c.As = p[1], svc.ReadyFD
	return &notification{os.NewFile(uintptr(p[0]), "notification"), p[1]}, nil
}

// started leaves the other end to the service, or drops both if there is none.
func (n *notification) started(g *guard, run engine.Run, ok bool) {
	if n == nil {
		return
	}
	unix.Close(n.write)
	if !ok {
		n.read.Close()
		return
	}
	g.goes("readiness", func() { n.watch(g.mail, run) })
}

// watch reports the newline, or that it can never come. Then it reads on until
// every copy of the other end is closed, so that no later write of the service
// ends in SIGPIPE.
func (n *notification) watch(m *mailbox, run engine.Run) {
	defer n.read.Close()
	said := false
	for buf := make([]byte, 64); ; {
		got, err := n.read.Read(buf)
		if !said && bytes.IndexByte(buf[:got], '\n') >= 0 {
			said = true
			m.post(engine.BecameReady{Run: run})
		}
		if err != nil {
			break
		}
	}
	if !said {
		m.post(engine.NotifyClosed{Run: run})
	}
}
