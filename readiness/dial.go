package readiness

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
)

// TCP asks whether a connection is accepted at an address, such as "127.0.0.1:5432".
func TCP(address string) Check { return connect("tcp", address) }

// Unix asks the same at a stream socket's path; one that begins with @ is abstract.
func Unix(path string) Check { return connect("unix", path) }

// Port says what is wrong with the port of an address: a number, or a name that this
// machine knows.
func Port(text string) error {
	if n, err := net.LookupPort("tcp", text); err != nil || n == 0 || text == "" {
		return fmt.Errorf("a port is a number from 1 to 65535, not %q", text)
	}
	return nil
}

// socketMost is the longest path of a socket that the kernel takes.
const socketMost = 107

// SocketPath says what is wrong with the path of a socket.
func SocketPath(path string) error {
	if len(path) > socketMost {
		return fmt.Errorf("the path of a socket has %d bytes at most, and this one %d", socketMost, len(path))
	}
	return nil
}

func connect(network, address string) Check {
	return func(ctx context.Context) error {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return fmt.Errorf("%s %s: %s", network, address, reason(ctx, err))
		}
		return conn.Close()
	}
}

func dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, address)
}

// reason is what is at the bottom of an error of a connection.
func reason(ctx context.Context, err error) string {
	var errno syscall.Errno
	var dns *net.DNSError
	switch {
	case ctx.Err() != nil, errors.Is(err, os.ErrDeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such socket"
	case errors.As(err, &errno):
		return errno.Error()
	case errors.As(err, &dns):
		return "the name " + dns.Name + " is not known: " + dns.Err
	}
	return err.Error()
}
