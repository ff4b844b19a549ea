package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// SocketVariable names the socket, for bole up and for those who ask it.
const SocketVariable = "BOLE_SOCKET"

// places are where the socket may be, the best first.
func places(uid int) []string {
	var out []string
	if path := os.Getenv(SocketVariable); path != "" {
		return []string{path}
	}
	out = append(out, "/run/"+socketName)
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		out = append(out, filepath.Join(dir, socketName))
	}
	return append(out, filepath.Join(ownDirectory(uid), socketName))
}

const socketName = "bole.sock"

// ownDirectory is a user's own where everybody may write.
func ownDirectory(uid int) string { return ownDirectoryOf(strconv.Itoa(uid)) }

func ownDirectoryOf(uid string) string { return "/tmp/bole-" + uid }

// A Place is where a tree's socket is to be, and who may use it.
type Place struct {
	Path  string // "": the first of the usual ones that can be had
	Mode  fs.FileMode
	Group int // -1: bole's own
}

// Listen makes the socket. One that is left from an earlier life is replaced; one at which
// somebody answers is not. Without any, the error says for each place why.
func Listen(p Place) (*net.UnixListener, error) {
	paths := places(os.Geteuid())
	if p.Path != "" && os.Getenv(SocketVariable) == "" {
		paths = []string{p.Path}
	}
	var errs []error
	for _, path := range paths {
		l, err := p.listen(path)
		if err == nil {
			return l, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

func (p Place) listen(path string) (*net.UnixListener, error) {
	if own := ownDirectory(os.Geteuid()); filepath.Dir(path) == own {
		if err := makeOwn(own); err != nil {
			return nil, err
		}
	}
	l, err := bind(path)
	if errors.Is(err, unix.EADDRINUSE) {
		if err := clearStale(path); err != nil {
			return nil, err
		}
		l, err = bind(path)
	}
	if err != nil {
		return nil, err
	}
	if err := p.allow(path); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// bind makes a socket that is its user's alone: on Linux a socket's file has the mode that
// the socket had.
func bind(path string) (*net.UnixListener, error) {
	own := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) (err error) {
		other := raw.Control(func(fd uintptr) { err = unix.Fchmod(int(fd), 0o600) })
		return errors.Join(err, other)
	}}
	l, err := own.Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, bottom(err))
	}
	return l.(*net.UnixListener), nil
}

// allow lets in whom the definitions name, and nobody before that.
func (p Place) allow(path string) (err error) {
	if p.Group >= 0 {
		err = os.Lchown(path, -1, p.Group)
	}
	if err == nil && p.Mode != 0o600 {
		err = os.Chmod(path, p.Mode)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, bottom(err))
	}
	return nil
}

// makeOwn makes a directory in /tmp, unless somebody else has it already.
func makeOwn(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: %w", dir, bottom(err))
	}
	if !owned(dir, os.Geteuid()) {
		return fmt.Errorf("%s: it is somebody else's, or others may write there", dir)
	}
	return nil
}

// owned reports whether a directory is a user's own, and nobody else's to write in.
func owned(dir string, uid int) bool {
	var st unix.Stat_t
	return unix.Lstat(dir, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR && int(st.Uid) == uid && st.Mode&0o022 == 0
}

// clearStale removes a socket at which nobody listens any more.
func clearStale(path string) error {
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		conn.Close()
		return fmt.Errorf("%s: another bole listens there", path)
	}
	var st unix.Stat_t
	if !errors.Is(err, unix.ECONNREFUSED) || unix.Lstat(path, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return fmt.Errorf("%s: something else is there", path)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("%s: an earlier bole has left it: %w", path, bottom(err))
	}
	return nil
}

// bottom is the error without what package os and net wrap around it.
func bottom(err error) error {
	var errno unix.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}
