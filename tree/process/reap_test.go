package process

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

func TestExit(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	for _, test := range []struct {
		name, script, want string
	}{
		{"success", "exit 0", "code 0 signal 0 core false"},
		{"code", "exit 7", "code 7 signal 0 core false"},
		{"highest code", "exit 255", "code 255 signal 0 core false"},
		{"signal", "kill -TERM $$", "code 0 signal 15 core false"},
		{"realtime signal", "kill -40 $$", "code 0 signal 40 core false"},
	} {
		pid := w.start(test.name, Command{Argv: []string{"sh", "-c", test.script}})
		x := w.end(test.name)
		if got := fmt.Sprintf("code %d signal %d core %t", x.Code, x.Signal, x.Core); got != test.want || x.PID != pid {
			t.Errorf("%s: %s of %d, want %s of %d", test.name, got, x.PID, test.want, pid)
		}
		if x.MaxRSS < 100<<10 || x.MaxRSS > 1<<30 {
			t.Errorf("%s: %d bytes of memory at most, want a plausible number", test.name, x.MaxRSS)
		}
	}
}

// reaper reaps as bole does, on SIGCHLD and Again alone, until n ends of runs
// have come.
func (w *world) reaper(n int) (done chan struct{}) {
	child := make(chan os.Signal, 1)
	signal.Notify(child, unix.SIGCHLD)
	done = make(chan struct{})
	go func() {
		defer close(done)
		for len(w.exits) < n {
			select {
			case <-child:
			case <-w.Again():
			}
			w.reap()
		}
	}()
	return done
}

// Children die before their maker knows them, while others are made.
func TestNoEndIsLostOrMistaken(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	const makers, each = 4, 250
	done := w.reaper(makers * each)
	var pids sync.Map
	var all sync.WaitGroup
	for m := range makers {
		all.Go(func() {
			for i := range each {
				key := fmt.Sprintf("%d/%d", m, i)
				c := &Command{Argv: []string{"true"}, Env: environ(key), Stdin: -1, Stdout: -1, Stderr: -1, Mark: key}
				if i%5 == 0 {
					w.Start("none", &Command{Argv: []string{"/dev/null"}, Stdin: -1, Stdout: -1, Stderr: -1}) // its child is nobody's
				}
				pid, err := w.Start(key, c)
				if err != nil {
					t.Error(err)
				}
				pids.Store(key, pid)
			}
		})
	}
	all.Wait()
	until(t, "every end was told", func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	})
	for key, x := range w.exits {
		if pid, _ := pids.Load(key); pid != x.PID || x.Code != 0 {
			t.Errorf("the end of %s: %+v, want that of %v", key, x, pid)
		}
	}
	if len(w.orphans) > 0 || !w.Childless() {
		t.Errorf("%d orphans, childless %t; want none", len(w.orphans), w.Childless())
	}
}

func TestManyOrphans(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	n := 10000
	if testing.Short() {
		n = 1000
	}
	bystander := w.start("bystander", Command{Argv: []string{"sleep", "1000"}})
	script := fmt.Sprintf("i=0; while [ $i -lt %d ]; do : & i=$((i+1)); done", n/4)
	for _, key := range []string{"a", "b", "c", "d"} {
		w.start(key, Command{Argv: []string{"sh", "-c", script + "; kill -KILL $$"}})
	}
	for _, key := range []string{"a", "b", "c", "d"} {
		w.end(key)
	}
	w.until("only the bystander is left", func() bool { return strings.TrimSpace(children(t)) == fmt.Sprint(bystander) })
	for pid, x := range w.orphans {
		if x.Code != 0 || x.Signal != 0 {
			t.Fatalf("orphan %d: %+v", pid, x)
		}
	}
	if len(w.exits) != 4 || w.byKey["bystander"] == nil || !w.byKey["bystander"].alive {
		t.Errorf("ends: %+v", w.exits)
	}
	if len(w.Table.orphans) > 0 {
		t.Errorf("%d orphans are still remembered", len(w.Table.orphans))
	}
}

// children lists all of this process's children, of all threads.
func children(t *testing.T) string {
	t.Helper()
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, task := range tasks {
		text, _ := os.ReadFile("/proc/self/task/" + task.Name() + "/children")
		out.Write(text)
	}
	return out.String()
}

// A fork may take for ever, when the program is on a disk that hangs.
func TestReapsWhileAForkHangs(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	_, left := w.leaves("app", "daemon", "end")
	w.end("app")
	other := w.start("other", Command{Argv: []string{"sleep", "1000"}})
	w.making++
	unix.Kill(left[0], unix.SIGKILL)
	until(t, "the orphan is a zombie", func() bool { return !alive(left[0]) })
	unix.Kill(other, unix.SIGTERM)
	if x := w.end("other"); x.Signal != int(unix.SIGTERM) {
		t.Errorf("other: %+v", x)
	}
	w.until("the orphan is reaped", func() bool { return w.orphans[left[0]].PID != 0 })
	w.making--
}

// The child of a fork under way is not the reaper's, and is told of afterwards.
func TestLeavesAnUnknownEnd(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	w.making++
	pid, err := (&Command{Argv: []string{"true"}, Stdin: -1, Stdout: -1, Stderr: -1}).direct()
	if err != nil {
		t.Fatal(err)
	}
	until(t, "it is a zombie", func() bool { return !alive(pid) })
	if ends := w.Reap(); len(ends) > 0 {
		t.Fatalf("reaped %+v", ends)
	}
	w.finish("app", &Command{Mark: "app"}, pid, true)
	<-w.Again()
	if x := w.end("app"); x.PID != pid {
		t.Errorf("got %+v, want the end of %d", x, pid)
	}
}

func TestForgottenRunsLeaveNothing(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	w.start("early", Command{Argv: []string{"sleep", "0.1"}})
	w.Forget("early")
	w.start("late", Command{Argv: []string{"true"}})
	w.end("early")
	w.end("late")
	w.Forget("late")
	if len(w.byKey)+len(w.byPID)+len(w.bySID) > 0 {
		t.Errorf("left: %v %v %v", w.byKey, w.byPID, w.bySID)
	}
}
