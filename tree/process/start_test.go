package process

import (
	"os"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

func procFile(pid int, name string) string { return "/proc/" + strconv.Itoa(pid) + "/" + name }

func TestStart(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	dir := t.TempDir()
	for _, test := range []struct {
		name, want string
		c          Command
	}{
		{"arguments as they are", "a b|$X|\n", Command{Argv: []string{"printf", "%s|%s|\n", "a b", "$X"}}},
		{"environment", "BOLE_SERVICE=environment\nPATH=/usr/bin:/bin\n", Command{Argv: []string{"sh", "-c", "env | grep -v ^PWD= | sort"}}},
		{"directory", dir + "\n", Command{Argv: []string{"pwd"}, Dir: dir}},
		{"a program as seen from the directory", "ls\n", Command{Argv: []string{"./ls", "-d", "ls"}, Dir: "/bin"}},
		{"leader of a new session", "true\n", Command{Argv: []string{"sh", "-c", "set -- $(cat /proc/$$/stat); [ $$ = $5 ] && [ $$ = $6 ] && echo true"}}},
	} {
		if got := w.output(test.name, test.c); got != test.want {
			t.Errorf("%s: wrote %q, want %q", test.name, got, test.want)
		}
	}
}

func TestStandardFiles(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	pid, err := w.Start("db", &Command{Argv: []string{"sleep", "1000"}, Env: environ("db"), Stdin: -1, Stdout: 2, Stderr: -1})
	if err != nil {
		t.Fatal(err)
	}
	own, _ := os.Readlink("/proc/self/fd/2")
	for fd, want := range []string{"/dev/null", own, "/dev/null"} {
		if got, _ := os.Readlink(procFile(pid, "fd/"+strconv.Itoa(fd))); got != want {
			t.Errorf("file %d is %q, want %q", fd, got, want)
		}
	}
}

func TestNotificationFile(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	for _, as := range []int{1, 2, 3, 4, 9, 200, 1000} {
		r, out := pipe(t)
		key := strconv.Itoa(as)
		script := "echo ready >/proc/$$/fd/" + key + "; exec sleep 1000"
		pid, err := w.Start(key, &Command{Argv: []string{"sh", "-c", script}, Env: environ(key), Stdin: -1, Stdout: -1, Stderr: -1, Notify: out, As: as})
		if err != nil {
			t.Fatal(err)
		}
		unix.Close(out)
		line := make([]byte, 64)
		if n, err := r.Read(line); string(line[:n]) != "ready\n" {
			t.Errorf("as %d: read %q (%v), want ready", as, line[:n], err)
		}
		want := "0 1 2"
		if as > 2 {
			want += " " + key
		}
		hasOnly(t, pid, want)
	}
}

// The list of the first thread's children has to be that of the orphans.
func TestNoChildIsMadeOnTheFirstThread(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	var main int
	onFirstThread(func() {
		if unix.Gettid() != os.Getpid() {
			t.Error("this is not the first thread")
		}
		main = w.start("db", Command{Argv: []string{"sleep", "1000"}})
	})
	if pids, ok := w.proc.children(); !ok || len(pids) > 0 {
		t.Errorf("the first thread has children %v (%t), want none beside %d", pids, ok, main)
	}
	_, left := w.leaves("app", "daemon", "end")
	w.end("app")
	w.until("the orphan is in the list", func() bool {
		pids, _ := w.proc.children()
		return len(pids) == 1 && pids[0] == left[0]
	})
}
