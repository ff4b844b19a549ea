package process

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// IsTerminal reports whether an open file is a terminal.
func IsTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}

// takeTerminal makes this process one that has the terminal that is its standard
// input: in a process group of its own, in the foreground, so that a shell can do its
// job control and Ctrl-C is meant for it. Where the session has no controlling
// terminal, as when bole itself was given none, it begins a session that has.
func takeTerminal() {
	if _, err := unix.IoctlGetInt(0, unix.TIOCGPGRP); err == nil {
		unix.Setpgid(0, 0)
		ForegroundGroup(unix.Getpid())
		return
	}
	unix.Setsid()
	unix.IoctlSetInt(0, unix.TIOCSCTTY, 0)
}

// ForegroundGroup gives the terminal that is standard input to a process group. Who
// asks for that from the background would be stopped by SIGTTOU, if that is not
// blocked.
func ForegroundGroup(group int) {
	var ttou, old unix.Sigset_t
	const bits = 8 * int(unsafe.Sizeof(ttou.Val[0]))
	ttou.Val[(int(unix.SIGTTOU)-1)/bits] |= 1 << ((int(unix.SIGTTOU) - 1) % bits)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if unix.PthreadSigmask(unix.SIG_BLOCK, &ttou, &old) != nil {
		return
	}
	defer unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil)
	unix.IoctlSetPointerInt(0, unix.TIOCSPGRP, group)
}
