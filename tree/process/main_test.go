package process

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The main goroutine has the first thread to itself, as in bole.
func init() { runtime.LockOSThread() }

// first takes what is to be called on the first thread.
var first = make(chan func())

func onFirstThread(f func()) {
	done := make(chan struct{})
	first <- func() { f(); close(done) }
	<-done
}

// TestMain makes the test binary the stage and the programs that services run, too.
func TestMain(m *testing.M) {
	Stage()
	if role := roles[os.Getenv("TEST_ROLE")]; role != nil {
		role(os.Args[1:])
		os.Exit(0)
	}
	code := make(chan int)
	go func() { code <- m.Run() }()
	for {
		select {
		case f := <-first:
			f()
		case c := <-code:
			os.Exit(c)
		}
	}
}

var roles map[string]func(args []string)

func init() {
	roles = map[string]func([]string){"leave": leave, "ignore": ignoreAll, "confined": confined, "where": where}
}

// leave makes the processes that args name, writes their pids to standard output,
// a line each, and ends if the last argument is "end".
func leave(args []string) {
	for _, kind := range args {
		switch kind {
		case "group": // as a shell's background job
			say(sleeper(os.Environ(), nil))
		case "session":
			say(sleeper(os.Environ(), &syscall.SysProcAttr{Setsid: true}))
		case "daemon": // forked twice, and nothing is left of the first fork
			again(&syscall.SysProcAttr{Setsid: true}, "session", "end")
		case "cleared": // of another group, and without its environment
			say(sleeper([]string{"A=b"}, &syscall.SysProcAttr{Setpgid: true}))
		case "ghost": // and of another session too
			say(sleeper([]string{"A=b"}, &syscall.SysProcAttr{Setsid: true}))
		case "family": // a session whose own child has another session, and a cleared environment
			again(&syscall.SysProcAttr{Setsid: true}, "ghost")
		case "end":
			return
		}
	}
	time.Sleep(time.Hour) // a select of nothing is a deadlock to the runtime
}

func sleeper(env []string, sys *syscall.SysProcAttr) int {
	pid, err := syscall.ForkExec("/bin/sleep", []string{"sleep", "1000"}, &syscall.ProcAttr{Env: env, Files: []uintptr{0, 1, 2}, Sys: sys})
	if err != nil {
		panic(err)
	}
	return pid
}

func again(sys *syscall.SysProcAttr, args ...string) {
	if _, err := syscall.ForkExec("/proc/self/exe", append([]string{"leave"}, args...), &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2}, Sys: sys}); err != nil {
		panic(err)
	}
}

func say(pid int) { fmt.Println(pid) }

// isolated runs a test in a process of its own, where it may reap whatever there
// is, and inherits orphans. It returns false in the one that starts it.
func isolated(t *testing.T, change ...func(*exec.Cmd)) bool {
	t.Helper()
	if os.Getenv("TEST_ISOLATED") == t.Name() {
		if err := Setup(); err != nil && !errors.Is(err, errNoProc) {
			t.Fatal(err)
		}
		return true
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=60s", "-update="+fmt.Sprint(*update))
	cmd.Env = append(os.Environ(), "TEST_ISOLATED="+t.Name(), "GORACE=atexit_sleep_ms=0")
	cmd.WaitDelay = 2 * time.Second
	for _, f := range change {
		f(cmd)
	}
	out, err := cmd.CombinedOutput()
	switch {
	case err != nil:
		t.Fatalf("in a process of its own: %s\n%s", err, out)
	case bytes.Contains(out, []byte("--- SKIP")):
		t.Skipf("in a process of its own:\n%s", out)
	}
	return false
}

// A world is a table with a test around it.
type world struct {
	*testing.T
	*Table[string]
	exits   map[string]Exit[string]
	orphans map[int]Exit[string]
}

// newWorld takes the first of an isolated test's steps, and the last.
func newWorld(t *testing.T) *world {
	w := &world{t, NewTable[string](), map[string]Exit[string]{}, map[int]Exit[string]{}}
	t.Cleanup(w.clear)
	return w
}

func (w *world) clear() {
	w.until("nothing is left", func() bool {
		w.KillAll()
		w.reap()
		return w.Childless()
	})
}

func (w *world) reap() {
	for _, x := range w.Reap() {
		if x.Known {
			w.exits[x.Key] = x
		} else {
			w.orphans[x.PID] = x
		}
	}
}

// until reaps until the condition holds.
func (w *world) until(what string, holds func() bool) {
	w.Helper()
	until(w.T, what, func() bool { w.reap(); return holds() })
}

func (w *world) end(key string) Exit[string] {
	w.Helper()
	w.until(key+" ends", func() bool { _, ok := w.exits[key]; return ok })
	return w.exits[key]
}

func (w *world) start(key string, c Command) int {
	w.Helper()
	if c.Env == nil {
		c.Env = environ(key)
	}
	if c.Mark == "" {
		c.Mark = key
	}
	c.Stderr = 2
	pid, err := w.Start(key, &c)
	if err != nil {
		w.Fatal(err)
	}
	return pid
}

// leaves starts a service that makes processes; see leave.
func (w *world) leaves(key string, kinds ...string) (pid int, left []int) {
	w.Helper()
	r, out := pipe(w.T)
	pid = w.start(key, Command{Argv: append([]string{"/proc/self/exe"}, kinds...), Env: leaver(key), Stdout: out})
	unix.Close(out)
	for _, kind := range kinds {
		if kind != "end" {
			var n int
			if _, err := fmt.Fscan(r, &n); err != nil {
				w.Fatalf("%s of %s: %s", kind, key, err)
			}
			left = append(left, n)
		}
	}
	return pid, left
}

// orphaned waits until this process has inherited those that are left.
func (w *world) orphaned(_ int, left []int) {
	w.Helper()
	w.until("they are orphans", func() bool {
		s, _ := w.proc.stat(left[len(left)-1])
		return s.parent == os.Getpid()
	})
}

// leaver is the environment in which the test binary is leave.
func leaver(mark string) []string {
	return append(environ(mark), "TEST_ROLE=leave", "GORACE=atexit_sleep_ms=0")
}

func environ(mark string) []string {
	return []string{"PATH=/usr/bin:/bin", "BOLE_SERVICE=" + mark}
}

// pipe returns one end to read here, and the other one as a child gets it.
func pipe(t *testing.T) (*os.File, int) {
	t.Helper()
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	r := os.NewFile(uintptr(p[0]), "pipe")
	t.Cleanup(func() { r.Close() })
	return r, p[1]
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after 20 s it is still not so that %s", what)
		}
	}
}

// output runs a command to its end and returns what it wrote.
func (w *world) output(key string, c Command) string {
	w.Helper()
	r, out := pipe(w.T)
	c.Stdout = out
	w.start(key, c)
	unix.Close(out)
	text, err := io.ReadAll(r)
	if err != nil {
		w.Fatal(err)
	}
	w.end(key)
	return string(text)
}

// field is a line of a file in /proc.
func field(t *testing.T, path, name string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name); ok {
			return strings.Join(strings.Fields(strings.TrimPrefix(value, ":")), " ")
		}
	}
	t.Fatalf("%s has no %s", path, name)
	return ""
}

// openFiles lists a process's open files.
func openFiles(t *testing.T, pid int) string {
	t.Helper()
	entries, err := os.ReadDir(procFile(pid, "fd"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	return strings.Join(out, " ")
}

// hasOnly waits until a process has no other files: its dynamic loader has some
// for a moment.
func hasOnly(t *testing.T, pid int, want string) {
	t.Helper()
	until(t, fmt.Sprintf("process %d has the files %s, but %s", pid, want, openFiles(t, pid)), func() bool { return openFiles(t, pid) == want })
}

func alive(pid int) bool {
	s, ok := proc{mounted: true}.stat(pid)
	return ok && !s.zombie
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: sudo go test ./tree/process")
	}
}

// Strays are what Sweep finds of a run.
func (w *world) Strays(key string) (pids []int) {
	for _, run := range w.perhaps(slices.Values([]string{key})) {
		for _, s := range w.find(run)[0] {
			pids = append(pids, s.pid)
		}
	}
	return pids
}
