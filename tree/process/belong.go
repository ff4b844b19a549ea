package process

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Belongs reports whether a process is of a run that lives, or has just ended: its own,
// one of its session or group, one below it, or an orphan that has the service's name. Of
// one that ends just then, or has ended, nothing is left but whose it was: see Akin.
// Without /proc the session and the group are all that is known of it while it lives.
func (t *Table[K]) Belongs(key K, pid, uid int) bool {
	c := t.run(key)
	if c == nil || pid <= 0 { // 0 is one of another PID namespace
		return false
	}
	near, gone := c.near(pid)
	switch {
	case near:
		return true
	case gone || !t.proc.mounted:
		return gone && c.akin(pid, uid)
	}
	for range looksUp {
		if is, sure := t.below(c, pid); sure {
			return is
		}
	}
	return c.akin(pid, uid)
}

// Akin reports whether a process is the run's own, or that of a user who could do anything
// to it. It costs next to nothing.
func (t *Table[K]) Akin(key K, pid, uid int) bool {
	c := t.run(key)
	return c != nil && c.akin(pid, uid)
}

// run is the child of a run that is not forgotten, or nil.
func (t *Table[K]) run(key K) *child[K] {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.byKey[key]
}

// akin takes the user as whom it was started, or whom it has become since.
func (c *child[K]) akin(pid, uid int) bool {
	if pid == c.pid || uid == 0 || uid == os.Geteuid() || uid == c.uid {
		return true
	}
	var st unix.Stat_t
	return unix.Stat("/proc/"+strconv.Itoa(c.pid), &st) == nil && int(st.Uid) == uid
}

// near reports whether a process is the run's own or in its session or group. gone: there
// is no such process any more.
func (c *child[K]) near(pid int) (near, gone bool) {
	session, err := unix.Getsid(pid)
	group, _ := unix.Getpgid(pid)
	return pid == c.pid || session == c.pid || group == c.group, err == unix.ESRCH
}

// looksUp is how often it is tried to go up from a process while those above it end.
const looksUp = 3

// deepest is how far up is looked: a circle would be a fault of /proc.
const deepest = 1000

// below goes up from a process until it knows. It is not sure if one on the way has
// ended, or has lost its environment because it ends.
func (t *Table[K]) below(c *child[K], pid int) (is, sure bool) {
	for range deepest {
		s, ok := t.proc.stat(pid)
		switch {
		case !ok:
			return false, false
		case pid == c.pid, s.session == c.pid, s.group == c.group:
			return true, true
		case s.parent == os.Getpid():
			return t.named(c, pid)
		case s.parent == 0: // the first process, or one of outside this PID namespace
			return false, true
		}
		pid = s.parent
	}
	return false, true
}

// named reports whether an orphan has the name of the run's service.
func (t *Table[K]) named(c *child[K], pid int) (is, sure bool) {
	mark, certain := t.proc.mark(pid)
	if certain {
		return mark == c.mark, true
	}
	s, ok := t.proc.stat(pid)
	return false, ok && !s.ending
}
