package test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// small is a tree that passes through many states in a moment: a longrun that is
// ready at once, one that says so, one that crashes, oneshots with a way down, one
// that fails, and what depends on them.
const small = `
[tree]
shutdown-timeout = "5s"
[defaults]
stop-timeout = "1s"
restart-delay = "5ms"
[service.base]
command = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1000 & wait $!; done"]
[oneshot.first]
up = ["sh", "-c", "echo first up"]
down = ["sh", "-c", "echo first down"]
requires = ["base"]
[service.teller]
command = ["sh", "-c", "echo >&3; exec 3>&-; exec sleep 1000"]
ready = { fd = 3 }
requires = ["first"]
[service.crashes]
command = "false"
wants = ["base"]
[oneshot.fails]
up = "false"
requires = ["base"]
[service.blocked]
command = "sleep 1000"
requires = ["fails"]
[service.bound]
command = "sleep 1000"
binds = ["teller"]
`

// Whenever the signal comes, what has come up goes down in order, and nothing is
// left. The moments are counted in bole's own lines, and, before its first one, in
// time.
func TestTermAfterEachLine(t *testing.T) {
	needRoot(t)
	path := define(t, small)
	for _, env := range []environment{plain, pid1} {
		for lines := 0; lines <= 14; lines++ {
			t.Run(fmt.Sprintf("%s/after %d lines", env.name, lines), func(t *testing.T) {
				t.Parallel()
				b := up(t, env, path)
				wait(t, "these lines", func() bool { return strings.Count(b.output(), "bole ") >= max(lines, 1) })
				b.signal(syscall.SIGTERM)
				b.endsOrderly()
			})
		}
	}
}

func TestTermInTheFirstMoments(t *testing.T) {
	needRoot(t)
	path := define(t, small)
	for moment := range 30 {
		t.Run(fmt.Sprint(moment), func(t *testing.T) {
			t.Parallel()
			b := up(t, pid1, path)
			pid := b.pid()
			time.Sleep(time.Duration(moment) * time.Millisecond)
			b.termHeard(pid)
			b.endsOrderly()
		})
	}
}

// termHeard sends SIGTERM, again if need be: the kernel keeps signals from a PID 1
// that does not handle them yet.
func (b *bole) termHeard(pid int) {
	for heard := false; !heard; {
		syscall.Kill(pid, syscall.SIGTERM)
		for end := time.Now().Add(time.Second); !heard && time.Now().Before(end); time.Sleep(time.Millisecond) {
			select {
			case <-b.done:
				heard = true
			default:
				heard = strings.Contains(b.output(), "SIGTERM")
			}
		}
	}
}

// endsOrderly checks the end of the small tree: some states of it are failures.
func (b *bole) endsOrderly() {
	b.t.Helper()
	select {
	case <-b.done:
	case <-time.After(patience):
		b.t.Fatal("bole does not end")
	}
	b.gone()
	if code := b.cmd.ProcessState.ExitCode(); code == 0 && !strings.Contains(b.output(), "bole ") {
		return // it came while the definitions were read
	} else if code == 2 && !strings.Contains(b.output(), "SIGTERM") {
		return // it came before bole's first instruction, and Go's runtime has ended it
	}
	if code := b.cmd.ProcessState.ExitCode(); code != 0 && code != 1 {
		b.t.Errorf("exit code %d", code)
	}
	out := b.output()
	_, down, _ := strings.Cut(out, "stopping ")
	for _, late := range []string{": starting", "next start"} {
		if strings.Contains(down, late) {
			b.t.Errorf("%q after the teardown has begun", late)
		}
	}
	if strings.Contains(out, "first: done") != strings.Contains(out, "| first down") {
		b.t.Error("the way down of a oneshot has to follow its way up, and nothing else")
	}
	before(b, "bound: down", "teller: stopping")
	before(b, "teller: down", "first down")
	before(b, "first down", "base: stopping")
	if !strings.Contains(out, "all down after") {
		b.t.Error("the last word is missing")
	}
}

// before checks that one came before the other, if both came.
func before(b *bole, first, second string) {
	b.t.Helper()
	out := b.output()
	i, j := strings.Index(out, first), strings.Index(out, second)
	if i >= 0 && j >= 0 && i > j {
		b.t.Errorf("%q comes after %q", first, second)
	}
}

// Every signal by which a container is told to stop begins the same teardown.
func TestStopSignals(t *testing.T) {
	needRoot(t)
	for _, sig := range []syscall.Signal{unix.SIGTERM, unix.SIGINT, unix.SIGQUIT, unix.SIGPWR, 34 + 3} {
		for _, env := range []environment{plain, pid1} {
			t.Run(fmt.Sprintf("%s/%d", env.name, sig), func(t *testing.T) {
				t.Parallel()
				b := up(t, env, define(t, "[service.app]\ncommand = 'sleep 1000'\n"))
				b.says("1 ready")
				b.signal(sig)
				b.ends(0)
				b.order("stopping 1 service", "app: down", "all down")
			})
		}
	}
}

// A definition that cannot be read to its end holds nobody up.
func TestTermWhileDefinitionsAreRead(t *testing.T) {
	needRoot(t)
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, env := range []environment{plain, pid1} {
		t.Run(env.name, func(t *testing.T) {
			b := up(t, env, fifo)
			writer, err := os.OpenFile(fifo, os.O_WRONLY, 0) // waits until bole opens it
			if err != nil {
				t.Fatal(err)
			}
			defer writer.Close()
			b.term(0)
		})
	}
}

// No other signal ends bole, or anything that it runs.
func TestOtherSignalsEndNothing(t *testing.T) {
	needRoot(t)
	stops := []syscall.Signal{unix.SIGTERM, unix.SIGINT, unix.SIGQUIT, unix.SIGPWR, 34 + 3}
	libc := []syscall.Signal{32, 33, 34} // Go leaves these to a C library
	for _, env := range []environment{plain, pid1} {
		t.Run(env.name, func(t *testing.T) {
			t.Parallel()
			b := up(t, env, define(t, "[service.app]\ncommand = 'sleep 1000.21'\n"))
			b.says("1 ready")
			app := b.service("1000.21")
			for sig := syscall.Signal(1); sig <= 64; sig++ {
				if sig != unix.SIGKILL && !slices.Contains(libc, sig) && !slices.Contains(stops, sig) {
					b.signal(sig)
				}
			}
			b.signal(syscall.SIGSTOP)
			b.signal(syscall.SIGCONT)
			if b.service("1000.21") != app {
				t.Error("the service is another process now")
			}
			b.term(0)
		})
	}
}
