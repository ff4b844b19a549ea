package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// A notifier is the pipe of NOTIFY_FD.
type notifier struct {
	mu   sync.Mutex
	file *os.File // nil: there is none, or it has been used
}

// pipe is looked for before this process opens anything by itself: a number in the
// environment may be left from another program, and belong to any file later. No child
// is to inherit it.
var pipe = inherited(os.Getenv("NOTIFY_FD"))

func inherited(number string) *notifier {
	fd, err := strconv.Atoi(number)
	if err != nil || fd < 3 {
		return &notifier{}
	}
	var st syscall.Stat_t
	if syscall.Fstat(fd, &st) != nil || st.Mode&syscall.S_IFMT != syscall.S_IFIFO {
		return &notifier{}
	}
	syscall.CloseOnExec(fd)
	return &notifier{file: os.NewFile(uintptr(fd), "NOTIFY_FD")}
}

func (n *notifier) open() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.file != nil
}

// ready writes the newline, once.
func (n *notifier) ready() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.file == nil {
		return nil
	}
	_, err := n.file.WriteString("\n")
	n.file.Close()
	n.file = nil
	if err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	return nil
}

// monotonic is the time of CLOCK_MONOTONIC in microseconds, as RELOADING=1 wants it.
func monotonic() int64 {
	const clockMonotonic = 1
	var ts syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&ts)), 0); errno != 0 {
		return 0
	}
	return ts.Nano() / int64(time.Microsecond)
}

// Barrier waits until the supervisor has looked at all that was sent before, or the context
// ends. A process that ends right after it has sent something needs it: once it is gone
// the supervisor may not find out whose word it was. It is sd_notify_barrier(3). bole also
// says when it takes nothing from this process, with an ErrRefused; systemd does not.
func Barrier(ctx context.Context) error {
	socket := os.Getenv("NOTIFY_SOCKET")
	if socket == "" {
		return ErrNobody
	}
	conn, err := dial(socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	read, write, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	defer read.Close()
	defer context.AfterFunc(ctx, func() { read.SetReadDeadline(time.Unix(1, 0)) })()
	err = hand(conn, write)
	write.Close()
	if err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	why, _ := io.ReadAll(io.LimitReader(read, whyMost)) // it ends when the other side closes its end
	switch {
	case len(why) > 0:
		return fmt.Errorf("%w: %s", ErrRefused, why)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return nil
}

// whyMost is how much of a refusal is read.
const whyMost = 200

// hand sends a barrier with a file, which package net does not do on a socket that is
// connected.
func hand(conn *net.UnixConn, file *os.File) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	rights := syscall.UnixRights(int(file.Fd()))
	failed := raw.Write(func(fd uintptr) bool {
		err = syscall.Sendmsg(int(fd), []byte("BARRIER=1"), rights, nil, 0)
		return err != syscall.EAGAIN
	})
	return errors.Join(failed, err)
}
