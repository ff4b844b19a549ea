package process

import (
	"os"
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

// Suspended reports whether the process of a run has been stopped by its terminal since
// this was last asked: by Ctrl-Z, or because it is not in front.
func (t *Table[K]) Suspended(key K) (ctrlZ, behind bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.byKey[key]
	if c == nil || !c.alive {
		return false, false
	}
	var info unix.Siginfo
	err := unix.Waitid(unix.P_PID, c.pid, &info, unix.WSTOPPED|unix.WNOHANG, nil)
	if err != nil || siginfo(&info, siginfoPID) != c.pid {
		return false, false
	}
	sig := unix.Signal(siginfo(&info, siginfoStatus))
	return sig == unix.SIGTSTP, sig == unix.SIGTTIN || sig == unix.SIGTTOU
}

// Suspend stops this process and its group, as Ctrl-Z would, and returns when somebody
// has it go on: at once if there is no shell above that could. The group's signal would
// reach another thread, some time later; so this thread is sent its own.
func Suspend() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var old disposition // what os/signal has ignored once it does not make default again
	sigaction(unix.SIGTSTP, &disposition{handler: sigIgn}, &old)
	unix.Kill(0, unix.SIGTSTP)
	sigaction(unix.SIGTSTP, &old, nil)
	unix.Tgkill(os.Getpid(), unix.Gettid(), unix.SIGTSTP)
}

// Resume has the process of a run, which had the terminal and was suspended, go on, and
// gives it the terminal if this process has that. It reports whether the process is in
// front then.
func (t *Table[K]) Resume(key K) (front bool) {
	t.mu.Lock()
	c := t.byKey[key]
	t.mu.Unlock()
	if c == nil {
		return true
	}
	group, err := unix.IoctlGetInt(0, unix.TIOCGPGRP)
	front = err != nil || group == c.group || group == unix.Getpgrp()
	if front && group != c.group {
		ForegroundGroup(c.group)
	}
	t.Signal(key, int(unix.SIGCONT), Group)
	return front
}
