package process

import (
	"os"

	"golang.org/x/sys/unix"
)

// hasStrays reports whether a child that was just reaped has left anyone behind.
// The caller holds the lock.
func (t *Table[K]) hasStrays(c *child[K]) bool {
	if unix.Kill(-c.pid, 0) == unix.ESRCH && !t.hasOrphans() {
		return false
	}
	return len(t.find(c)) > 0
}

// hasOrphans reports whether this process has children that it did not make, or
// cannot tell.
func (t *Table[K]) hasOrphans() bool {
	pids, ok := t.proc.children()
	for _, pid := range pids {
		if t.byPID[pid] == nil {
			return true
		}
	}
	return !ok
}

// Strays finds the live processes of a run's service, but for the services' own
// first ones. It reads /proc, which takes a while where there are many processes.
func (t *Table[K]) Strays(key K) []int {
	var pids []int
	for _, s := range t.strays(key) {
		pids = append(pids, s.pid)
	}
	return pids
}

func (t *Table[K]) strays(key K) []stat {
	t.mu.Lock()
	c := t.byKey[key]
	t.mu.Unlock()
	if c == nil {
		return nil
	}
	return t.findUnlocked(c)
}

// findUnlocked is find for those who do not hold the lock, so that nobody waits
// for a long look through /proc.
func (t *Table[K]) findUnlocked(c *child[K]) []stat {
	all := t.proc.all()
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.pick(c, all)
}

func (t *Table[K]) find(c *child[K]) []stat { return t.pick(c, t.proc.all()) }

// pick picks a service's strays from all processes: of its group, of its session,
// with its mark, and whatever descends from those.
func (t *Table[K]) pick(c *child[K], all []stat) (out []stat) {
	ours := t.descendants(all)
	strays := map[int]bool{}
	for _, s := range all {
		if !ours[s.pid] || t.byPID[s.pid] != nil {
			continue
		}
		leader := t.byPID[s.session] // a live service's session is that service's
		if s.group == c.pid || s.session == c.pid || (leader == nil || leader == c) && t.proc.marked(s.pid, c.mark) {
			strays[s.pid] = true
		}
	}
	for grown := true; grown; {
		grown = false
		for _, s := range all {
			if strays[s.parent] && !strays[s.pid] && t.byPID[s.pid] == nil {
				strays[s.pid], grown = true, true
			}
		}
	}
	for _, s := range all {
		if strays[s.pid] {
			out = append(out, s)
		}
	}
	return out
}

// descendants returns the processes that descend from this one: for PID 1 that
// is everybody whom it could have started.
func (t *Table[K]) descendants(all []stat) map[int]bool {
	parent := make(map[int]int, len(all))
	for _, s := range all {
		parent[s.pid] = s.parent
	}
	self, ours := os.Getpid(), make(map[int]bool, len(all))
	for _, s := range all {
		for pid, steps := s.parent, 0; pid != 0 && steps < 1000; pid, steps = parent[pid], steps+1 {
			if pid == self || ours[pid] {
				ours[s.pid] = true
				break
			}
		}
	}
	return ours
}
