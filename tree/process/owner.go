package process

import (
	"maps"
	"os"
	"slices"
)

// An owner says to whom a process belongs.
type owner[K comparable] struct {
	ours bool      // it descends from this process
	run  *child[K] // the run that lives and has it, or nil
	mark string    // its service, or ""
}

// A census tells the owners of all processes that there were at one moment.
type census[K comparable] struct {
	proc    proc
	self    int
	all     []stat
	procs   map[int]stat
	live    map[int]*child[K] // by pid
	bySID   map[int]*child[K] // also runs that have ended
	first   map[string]*child[K]
	known   map[int]owner[K]
	orphans map[int]bool
	blind   bool // there is no list of orphans, and a fork is under way
}

// census reads all of /proc, without holding the lock meanwhile. What the table
// has is asked for afterwards, so that no child that was seen is unknown, except for
// those being made: they are not in the list of orphans.
func (t *Table[K]) census() *census[K] {
	all := t.proc.all()
	t.mu.Lock()
	c := &census[K]{proc: t.proc, self: os.Getpid(), all: all, live: maps.Clone(t.byPID), bySID: maps.Clone(t.bySID)}
	orphans, ok := t.inherited()
	c.blind = !ok && t.making > 0
	t.mu.Unlock()
	if ok {
		c.orphans = make(map[int]bool, len(orphans))
	}
	for _, pid := range orphans {
		c.orphans[pid] = true
	}
	return c.prepare()
}

func (c *census[K]) prepare() *census[K] {
	c.procs, c.known = make(map[int]stat, len(c.all)), make(map[int]owner[K], len(c.all))
	for _, s := range c.all {
		c.procs[s.pid] = s
	}
	c.first = map[string]*child[K]{}
	for _, run := range c.live {
		if first := c.first[run.mark]; first == nil || run.number < first.number {
			c.first[run.mark] = run
		}
	}
	return c
}

// isStray reports whether a process with owner o is one of the run's strays. What
// no living run has in its session is of the service's first run that lives, or
// of those that have ended.
func (c *census[K]) isStray(run *child[K], o owner[K]) bool {
	switch {
	case o.run != nil:
		return o.run == run
	case o.mark == "" || o.mark != run.mark:
		return false
	}
	first := c.first[run.mark]
	return first == nil || first == run
}

// of goes up from a process to the first ancestor whose owner is known, and down
// again.
func (c *census[K]) of(pid int) owner[K] {
	var path []stat
	var o owner[K]
	for ; len(path) <= len(c.procs); pid = path[len(path)-1].parent {
		if pid == c.self {
			o.ours = true
			break
		}
		if known, ok := c.known[pid]; ok {
			o = known
			break
		}
		if s, ok := c.procs[pid]; ok {
			path = append(path, s)
		} else if !c.moved(path) {
			break // of another PID namespace
		}
	}
	for _, s := range slices.Backward(path) {
		o = c.below(o, s)
		c.known[s.pid] = o
	}
	return o
}

// moved looks once more at the last process of a path, whose parent seems to have
// died while /proc was read.
func (c *census[K]) moved(path []stat) bool {
	if len(path) == 0 {
		return false
	}
	last := &path[len(path)-1]
	now, ok := c.proc.stat(last.pid)
	if !ok || now.parent == last.parent {
		return false
	}
	*last = now
	return true
}

// below is the owner of a process whose parent's owner is o: the same, if that
// is a run or a service.
func (c *census[K]) below(o owner[K], s stat) owner[K] {
	if run := c.live[s.pid]; run != nil {
		return owner[K]{true, run, run.mark}
	}
	if !o.ours || o.mark != "" || s.zombie {
		return o
	}
	if s.parent == c.self && !c.inherited(s.pid) {
		o.mark = c.absent(s.pid)
		return o
	}
	if run := ofSession(s, c.bySID, c.live, c.exists); run != nil {
		return owner[K]{true, c.live[run.pid], run.mark}
	}
	o.mark, _ = c.proc.mark(s.pid)
	return o
}

// absent is the mark of a child that is not in the table, and no orphan either. It
// was reaped while /proc was read, and may have left children, or is being made.
func (c *census[K]) absent(pid int) string {
	if run := c.bySID[pid]; run != nil {
		return run.mark
	}
	if now, ok := c.proc.stat(pid); ok && !now.zombie {
		return anybody
	}
	return ""
}

func (c *census[K]) inherited(pid int) bool {
	if c.orphans == nil {
		return !c.blind
	}
	return c.orphans[pid]
}

func (c *census[K]) exists(pid int) bool { _, ok := c.procs[pid]; return ok }

// ofSession is the run in whose session or group a process is. When the run has
// ended and yet there is a process of its number, that one has it anew: the kernel
// gives no number away that is a session's or a group's.
func ofSession[K comparable](s stat, bySID, live map[int]*child[K], exists func(int) bool) *child[K] {
	for _, id := range []int{s.session, s.group} {
		if run := bySID[id]; run != nil && (live[id] == run || !exists(id)) {
			return run
		}
	}
	return nil
}
