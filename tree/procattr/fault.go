package procattr

import (
	"errors"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Fault says which attribute could not be had: the key, its value, and why.
type Fault struct {
	Key, Value string
	Reason     string
	Errno      syscall.Errno // 0: the kernel was not asked
}

func (f *Fault) Error() string { return fmt.Sprintf("%s = %s: %s", f.Key, f.Value, f.Reason) }

// fault makes one of what the kernel said; hint is what EPERM means here.
func fault(key string, value any, err error, hint string) error {
	if err == nil {
		return nil
	}
	f := &Fault{Key: key, Value: fmt.Sprint(value), Reason: err.Error()}
	errors.As(err, &f.Errno)
	switch f.Errno {
	case unix.EPERM, unix.EACCES:
		f.Reason = "not permitted"
		if hint != "" {
			f.Reason += ": " + hint
		}
	case unix.ENOENT:
		f.Reason = "it does not exist"
	case unix.ENOTDIR:
		f.Reason = "it is not a directory"
	}
	return f
}
