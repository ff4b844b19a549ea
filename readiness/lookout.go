package readiness

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// A lookout notices at once when something happens to a file, by inotify(7). It may also
// notice nothing: no instance is left, the file system is another machine's, the directory
// becomes a mount point. So it only ever makes a wait shorter.
type lookout struct {
	path  string   // "": there is nothing to look out for
	file  *os.File // the inotify instance; nil: there is none
	fd    int      // the same: File.Fd would make it block
	spots []spot
	steps int // those left
}

// A spot is a directory in which a name may appear, or, without a name, the file itself.
type spot struct {
	watch int
	name  string
}

// instances are those in use. A user has 128, a container's root often shares them with
// the whole machine, and the services want some too. Whoever gets none polls.
var instances = make(chan struct{}, 16)

// What is watched for: new entries of a directory, and what makes an old file a new one.
// IN_MODIFY for a directory would tell of every line in a log.
const (
	ofDirectory = unix.IN_CREATE | unix.IN_MOVED_TO
	ofFile      = unix.IN_MODIFY | unix.IN_ATTRIB
)

// steps is how many directories and symbolic links are gone through for one path.
const steps = 100

// place sets the watches anew, as directories and links come and go. It is to be called
// before each look at the file, so that nothing can happen between the two unnoticed.
func (l *lookout) place() {
	l.spots = l.spots[:0]
	if l.path == "" || !l.open() {
		return
	}
	l.steps = steps
	l.reach(l.path)
	l.add(l.path, "", ofFile)
}

func (l *lookout) open() bool {
	if l.file != nil {
		return true
	}
	select {
	case instances <- struct{}{}:
	default:
		return false
	}
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		<-instances
		return false
	}
	l.fd, l.file = fd, os.NewFile(uintptr(fd), "inotify")
	return true
}

// close takes the kernel some milliseconds.
func (l *lookout) close() {
	if l.file != nil {
		l.file.Close()
		l.file, l.spots = nil, nil
		<-instances
	}
}

// reach watches each directory on a path for what is to be there next, from the top, so
// that none can be made between two looks at it; and so the path that a link leads to.
func (l *lookout) reach(path string) {
	dir, name := filepath.Dir(path), filepath.Base(path)
	if dir == path || l.steps == 0 {
		return
	}
	l.steps--
	l.reach(dir)
	l.add(dir, name, ofDirectory)
	if to, err := os.Readlink(path); err == nil {
		if !filepath.IsAbs(to) {
			to = filepath.Join(dir, to)
		}
		l.reach(to)
	}
}

// add watches a file or directory, if there is one and it may be read. It may be here
// by another name already.
func (l *lookout) add(path, name string, mask uint32) {
	if watch, err := unix.InotifyAddWatch(l.fd, path, mask|unix.IN_MASK_ADD); err == nil {
		l.spots = append(l.spots, spot{watch, name})
	}
}

// wait waits until something happens, a time is over, or the context ends; the error is
// the context's.
func (l *lookout) wait(ctx context.Context, d time.Duration) error {
	file := l.file
	if len(l.spots) == 0 || file.SetReadDeadline(time.Now().Add(d)) != nil {
		return sleep(ctx, d)
	}
	stop := context.AfterFunc(ctx, func() { file.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	for buf := make([]byte, 4096); ; {
		n, err := file.Read(buf)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded), err == nil && l.concern(buf[:n]):
			return ctx.Err()
		case err != nil: // never seen; but not to go round and round
			return sleep(ctx, d)
		}
	}
}

// concern reports whether one of the events is of a spot.
func (l *lookout) concern(events []byte) bool {
	for len(events) >= unix.SizeofInotifyEvent {
		watch := int(int32(binary.NativeEndian.Uint32(events)))
		size := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(events[12:]))
		name := string(bytes.TrimRight(events[unix.SizeofInotifyEvent:size], "\x00"))
		for _, s := range l.spots {
			if s.watch == watch && (name == "" || name == s.name) {
				return true
			}
		}
		events = events[size:]
	}
	return false
}
