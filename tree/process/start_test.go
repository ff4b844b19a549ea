package process

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
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
	r, out := pipe(t)
	defer unix.Close(out)
	script := "for i in 0 1 2; do readlink /proc/$$/fd/$i; done >&" + strconv.Itoa(7)
	pid, err := w.Start("db", &Command{Argv: []string{"sh", "-c", script}, Env: environ("db"), Stdin: -1, Stdout: -1, Stderr: -1, Notify: out, As: 7})
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(out)
	text, _ := io.ReadAll(r)
	if got, want := string(text), strings.Repeat("/dev/null\n", 3); got != want {
		t.Errorf("process %d has %q, want %q", pid, got, want)
	}
	w.end("db")
}

func TestNotificationFile(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	for _, as := range []int{1, 2, 3, 4, 9, 200, 1000} {
		r, out := pipe(t)
		script := fmt.Sprintf("echo ready >/proc/$$/fd/%d; for f in /proc/$$/fd/*; do echo ${f##*/}; done >/proc/$$/fd/%d", as, as)
		key := strconv.Itoa(as)
		if _, err := w.Start(key, &Command{Argv: []string{"sh", "-c", script}, Env: environ(key), Stdin: -1, Stdout: -1, Stderr: -1, Notify: out, As: as}); err != nil {
			t.Fatal(err)
		}
		unix.Close(out)
		text, _ := io.ReadAll(r)
		want := map[string]bool{"ready": true, "0": true, "1": true, "2": true, key: true}
		for _, f := range strings.Fields(string(text)) {
			if !want[f] && f != "10" { // the shell keeps what it redirects at 10
				t.Errorf("as %d: %s is there too", as, f)
			}
			delete(want, f)
		}
		if len(want) > 0 {
			t.Errorf("as %d: %v is missing in %q", as, want, text)
		}
		w.end(key)
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
