// Package test runs the built binary as a user does: as PID 1 of a namespace and at
// any other, as root and as nobody, on a read-only root, with real programs.
package test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for what should come at once: the machine may
// be busy.
const patience = 30 * time.Second

var binary string // of bole

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "bole-test-")
	if err != nil {
		panic(err)
	}
	os.Chmod(dir, 0o755) // for those who run it as somebody else
	binary = filepath.Join(dir, "bole")
	build(binary, "../cmd/bole")
	build(filepath.Join(dir, "app"), "../examples/devbox/app")
	build(filepath.Join(dir, "visits"), "../examples/app-postgres-redis/app")
	build(neighbour(), "./neighbour")
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func build(out, pkg string) {
	cmd := exec.Command("go", "build", "-trimpath", "-o", out, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%s", text)
		os.Exit(1)
	}
}

// A bole is one that runs.
type bole struct {
	t      testing.TB
	cmd    *exec.Cmd
	mark   string // in the environment of all its processes
	socket string // at which it is asked
	done   chan struct{}

	mu   sync.Mutex
	text bytes.Buffer
}

// Write takes in its output.
func (b *bole) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *bole) output() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// An environment is how bole is started: the words before it.
type environment struct {
	name   string
	before []string
}

var (
	plain = environment{"another PID", nil}
	pid1  = environment{"PID 1", []string{"unshare", "--pid", "--fork", "--mount-proc", "--kill-child"}}
	user  = environment{"ordinary user", []string{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"}}
	// ro is a read-only root with nothing writable at all, not even /run or /tmp.
	ro = environment{"read-only root, PID 1", []string{"unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c",
		"mount --bind / / && mount -o remount,ro,bind / && for d in /run /tmp /dev/shm; do mount -o remount,ro,bind $d 2>/dev/null || { mount --bind $d $d && mount -o remount,ro,bind $d; }; done; exec \"$@\"", "sh"}}
)

// needRoot: namespaces and other users need it.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: run test/run as root")
	}
}

func need(t *testing.T, programs ...string) {
	t.Helper()
	os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin")
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs %s: test/run installs it", p)
		}
	}
}

// define writes a definition file into a directory that everybody may read.
func define(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(publicDir(t), "bole.toml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// publicDir is a new directory that everybody may read.
func publicDir(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		os.Chmod(d, 0o755)
	}
	return dir
}

// openDir is a new directory in which everybody may make files; a socket's path is to
// be short.
func openDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "bole-")
	if err != nil {
		t.Fatal(err)
	}
	os.Chmod(dir, 0o777)
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// up starts bole up in an environment.
func up(t testing.TB, env environment, paths ...string) *bole {
	t.Helper()
	b := &bole{t: t, mark: fmt.Sprintf("BOLE_TEST=%s-%d", t.Name(), time.Now().UnixNano()), done: make(chan struct{})}
	args := append(append(slices.Clone(env.before), binary, "up"), paths...)
	b.cmd = exec.Command(args[0], args[1:]...)
	b.socket = filepath.Join(openDir(t), "bole.sock")
	b.cmd.Env = append(os.Environ(), b.mark, "BOLE_SOCKET="+b.socket)
	b.cmd.Stdout, b.cmd.Stderr = b, b
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	b.cmd.WaitDelay = 5 * time.Second // a stray that holds its output is found by gone
	if err := b.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { b.cmd.Wait(); close(b.done) }()
	t.Cleanup(b.clean)
	return b
}

// clean leaves nothing behind, whatever has failed.
func (b *bole) clean() {
	for _, pid := range append(b.left(), descendants(b.cmd.Process.Pid)...) {
		syscall.Kill(pid, syscall.SIGKILL)
	}
	b.cmd.Process.Kill()
	<-b.done
	if b.t.Failed() {
		b.t.Logf("bole said:\n%s", b.output())
	}
}

// wait waits until a condition holds.
func wait(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// says waits until bole has written each of these.
func (b *bole) says(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		wait(b.t, fmt.Sprintf("bole to say %q", text), func() bool { return strings.Contains(b.output(), text) })
	}
}

// never checks that bole has not written this.
func (b *bole) never(text string) {
	b.t.Helper()
	if strings.Contains(b.output(), text) {
		b.t.Errorf("bole said %q", text)
	}
}

// order waits until bole has written these one after the other.
func (b *bole) order(texts ...string) {
	b.t.Helper()
	missing := ""
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		over := b.over() // from here on there is no more to come
		if missing = outOfOrder(b.output(), texts); missing == "" || over {
			break
		}
	}
	if missing != "" {
		b.t.Errorf("%q is missing, or too early", missing)
	}
}

// outOfOrder is the first text that does not follow those before it.
func outOfOrder(output string, texts []string) string {
	for _, text := range texts {
		_, after, ok := strings.Cut(output, text)
		if !ok {
			return text
		}
		output = after
	}
	return ""
}

// over reports whether bole has ended, and all its output is there.
func (b *bole) over() bool {
	select {
	case <-b.done:
		return true
	default:
		return false
	}
}

// pid is that of bole itself, as this machine sees it, whatever is wrapped around
// it.
func (b *bole) pid() int {
	b.t.Helper()
	pid := 0
	wait(b.t, "bole's process", func() bool {
		for _, p := range b.marked() {
			if exe, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", p)); exe == binary {
				if pid == 0 || p < pid {
					pid = p
				}
			}
		}
		return pid != 0
	})
	return pid
}

func (b *bole) signal(sig syscall.Signal) {
	b.t.Helper()
	syscall.Kill(b.pid(), sig)
}

// ends waits for the end, and checks the exit code and that nothing is left.
func (b *bole) ends(code int) {
	b.t.Helper()
	select {
	case <-b.done:
	case <-time.After(patience):
		b.t.Fatal("bole does not end")
	}
	if got := b.cmd.ProcessState.ExitCode(); got != code {
		b.t.Errorf("exit code %d, not %d", got, code)
	}
	b.gone()
}

// gone checks that no process of the tree is left. A moment may pass until the
// kernel has taken a killed one away.
func (b *bole) gone() {
	b.t.Helper()
	for end := time.Now().Add(time.Second); len(b.left()) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("processes %v have outlived bole", b.left())
		}
	}
}

// term stops it and returns how long that took.
func (b *bole) term(code int) time.Duration {
	b.t.Helper()
	begin := time.Now()
	b.signal(syscall.SIGTERM)
	b.ends(code)
	return time.Since(begin)
}

// marked are all live processes that have the test's mark in their environment.
func (b *bole) marked() []int {
	return processes(func(pid int) bool {
		env, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		return bytes.Contains(env, []byte(b.mark+"\x00"))
	})
}

// left are the marked ones but for what is wrapped around bole.
func (b *bole) left() []int {
	return slices.DeleteFunc(b.marked(), func(pid int) bool { return pid == b.cmd.Process.Pid })
}

// running are the processes with that word in their arguments.
func running(word string) []int {
	return processes(func(pid int) bool {
		line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		return slices.Contains(strings.Split(string(line), "\x00"), word)
	})
}

func processes(is func(pid int) bool) (out []int) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil && is(pid) {
			out = append(out, pid)
		}
	}
	return out
}

// status is one field of /proc/PID/status.
func status(t *testing.T, pid int, field string) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(line, field+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// asks runs a verb that asks this bole.
func (b *bole) asks(args ...string) (stdout, stderr string, code int) {
	b.t.Helper()
	return run(b.t, append(args, "--socket", b.socket)...)
}

// run runs bole to its end.
func run(t testing.TB, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(binary, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Run()
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}
