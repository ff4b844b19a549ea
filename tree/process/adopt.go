package process

import (
	"errors"
	"fmt"

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
	t.enter(key, pid, first.mark, first.uid)
	t.byPID[pid].group = group
	return nil
}

// isChild reports whether a process lives and is a child of this one.
func isChild(pid int) bool {
	var info unix.Siginfo
	return unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil) == nil
}
