package supervise

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"bole/tree"
)

// stdin is a service's standard input. Nobody waits here: a FIFO is opened for both
// reading and writing, so that it is there before anybody writes, and does not end
// when one who wrote has ended.
func (s *spawner) stdin(svc *tree.Service) (*os.File, error) {
	switch svc.Stdin {
	case "":
		return s.null, nil
	case tree.Inherit:
		return os.Stdin, nil
	}
	const quick = unix.O_NONBLOCK | unix.O_NOCTTY
	in, err := os.OpenFile(svc.Stdin, os.O_RDONLY|quick, 0)
	if err == nil && isFIFO(in) {
		in.Close()
		in, err = os.OpenFile(svc.Stdin, os.O_RDWR|quick, 0)
	}
	if err != nil {
		return nil, fmt.Errorf("stdin = %s: %w", svc.Stdin, reason(err))
	}
	return in, unix.SetNonblock(int(in.Fd()), false) // only the open was not to wait
}

func isFIFO(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}

// reason is what the kernel said, without what was asked of it.
func reason(err error) error {
	if errno := unix.Errno(0); errors.As(err, &errno) {
		return errno
	}
	for path := (*os.PathError)(nil); errors.As(err, &path); {
		err = path.Err
	}
	return err
}
