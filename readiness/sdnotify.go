package readiness

import (
	"crypto/rand"
	"errors"
	"net"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Socket takes the notifications of one process and those below it: the protocol of
// sd_notify(3). Its name is abstract: it needs no file system that can be written, and
// is the same in another root directory.
type Socket struct {
	conn *net.UnixConn
	raw  syscall.RawConn
	name string

	hearing sync.Mutex // guards what is heard just now
	text    [notificationMost + 1]byte
	oob     []byte
}

// NewSocket makes a socket with a name that nobody can guess.
func NewSocket() (*Socket, error) {
	name := "@bole-" + rand.Text()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		return nil, err
	}
	raw, err := conn.SyscallConn()
	if err == nil {
		err = errors.Join(raw.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PASSCRED, 1)
		}), err)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &Socket{conn: conn, raw: raw, name: name, oob: make([]byte, oobMost)}, nil
}

// Name is the value of NOTIFY_SOCKET.
func (s *Socket) Name() string { return s.name }

// Close ends Receive too.
func (s *Socket) Close() error { return s.conn.Close() }

// notificationMost is the longest one, as in systemd.
const notificationMost = 4096

// ErrTooLong is that a notification is longer than 4096 bytes, or brings more files than
// anybody needs; it is not taken.
var ErrTooLong = errors.New("it is too long")

// drainMost is how many notifications are heard that have come already: more than the
// kernel keeps for a socket (net.unix.max_dgram_qlen), and few enough where somebody goes
// on sending.
const drainMost = 1024

// Receive waits for the next notification and has it heard. The files that came with it
// are closed afterwards, which is what a sender of BARRIER=1 waits for, and refuses
// FDSTORE=1. With ErrTooLong it is not taken. What Receive itself returns is the end.
func (s *Socket) Receive(hear func(n *Notification, err error)) (err error) {
	return errors.Join(s.raw.Read(func(fd uintptr) (came bool) {
		came, err = s.next(int(fd), hear)
		return came || err != nil
	}), err)
}

// Drain has heard what has come already, and does not wait for more. No two are heard at
// the same time; so what Receive has taken before has been heard when Drain returns.
func (s *Socket) Drain(hear func(n *Notification, err error)) {
	s.raw.Control(func(fd uintptr) {
		for range drainMost {
			if came, _ := s.next(int(fd), hear); !came {
				return
			}
		}
	})
}

// next has one heard, if there is one.
func (s *Socket) next(fd int, hear func(n *Notification, err error)) (came bool, err error) {
	s.hearing.Lock()
	defer s.hearing.Unlock()
	size, oobSize, flags, err := s.take(fd)
	switch err {
	case nil:
	case unix.EAGAIN:
		return false, nil
	default:
		return false, err
	}
	n, err := s.read(s.text[:size], s.oob[:oobSize], flags)
	defer n.close()
	hear(&n, err)
	return true, nil
}

// take does not wait.
func (s *Socket) take(fd int) (size, oobSize, flags int, err error) {
	for err = unix.EINTR; err == unix.EINTR; {
		size, oobSize, flags, _, err = unix.Recvmsg(fd, s.text[:], s.oob, unix.MSG_DONTWAIT|unix.MSG_CMSG_CLOEXEC)
	}
	return size, oobSize, flags, err
}

// read makes a notification of what has come.
func (s *Socket) read(text, oob []byte, flags int) (n Notification, err error) {
	messages, err := unix.ParseSocketControlMessage(oob)
	for i := range messages {
		if cred, err := unix.ParseUnixCredentials(&messages[i]); err == nil {
			n.PID, n.UID = int(cred.Pid), int(cred.Uid)
		}
		if fds, err := unix.ParseUnixRights(&messages[i]); err == nil {
			n.files = append(n.files, fds...)
		}
	}
	if len(text) > notificationMost || err != nil || flags&unix.MSG_CTRUNC != 0 {
		return n, ErrTooLong
	}
	n.read(text)
	return n, nil
}

// filesMost is how many files are looked at; the kernel closes the others itself.
const filesMost = 16

// oobMost is room for them, and for whose the notification is.
var oobMost = unix.CmsgSpace(unix.SizeofUcred) + unix.CmsgSpace(4*filesMost)

// Refuse tells a sender of BARRIER=1 why it is not taken, in the pipe whose end it waits
// for. sd_notify_barrier(3) says just that all has been looked at, and reads nothing; a
// client that does learns at once what would be a mystery otherwise. The pipe is
// somebody else's, and may be full: splice(2) alone never waits for it.
func (n *Notification) Refuse(why string) {
	var st unix.Stat_t
	if !n.barrier || len(n.files) != 1 || unix.Fstat(n.files[0], &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFIFO {
		return
	}
	var p [2]int
	if unix.Pipe2(p[:], unix.O_CLOEXEC) != nil {
		return
	}
	defer unix.Close(p[0])
	defer unix.Close(p[1])
	unix.Write(p[1], []byte(why))
	unix.Splice(p[0], nil, n.files[0], nil, len(why), unix.SPLICE_F_NONBLOCK)
}

func (n *Notification) close() {
	for _, fd := range n.files {
		unix.Close(fd)
	}
	n.files = nil
}
