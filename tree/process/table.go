package process

import "sync"

// A Table holds the children of this process by keys of the caller's. It is safe
// for concurrent use.
type Table[K comparable] struct {
	mu      sync.Mutex
	making  int               // forks under way
	made    uint64            // children so far
	byPID   map[int]*child[K] // those not reaped
	byKey   map[K]*child[K]   // also those that have ended, until Forget
	bySID   map[int]*child[K] // the same, by session
	orphans map[int]string    // known marks of inherited children, "" if they have none
	owed    bool              // Reap has left an end for when less is being made
	again   chan struct{}
	proc    proc
}

// A child changes in its last two fields alone, under the table's lock.
type child[K comparable] struct {
	key       K
	pid       int // also of its session, unless it was adopted
	group     int
	mark      string
	uid       int    // as whom it was started
	number    uint64 // the order in which children were made
	alive     bool   // not reaped; afterwards the pid may be somebody else's
	forgotten bool
}

// NewTable returns an empty table. There should be one in a program.
func NewTable[K comparable]() *Table[K] {
	return &Table[K]{
		byPID:   map[int]*child[K]{},
		byKey:   map[K]*child[K]{},
		bySID:   map[int]*child[K]{},
		orphans: map[int]string{},
		again:   make(chan struct{}, 1),
		proc:    openProc(),
	}
}

// enter adds a child that is there. The caller holds the lock.
func (t *Table[K]) enter(key K, pid int, mark string, uid int) {
	t.made++
	c := &child[K]{key: key, pid: pid, group: pid, mark: mark, uid: uid, number: t.made, alive: true}
	t.byPID[pid], t.byKey[key], t.bySID[pid] = c, c, c
}

// Forget drops a run that has ended, or will: its strays are no longer told apart
// by their session.
func (t *Table[K]) Forget(key K) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.byKey[key]; c != nil {
		c.forgotten = true
		t.drop(c)
	}
}

// drop drops a child that is both reaped and forgotten.
func (t *Table[K]) drop(c *child[K]) {
	if c.alive || !c.forgotten {
		return
	}
	if t.byKey[c.key] == c {
		delete(t.byKey, c.key)
	}
	if t.bySID[c.pid] == c {
		delete(t.bySID, c.pid)
	}
}
