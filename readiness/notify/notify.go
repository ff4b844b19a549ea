// Package notify tells the supervisor of this process how it is doing: that it is ready,
// that it is stopping, that it is alive. It speaks to bole, to systemd, and to s6.
//
//	listener, err := net.Listen("tcp", ":8080")
//	...
//	notify.Ready() // those that require this service start now
//	go notify.Watchdog(ctx, nil)
//	server.Serve(listener)
//
// There are two protocols. Both are found in the environment, and where there is neither,
// nobody listens: every function then does nothing, and returns nil, so that a program
// can call them wherever it runs.
//
//   - NOTIFY_SOCKET names a datagram socket that takes lines such as READY=1: sd_notify(3)
//     of systemd; in bole, ready = { notify = true }.
//   - NOTIFY_FD is the number of an inherited pipe that takes a newline when the process is
//     ready, and nothing else: the notification fd of s6
//     (skarnet.org/software/s6/notifywhenup.html); in bole, ready = { fd = 3 }. s6 itself
//     does not set the variable: let the run script do so.
//
// The functions may be called from several goroutines at the same time.
package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrNobody is what Barrier returns when nobody can answer.
var ErrNobody = errors.New("notify: NOTIFY_SOCKET is not set: nobody listens")

// ErrRefused is what Barrier returns, with the reason, when the supervisor takes nothing
// from this process.
var ErrRefused = errors.New("notify: it was not taken")

// Listening reports whether anybody can be told: more than readiness, if lines can be sent.
func Listening() (ready, lines bool) {
	lines = os.Getenv("NOTIFY_SOCKET") != ""
	return lines || pipe.open(), lines
}

// Ready tells that this process can serve. The pipe of NOTIFY_FD is closed with it. After
// Reloading it tells that the reload is over.
func Ready() error { return errors.Join(Send("READY=1"), pipe.ready()) }

// Stopping tells that this process has begun to end.
func Stopping() error { return Send("STOPPING=1") }

// Reloading tells that this process reads its configuration again. Ready is to follow.
func Reloading() error {
	lines := []string{"RELOADING=1"}
	if usec := monotonic(); usec > 0 {
		lines = append(lines, fmt.Sprint("MONOTONIC_USEC=", usec))
	}
	return Send(lines...)
}

// Status tells in one line, for people, what this process is doing.
func Status(format string, args ...any) error {
	return Send("STATUS=" + strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " "))
}

// WatchdogInterval is how often the supervisor wants a sign of life from this process at
// least, by WATCHDOG_USEC; 0 if it wants none.
func WatchdogInterval() time.Duration {
	usec, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	if err != nil || usec <= 0 || usec > int64(1<<63-1)/1000 {
		return 0
	}
	if pid := os.Getenv("WATCHDOG_PID"); pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return 0 // it is another's
	}
	return time.Duration(usec) * time.Microsecond
}

// Watchdog gives signs of life, twice in each WatchdogInterval, until the context ends; if
// none is wanted it returns at once. Before each sign it asks well, which nil stands in for
// yes: as long as the answer is no, or has not come, no sign is given, and the supervisor
// ends this process when the interval is over. The error is that of a sign that could not
// be given.
func Watchdog(ctx context.Context, well func() bool) error {
	interval := WatchdogInterval()
	if interval == 0 {
		return nil
	}
	ticker := time.NewTicker(max(interval/2, time.Millisecond))
	defer ticker.Stop()
	var last error
	for {
		if well == nil || well() {
			if err := Send("WATCHDOG=1"); err != nil {
				last = err // the next one may be heard
			}
		}
		select {
		case <-ctx.Done():
			return last
		case <-ticker.C:
		}
	}
}

// Send sends lines such as "EXTEND_TIMEOUT_USEC=5000000" as they are, in one datagram; see
// sd_notify(3) for what there is.
func Send(lines ...string) error {
	socket := os.Getenv("NOTIFY_SOCKET")
	if socket == "" {
		return nil
	}
	conn, err := dial(socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(strings.Join(lines, "\n"))); err != nil {
		return fmt.Errorf("notify: it cannot be sent to %s: %w", socket, reason(err))
	}
	return nil
}

// reason is what is at the bottom of an error, in the words of the system.
func reason(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}

func dial(socket string) (*net.UnixConn, error) {
	if socket[0] != '@' && socket[0] != '/' {
		return nil, fmt.Errorf("notify: NOTIFY_SOCKET is %q, neither a path nor an abstract name", socket)
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return nil, fmt.Errorf("notify: nobody can be reached at %s, which NOTIFY_SOCKET names: %w", socket, reason(err))
	}
	return conn, nil
}
