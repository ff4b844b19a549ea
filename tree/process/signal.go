package process

import (
	"os"

	"golang.org/x/sys/unix"
)

// Scope says which processes of a run a signal is for.
type Scope uint8

const (
	Main   Scope = iota // its own process
	Group               // its process group
	Strays              // what its service has left behind; see Table.Strays
	All                 // everything of the service
)

// Signal sends a signal, and SIGCONT after it, so that a stopped process can act
// on it. Nobody who has ended meanwhile is mistaken for another: a child's number
// is its own until it is reaped, and strays are held by a pidfd when they are
// looked at once more.
func (t *Table[K]) Signal(key K, sig int, to Scope) {
	if to != Strays {
		t.signalChild(key, unix.Signal(sig), to)
	}
	if to != Strays && to != All {
		return
	}
	for _, s := range t.strays(key) {
		t.signalStray(s, unix.Signal(sig))
	}
}

func (t *Table[K]) signalChild(key K, sig unix.Signal, to Scope) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.byKey[key]
	if c == nil || !c.alive {
		return
	}
	pid := c.pid
	if to != Main {
		pid = -pid
	}
	unix.Kill(pid, sig)
	if sig != unix.SIGKILL {
		unix.Kill(pid, unix.SIGCONT)
	}
}

// signalStray signals the process that s describes, and no later one of its
// number. Before Linux 5.3 there are no pidfds, and the look alone must do.
func (t *Table[K]) signalStray(s stat, sig unix.Signal) {
	fd, err := unix.PidfdOpen(s.pid, 0)
	if err == nil {
		defer unix.Close(fd)
	}
	if now, ok := t.proc.stat(s.pid); !ok || now.began != s.began {
		return
	}
	send := func(sig unix.Signal) { unix.PidfdSendSignal(fd, sig, nil, 0) }
	if err != nil {
		send = func(sig unix.Signal) { unix.Kill(s.pid, sig) }
	}
	send(sig)
	if sig != unix.SIGKILL {
		send(unix.SIGCONT)
	}
}

// KillAll sends SIGKILL to everything that is left: as PID 1 to all processes
// but itself, otherwise to all that descend from this one.
func (t *Table[K]) KillAll() {
	if os.Getpid() == 1 {
		unix.Kill(-1, unix.SIGKILL)
		return
	}
	all := t.proc.all()
	ours := t.descendants(all)
	for _, s := range all {
		if ours[s.pid] {
			t.signalStray(s, unix.SIGKILL)
		}
	}
	t.killTable() // also where there is no /proc
}

func (t *Table[K]) killTable() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for pid := range t.byPID {
		unix.Kill(-pid, unix.SIGKILL)
	}
}

// Childless reports whether this process has no children, not even a zombie.
func (t *Table[K]) Childless() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	var info unix.Siginfo
	return unix.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil) == unix.ECHILD
}
