package process

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"bole/tree/procattr"
)

func TestStrays(t *testing.T) {
	if !isolated(t) {
		return
	}
	for _, test := range []struct {
		name  string
		kinds []string
		want  bool
	}{
		{"none", nil, false},
		{"same group", []string{"group"}, true},
		{"session of its own", []string{"session"}, true},
		{"forked twice", []string{"daemon"}, true},
		{"in the session alone", []string{"cleared"}, true},
		{"below one that is known", []string{"family"}, true},
		{"several", []string{"group", "session", "daemon", "cleared"}, true},
		{"of nobody", []string{"ghost"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			other, othersLeft := w.leaves("other", "group", "daemon", "family")
			_, left := w.leaves("app", append(test.kinds, "end")...)
			if x := w.end("app"); x.Strays != test.want {
				t.Errorf("strays %t, want %t", x.Strays, test.want)
			}
			found := w.Strays("app")
			if test.want {
				for _, pid := range left {
					if !slices.Contains(found, pid) {
						t.Errorf("found %v, want %d too, of %v", found, pid, left)
					}
				}
			} else if len(found) > 0 {
				t.Errorf("found %v, want none", found)
			}
			w.Sweep(map[string]int{"app": int(unix.SIGTERM)})
			w.until("no stray is left", func() bool { return len(w.Strays("app")) == 0 })
			for _, pid := range append(othersLeft, other) {
				if !alive(pid) {
					t.Errorf("%d of the other service is dead", pid)
				}
			}
		})
	}
}

// An end whose cheap questions say no must not read /proc, for then it would take
// long where there are many processes.
func TestStrayOfAnotherIsNoSuspect(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	w.orphaned(w.leaves("other", "daemon", "end"))
	w.end("other")
	w.until("the one between is reaped", func() bool { return len(w.orphans) == 1 })
	w.start("app", Command{Argv: []string{"true"}})
	w.until("app ends", func() bool {
		w.mu.Lock()
		c := w.byKey["app"]
		may := !c.alive && w.mayHaveStrays(c, w.orphanMarks())
		w.mu.Unlock()
		if may {
			t.Error("app is suspected")
		}
		_, over := w.exits["app"]
		return over
	})
	if !w.exits["other"].Strays {
		t.Error("other has strays, and was told that there are none")
	}
}

// A process that is being made has the mark of its service, and is no stray.
func TestChildBeingMadeIsNoStray(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	w.orphaned(w.leaves("app", "daemon", "end"))
	w.end("app")
	w.making++
	pid, err := (&Command{Argv: []string{"sleep", "1000"}, Env: environ("app"), Stdin: -1, Stdout: -1, Stderr: -1}).direct()
	if err != nil {
		t.Fatal(err)
	}
	if found := w.Strays("app"); len(found) != 1 || found[0] == pid {
		t.Errorf("strays %v, want one, and not %d", found, pid)
	}
	w.finish("app again", &Command{Mark: "app"}, pid, true)
}

// What a later run of a service leaves behind is not the earlier one's.
func TestStraysOfALaterRun(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	w.start("app#1", Command{Argv: []string{"true"}, Mark: "app", Env: environ("app")})
	w.end("app#1")
	r, out := pipe(t)
	w.start("app#2", Command{Argv: []string{"/proc/self/exe", "session", "daemon"}, Mark: "app", Env: leaver("app"), Stdout: out})
	unix.Close(out)
	buf := make([]byte, 64)
	r.Read(buf)
	if found := w.Strays("app#1"); len(found) > 0 {
		t.Errorf("app#1 has %v", found)
	}
	w.until("app#2 has both", func() bool { return len(w.Strays("app#2")) == 2 })
}

// Without /proc, the group is all there is.
func TestStraysWithoutProc(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	w.proc = proc{orphans: -1}
	main, left := w.leaves("app", "group", "end")
	if x := w.end("app"); !x.Strays {
		t.Error("no strays, want one")
	}
	if got := w.Strays("app"); !slices.Equal(got, []int{-main}) {
		t.Errorf("strays %v, want the group %d", got, -main)
	}
	w.Sweep(map[string]int{"app": int(unix.SIGTERM)})
	w.until("the stray is gone", func() bool { return !alive(left[0]) && len(w.Strays("app")) == 0 })
	w.proc = openProc()
}

// A kernel may have no list of children.
func TestStraysWithoutTheListOfOrphans(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	w.proc.orphans = -1
	main, left := w.leaves("app", "daemon", "end")
	w.orphaned(main, left)
	if x := w.end("app"); !x.Strays {
		t.Error("no strays, want one")
	}
	if got := w.Strays("app"); !slices.Equal(got, left) {
		t.Errorf("strays %v, want %v", got, left)
	}
}

// Orphans are ended that have both the service's name and the variable, and nobody else.
func TestEndOrphans(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	other, plain := w.daemon("other", "PROBE=7"), w.daemon("app")
	w.start("app", Command{Argv: []string{"sh", "-c", "sleep 1000 & sleep 1000 & exit 1"}, Env: append(environ("app"), "PROBE=7")})
	w.end("app")
	probes := []int{w.daemon("app", "PROBE=7"), w.daemon("app", "PROBE=7")}
	later := w.daemon("app", "PROBE=8")
	if n := w.EndOrphans("app", "PROBE=7"); n != 2 {
		t.Errorf("%d are ended", n)
	}
	w.until("they have ended", func() bool { return !slices.ContainsFunc(probes, alive) })
	for _, pid := range []int{other, plain, later} {
		if !alive(pid) {
			t.Errorf("%d has been ended", pid)
		}
	}
	if n := w.EndOrphans("app", "PROBE=7"); n != 0 {
		t.Errorf("%d are ended again", n)
	}
}

// confined executes what args say without the rights to look into another user's
// processes, as root is in a container. Some kernels ask for the first, some for
// either of the others.
func confined(args []string) {
	for _, right := range []uintptr{unix.CAP_SYS_PTRACE, unix.CAP_DAC_OVERRIDE, unix.CAP_DAC_READ_SEARCH} {
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, right, 0, 0, 0); err != nil {
			panic(err)
		}
	}
	os.Setenv("TEST_ROLE", "")
	panic(syscall.Exec("/proc/self/exe", args, os.Environ()))
}

func TestStraysOfAnotherUser(t *testing.T) {
	needRoot(t)
	if !isolated(t, func(cmd *exec.Cmd) {
		cmd.Env = append(cmd.Env, "TEST_ROLE=confined")
		cmd.Args = append(cmd.Args[:1], cmd.Args...)
	}) {
		return
	}
	w := newWorld(t)
	r, out := pipe(t)
	w.start("app", Command{Argv: []string{"/proc/self/exe", "daemon", "end"}, Env: leaver("app"), Stdout: out, User: &procattr.Credential{UID: 1234, GID: 2345}})
	unix.Close(out)
	var pid int
	if _, err := fmt.Fscan(r, &pid); err != nil {
		t.Fatal(err)
	}
	if _, err := os.ReadFile(procFile(pid, "environ")); !os.IsPermission(err) {
		t.Fatalf("its environment can be read (%v): this test is of no use", err)
	}
	w.orphaned(0, []int{pid})
	if x := w.end("app"); !x.Strays {
		t.Error("no strays, want one")
	}
	if got := w.Strays("app"); !slices.Equal(got, []int{pid}) {
		t.Errorf("strays %v, want %d", got, pid)
	}
	if n, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); n != 1 || err != nil {
		t.Errorf("this process is no longer dumpable (%d, %v)", n, err)
	}
	w.output("later", Command{Argv: []string{"true"}}) // no thread has kept the other's ids
	tasks, _ := os.ReadDir("/proc/self/task")
	for _, task := range tasks {
		if got := field(t, "/proc/self/task/"+task.Name()+"/status", "Uid"); got != "0 0 0 0" {
			t.Errorf("a thread of this process is %s", got)
		}
	}
}
