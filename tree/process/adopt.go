package process

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Adopt makes an orphan that this process has inherited the process of a run, whose
// own one has ended: a daemon that has forked itself into the background. Its end is
// then the run's. The error says why it cannot be: it is no child of this process (it
// is gone, somebody else's, or its parent still lives), or belongs to another service.
// Of one that has left its session and written a title over its environment, as nginx
// does, nobody can tell whose it is: nameless says that the caller knows.
func (t *Table[K]) Adopt(key K, pid int, nameless bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	first := t.byKey[key]
	switch {
	case first == nil || first.alive:
		return errors.New("the process that was started is still there")
	case t.byPID[pid] != nil:
		return fmt.Errorf("process %d is another service's", pid)
	case !isChild(pid):
		return fmt.Errorf("process %d is not one that bole has inherited", pid)
	}
	if mark := t.orphanMark(pid); t.proc.mounted && mark != first.mark && (mark != "" || !nameless) {
		return fmt.Errorf("process %d is not one of %s", pid, first.mark)
	}
	group, err := unix.Getpgid(pid)
	if err != nil || group == unix.Getpgrp() {
		return fmt.Errorf("process %d has ended", pid)
	}
	delete(t.orphans, pid)
	t.enter(key, pid, first.mark)
	t.byPID[pid].group = group
	return nil
}

// Belongs reports whether a process is of a run that lives: its own, one below it, one
// of its session or group, or an orphan that has the service's name. Of one that has
// ended meanwhile nothing is left but whose it was: that of a user who could do anything
// to the run's own process counts as one of it.
func (t *Table[K]) Belongs(key K, pid, uid int) bool {
	t.mu.Lock()
	c := t.byKey[key]
	alive := c != nil && c.alive
	t.mu.Unlock()
	if !alive || !t.proc.mounted {
		return alive && pid == c.pid
	}
	if _, ok := t.proc.stat(pid); !ok && pid > 0 {
		var st unix.Stat_t
		return unix.Stat("/proc/"+strconv.Itoa(c.pid), &st) == nil && int(st.Uid) == uid
	}
	return t.below(c, pid)
}

// below goes up from a process until it knows.
func (t *Table[K]) below(c *child[K], pid int) bool {
	for range deepest {
		s, ok := t.proc.stat(pid)
		switch {
		case !ok:
			return false
		case pid == c.pid, s.session == c.pid, s.group == c.group:
			return true
		case s.parent == os.Getpid():
			mark, _ := t.proc.mark(pid)
			return mark == c.mark
		}
		pid = s.parent
	}
	return false
}

// deepest is how far up is looked: a circle would be a fault of /proc.
const deepest = 1000

// isChild reports whether a process lives and is a child of this one.
func isChild(pid int) bool {
	var info unix.Siginfo
	return unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil) == nil
}
