package process

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestStoppedProcessStops(t *testing.T) {
	if !isolated(t) {
		return
	}
	for name, to := range map[string]Scope{"main": Main, "group": Group, "all": All} {
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
	w.Signal("app", int(unix.SIGSTOP), Strays)
	until(t, "it is stopped", func() bool { return field(t, procFile(left[0], "status"), "State") == "T (stopped)" })
	w.Signal("app", int(unix.SIGTERM), Strays)
	w.until("it is gone", func() bool { return !alive(left[0]) })
}

func TestScopes(t *testing.T) {
	if !isolated(t) {
		return
	}
	for _, test := range []struct {
		to                    Scope
		main, group, session_ bool // who is to live
	}{
		{Main, false, true, true},
		{Group, false, false, true},
		{Strays, true, false, false},
		{All, false, false, false},
	} {
		w := newWorld(t)
		pid, left := w.leaves("app", "group", "session")
		w.Signal("app", int(unix.SIGKILL), test.to)
		want := []bool{test.main, test.group, test.session_}
		for i, p := range []int{pid, left[0], left[1]} {
			w.until("those who are to die are dead", func() bool { return want[i] || !alive(p) })
		}
		for i, p := range []int{pid, left[0], left[1]} {
			if want[i] != alive(p) {
				t.Errorf("scope %d: process %d alive %t, want %t", test.to, i, alive(p), want[i])
			}
		}
		w.clear()
	}
}

// Programs often take a second signal for a kill.
func TestAllGetsASignalOnce(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	r, out := pipe(t)
	script := `trap 'echo got' TERM; (trap 'echo child' TERM; echo up; while :; do sleep 0.05; done) & while :; do sleep 0.05; done`
	w.start("app", Command{Argv: []string{"sh", "-c", script}, Stdout: out})
	unix.Close(out)
	buf := make([]byte, 64)
	r.Read(buf)
	w.Signal("app", int(unix.SIGTERM), All)
	got := ""
	until(t, "both have had it", func() bool {
		n, _ := r.Read(buf)
		got += string(buf[:n])
		return len(got) >= len("got\nchild\n")
	})
	w.Signal("app", int(unix.SIGKILL), All)
	w.end("app")
	n, _ := r.Read(buf)
	if got += string(buf[:n]); len(got) != len("got\nchild\n") {
		t.Errorf("they said %q, want one line each", got)
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
