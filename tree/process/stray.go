package process

import (
	"iter"
	"maps"
	"strings"

	"golang.org/x/sys/unix"
)

// Sweep sends the strays of each run its signal, and SIGCONT after it; 0 is none.
// It returns how many strays each of them had; without /proc their group counts as
// one. Strays are the live processes of a run's service that are not the first ones
// of runs, and belong to no run but this that lives. All of /proc may be read, once
// for all runs, which takes a while where there are many processes. Nobody who has
// ended meanwhile is mistaken for another: strays are held by a pidfd when they are
// looked at once more.
func (t *Table[K]) Sweep(signals map[K]int) (found map[K]int) {
	found = make(map[K]int, len(signals))
	runs := t.perhaps(maps.Keys(signals))
	if len(runs) == 0 {
		return found
	}
	for i, strays := range t.find(runs...) {
		key := runs[i].key
		found[key] = len(strays)
		for _, s := range strays {
			if sig := signals[key]; sig != 0 {
				t.signalStray(s, unix.Signal(sig))
			}
		}
	}
	return found
}

// perhaps are those of the runs that may have strays.
func (t *Table[K]) perhaps(keys iter.Seq[K]) (runs []*child[K]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	marks := t.orphanMarks()
	for key := range keys {
		if c := t.byKey[key]; c != nil && (c.alive || t.mayHaveStrays(c, marks)) {
			runs = append(runs, c)
		}
	}
	return runs
}

// lookForStrays fills in who of those that have just ended has left somebody
// behind. It reads /proc once for all of them, if it has to.
func (t *Table[K]) lookForStrays(ends []Exit[K]) {
	suspects, runs := t.suspects(ends)
	if len(runs) == 0 {
		return
	}
	for i, strays := range t.find(runs...) {
		suspects[i].Strays = len(strays) > 0
	}
}

func (t *Table[K]) suspects(ends []Exit[K]) (suspects []*Exit[K], runs []*child[K]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var marks map[string]bool
	for i := range ends {
		x := &ends[i]
		c := t.byKey[x.Key]
		if !x.Known || c == nil || c.pid != x.PID {
			continue
		}
		if marks == nil {
			marks = t.orphanMarks()
		}
		if t.mayHaveStrays(c, marks) {
			suspects, runs = append(suspects, x), append(runs, c)
		}
	}
	return suspects, runs
}

// mayHaveStrays is the cheap question. A group may be all zombies, or its number
// another's by now, so yes means no more than perhaps.
func (t *Table[K]) mayHaveStrays(c *child[K], marks map[string]bool) bool {
	return marks[c.mark] || marks[anybody] || unix.Kill(-c.group, 0) != unix.ESRCH
}

// anybody stands for orphans of whom it is not known whose they are. It is no
// service's name.
const anybody = "*"

// looks is how many unknown orphans are looked at while others wait for the lock.
const looks = 64

// orphanMarks tells whose orphans there are. When one dies, its own children come
// to the end of the list before it is seen dead; so the list is read until there
// is nothing new in it.
func (t *Table[K]) orphanMarks() map[string]bool {
	marks, seen := map[string]bool{}, map[int]bool{}
	for {
		pids, ok := t.inherited()
		if !ok && t.proc.mounted || len(pids) > len(t.orphans)+looks {
			marks[anybody] = true
			return marks
		}
		before := len(seen)
		for _, pid := range pids {
			if !seen[pid] {
				seen[pid] = true
				marks[t.orphanMark(pid)] = true
			}
		}
		if len(seen) == before {
			return marks
		}
	}
}

// orphanMark remembers what it finds: an orphan's number is its own until it is
// reaped, and a service's name comes with the fork.
func (t *Table[K]) orphanMark(pid int) string {
	if mark, ok := t.orphans[pid]; ok {
		return mark
	}
	s, ok := t.proc.stat(pid)
	if !ok || s.zombie {
		return ""
	}
	exists := func(pid int) bool { _, ok := t.proc.stat(pid); return ok }
	if c := ofSession(s, t.bySID, t.byPID, exists); c != nil {
		t.orphans[pid] = c.mark
		return c.mark
	}
	mark, certain := t.proc.mark(pid)
	if certain {
		t.orphans[pid] = mark
	} else if now, ok := t.proc.stat(pid); ok && now.ending && !now.zombie {
		return anybody // it has lost its environment, but its children are not in the list yet
	}
	return mark
}

// inherited lists the children that this process did not make; ok is false if
// the kernel does not say.
func (t *Table[K]) inherited() (orphans []int, ok bool) {
	pids, ok := t.proc.children()
	for _, pid := range pids {
		if t.byPID[pid] == nil {
			orphans = append(orphans, pid)
		}
	}
	return orphans, ok
}

// EndOrphans sends SIGKILL to the orphans of a run's service that are not in its session,
// which is EndSession's, and in whose environment there is a variable such as "NAME=value".
// It returns how many they are, and costs next to nothing where there are no orphans.
func (t *Table[K]) EndOrphans(key K, variable string) (ended int) {
	c := t.run(key)
	if c == nil {
		return 0
	}
	name, value, _ := strings.Cut(variable, "=")
	for _, pid := range t.orphansOf(c.mark) {
		s, ok := t.proc.stat(pid)
		if !ok || s.zombie || s.session == c.pid || s.group == c.group {
			continue
		}
		if v, _ := t.proc.variable(pid, name); v == value {
			t.signalStray(s, unix.SIGKILL)
			ended++
		}
	}
	return ended
}

// orphansOf are those of a service. Of new ones no more than some are looked at, the others
// the next time.
func (t *Table[K]) orphansOf(mark string) (out []int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	orphans, _ := t.inherited()
	unknown := 0
	for _, pid := range orphans {
		_, known := t.orphans[pid]
		if !known {
			unknown++
		}
		if (known || unknown <= looks) && t.orphanMark(pid) == mark {
			out = append(out, pid)
		}
	}
	return out
}

// find finds the strays of each run given. It reads /proc without the lock, so that
// nobody waits for that.
func (t *Table[K]) find(runs ...*child[K]) [][]stat {
	out := make([][]stat, len(runs))
	if !t.proc.mounted {
		return t.groupsOf(runs, out)
	}
	c := t.census()
	for _, s := range c.all {
		if s.zombie || c.live[s.pid] != nil {
			continue
		}
		o := c.of(s.pid)
		for i, run := range runs {
			if c.isStray(run, o) {
				out[i] = append(out[i], s)
			}
		}
	}
	return out
}

// groupsOf stands for all that is left of runs, where there is no /proc. A run
// made since then may have the number of one that has ended.
func (t *Table[K]) groupsOf(runs []*child[K], out [][]stat) [][]stat {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, c := range runs {
		now := t.byPID[c.pid]
		if (now == nil || now == c) && unix.Kill(-c.pid, 0) != unix.ESRCH {
			out[i] = []stat{{pid: -c.pid}}
		}
	}
	return out
}
