package process

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// stranger is a user who has nothing to do with any process of the tests.
const stranger = 54321

// daemon is an orphan that has the name of a service, and more in its environment.
func (w *world) daemon(mark string, more ...string) int {
	w.Helper()
	r, out := pipe(w.T)
	key := fmt.Sprint("maker ", w.made)
	w.start(key, Command{Argv: []string{"/proc/self/exe", "daemon", "end"}, Mark: mark, Env: append(leaver(mark), more...), Stdout: out})
	unix.Close(out)
	var pid int
	if _, err := fmt.Fscan(r, &pid); err != nil {
		w.Fatal(err)
	}
	w.end(key)
	w.orphaned(0, []int{pid})
	return pid
}

// What lives is the run's by its place or its name. Of what has ended just its user is
// left: a zombie has no environment, and one that is reaped has nothing.
func TestBelongs(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	main, left := w.leaves("app", "group", "session", "family")
	zombie, gone, orphan := w.daemon("app"), w.daemon("app"), w.daemon("app")
	other := w.daemon("other")
	unix.Kill(gone, unix.SIGKILL)
	w.until("one is gone", func() bool { _, ok := w.proc.stat(gone); return !ok })
	unix.Kill(zombie, unix.SIGKILL)
	until(t, "one is a zombie", func() bool { s, _ := w.proc.stat(zombie); return s.zombie })
	for name, test := range map[string]struct {
		pid, uid int
		want     bool
	}{
		"its own":                        {main, stranger, true},
		"of its group":                   {left[0], stranger, true},
		"below it":                       {left[1], stranger, true},
		"below one that has no name":     {left[2], stranger, true},
		"an orphan":                      {orphan, stranger, true},
		"a zombie of its user":           {zombie, os.Getuid(), true},
		"a zombie of somebody else":      {zombie, stranger, false},
		"one that is gone":               {gone, os.Getuid(), true},
		"one of somebody's that is gone": {gone, stranger, false},
		"another service's":              {other, os.Getuid(), false},
		"one above":                      {os.Getppid(), os.Getuid(), false},
		"of another namespace":           {0, os.Getuid(), false},
	} {
		if got := w.Belongs("app", test.pid, test.uid); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// Who has written before the end is still asked about after it.
func TestBelongsToOneThatHasEnded(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	other := w.daemon("other")
	main, left := w.leaves("app", "group", "session", "end")
	w.orphaned(main, left)
	w.end("app")
	for _, pid := range append(left, main) {
		if !w.Belongs("app", pid, os.Getuid()) {
			t.Errorf("%d is none of it", pid)
		}
	}
	if w.Belongs("app", other, os.Getuid()) {
		t.Error("another's is one of it")
	}
	w.Forget("app")
	if w.Belongs("app", left[0], os.Getuid()) {
		t.Error("one belongs to a run that is forgotten")
	}
}

// Without /proc the session and the group tell.
func TestBelongsWithoutProc(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	w.proc = proc{orphans: -1}
	main, left := w.leaves("app", "group", "session", "cleared")
	other, _ := w.leaves("other")
	for pid, want := range map[int]bool{main: true, left[0]: true, left[1]: false, left[2]: true, other: false} {
		if got := w.Belongs("app", pid, os.Getuid()); got != want {
			t.Errorf("%d of %d and %v: %t", pid, main, left, got)
		}
	}
	unix.Kill(left[1], unix.SIGKILL)
	unix.Kill(main, unix.SIGKILL)
	w.until("one is gone", func() bool { return !alive(left[1]) })
	w.until("one is reaped", func() bool { return unix.Kill(left[1], 0) == unix.ESRCH })
	if !w.Belongs("app", left[1], os.Getuid()) || w.Belongs("app", left[1], stranger) {
		t.Error("one that is gone counts by another thing than its user")
	}
	w.proc = openProc()
}

func TestAkin(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	main, _ := w.leaves("app")
	for uid, want := range map[int]bool{0: true, os.Geteuid(): true, stranger: false} {
		if got := w.Akin("app", main+1, uid); got != want {
			t.Errorf("user %d: %t", uid, got)
		}
	}
	if !w.Akin("app", main, stranger) {
		t.Error("its own process is not akin")
	}
}
