package process

import (
	"os"

	"golang.org/x/sys/unix"
)

// Scope says which processes of a run a signal is for.
type Scope uint8

const (
	Main  Scope = iota // its own process
	Group              // its process group
)

// Signal sends a signal, and SIGCONT after it, so that a stopped process can act
// on it. Nobody who has ended meanwhile is mistaken for another: a child's number
// is its own until it is reaped.
func (t *Table[K]) Signal(key K, sig int, to Scope) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.byKey[key]
	switch {
	case c == nil || !c.alive:
	case to == Main:
		kill(c.pid, unix.Signal(sig))
	case to == Group:
		kill(-c.group, unix.Signal(sig))
	}
}

func kill(pid int, sig unix.Signal) {
	unix.Kill(pid, sig)
	if wakes(sig) {
		unix.Kill(pid, unix.SIGCONT)
	}
}

// wakes reports whether whoever gets the signal should not be, or stay, stopped.
func wakes(sig unix.Signal) bool {
	switch sig {
	case 0, unix.SIGKILL, unix.SIGCONT, unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU:
		return false
	}
	return true
}

// signalStray signals the process that s describes, and no later one of its
// number. Before Linux 5.3 there are no pidfds, and the look alone must do.
func (t *Table[K]) signalStray(s stat, sig unix.Signal) {
	if !t.proc.mounted {
		kill(s.pid, sig) // a group: see groupOf
		return
	}
	fd, err := unix.PidfdOpen(s.pid, 0)
	if err == nil {
		defer unix.Close(fd)
	}
	if now, ok := t.proc.stat(s.pid); !ok || now.began != s.began {
		return
	}
	if err != nil {
		kill(s.pid, sig)
		return
	}
	unix.PidfdSendSignal(fd, sig, nil, 0)
	if wakes(sig) {
		unix.PidfdSendSignal(fd, unix.SIGCONT, nil, 0)
	}
}

// EndSession sends SIGKILL to what a run that has ended has left in its session or
// group. It reads /proc only if there may be something.
func (t *Table[K]) EndSession(key K) {
	t.mu.Lock()
	c := t.byKey[key]
	t.mu.Unlock()
	if c == nil || !t.proc.mounted || unix.Kill(-c.group, 0) == unix.ESRCH {
		return
	}
	all := t.census()
	for _, s := range all.all {
		if !s.zombie && ofSession(s, all.bySID, all.live, all.exists) == c {
			t.signalStray(s, unix.SIGKILL)
		}
	}
}

// KillAll sends SIGKILL to everything that is left: as PID 1 to all processes
// but itself, otherwise to all that descend from this one. Who is forking just then
// may get away, so it is to be repeated until Childless.
func (t *Table[K]) KillAll() {
	if os.Getpid() == 1 {
		unix.Kill(-1, unix.SIGKILL)
		return
	}
	for _, s := range t.descendants() {
		t.signalStray(s, unix.SIGKILL)
	}
	t.killTable() // also where there is no /proc
}

// descendants are all live processes below this one.
func (t *Table[K]) descendants() (out []stat) {
	if !t.proc.mounted {
		return nil
	}
	c := t.census()
	for _, s := range c.all {
		if s.pid != c.self && !s.zombie && c.of(s.pid).ours {
			out = append(out, s)
		}
	}
	return out
}

func (t *Table[K]) killTable() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for pid, c := range t.byPID {
		unix.Kill(pid, unix.SIGKILL)
		unix.Kill(-c.group, unix.SIGKILL)
	}
}
