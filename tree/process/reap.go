package process

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// An Exit is the end of a child.
type Exit[K comparable] struct {
	Key    K
	Known  bool // false: an orphan, Key means nothing
	PID    int
	Code   int   // 0 to 255; 0 when a signal ended it
	Signal int   // the signal that ended it, or 0
	Core   bool  // it left a core dump
	MaxRSS int64 // the most memory that it, or a child of its own, ever had; bytes
	Strays bool  // processes of the same service are still alive
}

// batch is how many ends are taken at most before others may have the lock.
const batch = 256

// Reap takes in every child that has ended, without waiting. It is to be called
// after each SIGCHLD, and when Again says so.
func (t *Table[K]) Reap() []Exit[K] {
	var out []Exit[K]
	for more := true; more; {
		out, more = t.reapSome(out)
	}
	t.lookForStrays(out)
	return out
}

// Again tells that Reap should be called though no signal comes.
func (t *Table[K]) Again() <-chan struct{} { return t.again }

func (t *Table[K]) reapSome(out []Exit[K]) (_ []Exit[K], more bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.making > 0 {
		return t.reapKnown(out), false
	}
	for range batch {
		var ok bool
		if out, ok = t.take(-1, out); !ok {
			return out, false
		}
	}
	return out, true
}

// reapKnown takes the ends of those in the table alone. A zombie that is not
// hides the others, so then each is asked for.
func (t *Table[K]) reapKnown(out []Exit[K]) []Exit[K] {
	for pid := peek(); pid != 0; pid = peek() {
		if t.byPID[pid] == nil {
			t.owed = true
			return t.reapEach(out)
		}
		out, _ = t.take(pid, out)
	}
	return out
}

func (t *Table[K]) reapEach(out []Exit[K]) []Exit[K] {
	for pid := range t.byPID {
		out, _ = t.take(pid, out)
	}
	orphans, _ := t.inherited()
	for _, pid := range orphans {
		out, _ = t.take(pid, out)
	}
	return out
}

// take takes one end that wait4 gives for who: -1 is any child, else a pid.
func (t *Table[K]) take(who int, out []Exit[K]) (_ []Exit[K], ok bool) {
	var status unix.WaitStatus
	var usage unix.Rusage
	pid, err := unix.Wait4(who, &status, unix.WNOHANG, &usage)
	for err == unix.EINTR {
		pid, err = unix.Wait4(who, &status, unix.WNOHANG, &usage)
	}
	if err != nil || pid <= 0 {
		return out, false
	}
	x := Exit[K]{PID: pid, MaxRSS: int64(usage.Maxrss) * 1024}
	if status.Signaled() {
		x.Signal, x.Core = int(status.Signal()), status.CoreDump()
	} else {
		x.Code = status.ExitStatus()
	}
	t.leave(&x)
	return append(out, x), true
}

// leave takes whom x is about out of the table.
func (t *Table[K]) leave(x *Exit[K]) {
	delete(t.orphans, x.PID)
	c := t.byPID[x.PID]
	if c == nil {
		return
	}
	delete(t.byPID, x.PID)
	c.alive = false
	x.Key, x.Known = c.key, true
	t.drop(c)
}

// Childless reports whether this process has no children, not even a zombie.
func (t *Table[K]) Childless() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	var info unix.Siginfo
	return unix.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil) == unix.ECHILD
}

// peek returns a child that has ended, and leaves it a zombie; 0 is none.
func peek() int {
	var info unix.Siginfo
	for {
		err := unix.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
		if err == nil {
			return siginfo(&info, siginfoPID)
		}
		if err != unix.EINTR {
			return 0
		}
	}
}

// siginfoPID is where the kernel's siginfo_t holds si_pid: after three ints, and
// what aligns a pointer (include/uapi/asm-generic/siginfo.h). si_uid and si_status
// follow.
const (
	siginfoPID    = (3*4 + unsafe.Sizeof(uintptr(0)) - 1) &^ (unsafe.Sizeof(uintptr(0)) - 1)
	siginfoStatus = siginfoPID + 2*4
)

func siginfo(info *unix.Siginfo, field uintptr) int {
	return int(*(*int32)(unsafe.Add(unsafe.Pointer(info), field)))
}
