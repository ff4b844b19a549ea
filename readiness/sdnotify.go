package readiness

import (
	"crypto/rand"
	"errors"
	"net"

	"golang.org/x/sys/unix"
)

// A Socket takes the notifications of one process and those below it: the protocol of
// sd_notify(3). Its name is abstract: it needs no file system that can be written, and
// is the same in another root directory.
type Socket struct {
	conn *net.UnixConn
	name string
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
	return &Socket{conn, name}, nil
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

// Receive waits for the next notification, which is to be closed whatever the error.
// After ErrTooLong there may be more; every other error is the end.
func (s *Socket) Receive() (n Notification, err error) {
	text, oob := make([]byte, notificationMost+1), make([]byte, unix.CmsgSpace(unix.SizeofUcred)+unix.CmsgSpace(4*filesMost))
	size, oobSize, flags, _, err := s.conn.ReadMsgUnix(text, oob)
	if err != nil {
		return n, err
	}
	messages, err := unix.ParseSocketControlMessage(oob[:oobSize])
	for i := range messages {
		if cred, err := unix.ParseUnixCredentials(&messages[i]); err == nil {
			n.PID, n.UID = int(cred.Pid), int(cred.Uid)
		}
		if fds, err := unix.ParseUnixRights(&messages[i]); err == nil {
			n.files = append(n.files, fds...)
		}
	}
	if size > notificationMost || err != nil || flags&unix.MSG_CTRUNC != 0 {
		return n, ErrTooLong
	}
	n.read(text[:size])
	return n, nil
}

// filesMost is how many files are looked at; the kernel closes the others itself.
const filesMost = 16

// Close closes the files that came with it, which is what a sender of BARRIER=1 waits
// for, and refuses FDSTORE=1. It is to be called once all that was said has been heard.
func (n *Notification) Close() {
	for _, fd := range n.files {
		unix.Close(fd)
	}
	n.files = nil
}
