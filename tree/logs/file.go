package logs

import "golang.org/x/sys/unix"

// A file is one that bole inherited. It is written to by the system call itself:
// Go's own files end the program when standard output has no reader any more.
type file struct {
	fd   int
	gone bool // nobody reads it any more, or it cannot be written: drop everything
}

// write writes all, waiting as long as that takes. The flags of an inherited file
// are its other users' too, so a non-blocking one stays so, and is waited for.
func (f *file) write(text []byte) {
	for len(text) > 0 && !f.gone {
		n, err := unix.Write(f.fd, text)
		switch err {
		case nil:
			text = text[n:]
		case unix.EINTR:
		case unix.EAGAIN:
			unix.Poll([]unix.PollFd{{Fd: int32(f.fd), Events: unix.POLLOUT}}, -1)
		case unix.ENOSPC, unix.EDQUOT: // a full disk may have room again, and no line is to be lost
			unix.Poll(nil, 200)
		default:
			f.gone = true
		}
	}
}
