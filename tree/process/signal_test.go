package process

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestStoppedProcessStops(t *testing.T) {
	if !isolated(t) {
		return
	}
	for name, to := range map[string]Scope{"main": Main, "group": Group} {
		w := newWorld(t)
		pid := w.start(name, Command{Argv: []string{"sleep", "1000"}})
		w.Signal(name, int(unix.SIGSTOP), to)
		until(t, "it is stopped", func() bool { return field(t, procFile(pid, "status"), "State") == "T (stopped)" })
		w.Signal(name, int(unix.SIGTERM), to)
		if x := w.end(name); x.Signal != int(unix.SIGTERM) {
			t.Errorf("%s: ended with %+v", name, x)
		}
	}
}

func TestStoppedStrayStops(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	_, left := w.leaves("app", "daemon", "end")
	w.end("app")
	w.Sweep(map[string]int{"app": int(unix.SIGSTOP)})
	until(t, "it is stopped", func() bool { return field(t, procFile(left[0], "status"), "State") == "T (stopped)" })
	w.Sweep(map[string]int{"app": int(unix.SIGTERM)})
	w.until("it is gone", func() bool { return !alive(left[0]) })
}

func TestScopes(t *testing.T) {
	if !isolated(t) {
		return
	}
	sweep := func(w *world) { w.Sweep(map[string]int{"app": int(unix.SIGKILL)}) }
	for _, test := range []struct {
		name                  string
		kill                  func(*world)
		main, group, session_ bool // who is to live
	}{
		{"main", func(w *world) { w.Signal("app", int(unix.SIGKILL), Main) }, false, true, true},
		{"group", func(w *world) { w.Signal("app", int(unix.SIGKILL), Group) }, false, false, true},
		{"strays", sweep, true, false, false},
		{"all", func(w *world) { w.Signal("app", int(unix.SIGKILL), Group); sweep(w) }, false, false, false},
	} {
		w := newWorld(t)
		pid, left := w.leaves("app", "group", "session")
		test.kill(w)
		want := []bool{test.main, test.group, test.session_}
		for i, p := range []int{pid, left[0], left[1]} {
			w.until("those who are to die are dead", func() bool { return want[i] || !alive(p) })
		}
		for i, p := range []int{pid, left[0], left[1]} {
			if want[i] != alive(p) {
				t.Errorf("%s: process %d alive %t, want %t", test.name, i, alive(p), want[i])
			}
		}
		w.clear()
	}
}

// The number of a process may be another's when a signal for it is sent.
func TestNoSignalByAStaleNumber(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	_, left := w.leaves("app", "daemon", "end")
	w.end("app")
	s, ok := w.proc.stat(left[0])
	if !ok {
		t.Fatal("there is no stray")
	}
	s.began--
	w.signalStray(s, unix.SIGKILL)
	if w.reap(); !alive(left[0]) {
		t.Error("it got the signal of an earlier process")
	}
	w.Signal("app", int(unix.SIGKILL), Main) // reaped: there is nobody
	s.began++
	w.signalStray(s, unix.SIGKILL)
	w.until("it is dead", func() bool { return !alive(left[0]) })
}

func TestKillAll(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	_, left := w.leaves("app", "group", "session", "daemon", "cleared", "ghost", "family")
	_, more := w.leaves("other", "ghost", "end")
	w.end("other")
	w.until("nothing is left", func() bool {
		w.KillAll()
		w.reap()
		return w.Childless()
	})
	for _, pid := range append(left, more...) {
		if alive(pid) {
			t.Errorf("%d lives", pid)
		}
	}
	if x := w.exits["app"]; x.Signal != int(unix.SIGKILL) {
		t.Errorf("app: %+v", x)
	}
}
