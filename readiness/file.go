package readiness

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// File asks whether there is a file that was made, or written, after this call: what
// an earlier life has left does not count.
func File(path string) Check {
	stale, _ := look(path)
	return func(context.Context) error {
		now, err := look(path)
		switch {
		case err == nil && now != stale:
			return nil
		case err == nil:
			return fmt.Errorf("file %s: it is from before the start", path)
		}
		return fmt.Errorf("file %s: %s", path, why(err))
	}
}

// A version is what changes when a file is made anew.
type version struct {
	device, inode uint64
	written       time.Time
}

func look(path string) (v version, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return v, err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		v.device, v.inode = uint64(st.Dev), st.Ino
	}
	v.written = info.ModTime()
	return v, nil
}

func why(err error) string {
	if os.IsNotExist(err) {
		return "it is not there yet"
	}
	if e, ok := err.(*fs.PathError); ok {
		return e.Err.Error()
	}
	return err.Error()
}
