// Package process makes, signals and reaps the processes of services, on Linux.
// It is the only place of bole that forks, and the only one that waits: a second
// one would take the ends of the other's children.
//
// # Who gets which end
//
// A child may be dead before the one who made it knows its number, and the end
// of a number that nobody knows may as well be an orphan's. So a child is counted
// as being made before the fork, and entered in the table after it. While none is
// being made, whatever is not in the table is an orphan, and one wait for any child
// takes them all. While some are, the reaper looks before it takes: what it knows it
// reaps, what it does not know it leaves a zombie, whose number the kernel gives to
// nobody else, until the makers are done. No lock is held across a fork, so a
// program on a disk that hangs keeps neither the reaper nor the other makers waiting.
//
// # Strays
//
// A service's strays are found by its process group and its session, which are
// those of its first process, by BOLE_SERVICE in their environment, and by descent.
// Most services leave none, and that must cost next to nothing at each end. Two
// questions tell: does anyone of the group live, and is there an orphan at all? A
// process that left group and session has, once its parents are dead, an ancestor
// that PID 1 (or the child subreaper) inherited. Linux lists inherited children
// under the first thread of the heir, so bole makes none there, and the list of that
// thread is nearly always empty. Only if it is not, /proc is searched.
package process

import (
	"sync"

	"golang.org/x/sys/unix"
)

// A Table holds the children of this process by keys of the caller's. It is safe
// for concurrent use.
type Table[K comparable] struct {
	mu     sync.Mutex
	making int // forks under way
	byPID  map[int]*child[K]
	byKey  map[K]*child[K] // also those that have ended, until Forget
	owed   bool            // Reap has left an end for when nothing is being made
	again  chan struct{}
	proc   proc
}

type child[K comparable] struct {
	key   K
	pid   int
	mark  string // its service, as in BOLE_SERVICE
	alive bool   // not reaped; afterwards the number may be somebody else's
}

// NewTable returns an empty table. There should be one in a program.
func NewTable[K comparable]() *Table[K] {
	return &Table[K]{
		byPID: map[int]*child[K]{},
		byKey: map[K]*child[K]{},
		again: make(chan struct{}, 1),
		proc:  openProc(),
	}
}

// Forget drops a run that has ended: its strays are no longer told apart.
func (t *Table[K]) Forget(key K) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.byKey[key]; c != nil && !c.alive {
		delete(t.byKey, key)
	}
}

// An Exit is the end of a child.
type Exit[K comparable] struct {
	Key    K
	Known  bool // false: an orphan, Key means nothing
	PID    int
	Code   int   // 0 to 255; 0 when a signal ended it
	Signal int   // the signal that ended it, or 0
	MaxRSS int64 // the most memory that it, or a child of its own, ever had; bytes
	Strays bool  // processes of the same service are still alive
}

// Reap takes in every child that has ended, without waiting. It is to be called
// after each SIGCHLD, and when Again says so.
func (t *Table[K]) Reap() []Exit[K] {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.making == 0 {
		return t.reapAll(-1)
	}
	return t.reapKnown()
}

// Again tells that Reap should be called though no signal comes.
func (t *Table[K]) Again() <-chan struct{} { return t.again }

// reapAll takes in all that wait4 gives for who: -1 is any child, else a pid.
func (t *Table[K]) reapAll(who int) (out []Exit[K]) {
	for {
		var status unix.WaitStatus
		var usage unix.Rusage
		pid, err := unix.Wait4(who, &status, unix.WNOHANG, &usage)
		if err == unix.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return out
		}
		out = append(out, t.ended(pid, status, usage.Maxrss*1024))
	}
}

// reapKnown takes in the ends of those in the table alone. An unknown zombie
// hides the others, so then each is asked for.
func (t *Table[K]) reapKnown() (out []Exit[K]) {
	for pid := peek(); pid != 0; pid = peek() {
		if t.byPID[pid] == nil {
			t.owed = true
			return append(out, t.reapEach()...)
		}
		out = append(out, t.reapAll(pid)...)
	}
	return out
}

func (t *Table[K]) reapEach() (out []Exit[K]) {
	for pid := range t.byPID {
		out = append(out, t.reapAll(pid)...)
	}
	return out
}

func (t *Table[K]) ended(pid int, status unix.WaitStatus, rss int64) Exit[K] {
	x := Exit[K]{PID: pid, MaxRSS: rss}
	if status.Signaled() {
		x.Signal = int(status.Signal())
	} else {
		x.Code = status.ExitStatus()
	}
	if c := t.byPID[pid]; c != nil {
		delete(t.byPID, pid)
		c.alive = false
		x.Key, x.Known = c.key, true
		x.Strays = t.hasStrays(c)
	}
	return x
}
