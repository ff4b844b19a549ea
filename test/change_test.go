package test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// shop is a tree of three, of which the app fails while there is a file DIR/bad, and is not
// ready while there is DIR/slow.
func shop(dir string) string {
	return fmt.Sprintf(`
[service.db]
command = ["sh", "-c", "echo opening; echo >&3; exec sleep 1000"]
ready = { fd = 3 }
[service.app]
command = ["sh", "-c", "while test -e %[1]s/slow; do sleep 0.01; done; if test -e %[1]s/bad; then echo oh, no; exit 3; fi; echo >&3; exec sleep 1000"]
requires = ["db"]
ready = { fd = 3 }
restart = "never"
stop-timeout = "20s"
[service.web]
command = "sleep 1000"
requires = ["app"]
`, dir)
}

// told runs a verb, and checks what it says and its exit code. What is "…" in the lines
// that are wanted may be anything.
func (b *bole) told(code int, stdout, stderr string, args ...string) {
	b.t.Helper()
	out, errs, got := b.asks(args...)
	if got != code {
		b.t.Errorf("%v: exit code %d, not %d", args, got, code)
	}
	for _, text := range []struct{ what, got, want string }{{"stdout", out, stdout}, {"stderr", errs, stderr}} {
		if diff := cmp.Diff(text.want, masked(text.got, text.want)); diff != "" {
			b.t.Errorf("%v: %s (-want +got):\n%s", args, text.what, diff)
		}
	}
}

// masked puts … where it stands in the same line of what is wanted.
func masked(got, want string) string {
	lines, wanted := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range lines {
		if i < len(wanted) && strings.Contains(wanted[i], "…") && outOfOrder(lines[i], strings.Split(wanted[i], "…")) == "" {
			lines[i] = wanted[i]
		}
	}
	return strings.Join(lines, "\n")
}

// isReady waits until all that is wanted is ready.
func (b *bole) isReady() {
	b.t.Helper()
	wait(b.t, "the tree to be ready", func() bool { _, _, code := b.asks("health"); return code == 0 })
}

// Each verb waits until it is done, says what else it touches, and what has come of it.
func TestChange(t *testing.T) {
	dir := publicDir(t)
	b := up(t, plain, define(t, shop(dir)))
	b.isReady()
	b.told(0, "stop  web\nstop  app\nstop  db\n", "", "plan", "stop", "db")
	b.told(0, "[\n  {\n    \"do\": \"stop\",\n    \"service\": \"web\"\n  }\n]\n", "", "plan", "stop", "web", "--json")
	b.told(0, "nothing to do\n", "", "plan", "start", "web")
	b.told(0, "app: ready already\n", "", "start", "app")
	b.told(0, "stop db also stops app, web\nweb: stopping\nweb: down…\napp: stopping\napp: down…\ndb: stopping\ndb: down…\n", "", "stop", "db")
	b.told(0, "start db\nstart app\n", "", "plan", "start", "app")
	b.told(0, "start app also starts db\ndb: starting\ndb: ready…\napp: starting\napp: ready…\n", "", "start", "app")
	b.told(0, "db: stopping\ndb: down…\ndb: starting\ndb: ready…\n", "", "restart", "db")
	b.told(0, "restart db --with-dependents also touches app\napp: stopping\napp: down…\ndb: stopping\ndb: down…\ndb: starting\ndb: ready…\napp: starting\napp: ready…\n", "",
		"restart", "--with-dependents", "db")
	b.told(4, "", "bole start: there is no service \"wep\"; did you mean web?\n", "start", "wep")
	b.told(0, "db: CONT sent\n", "", "signal", "db", "CONT")
	b.told(1, "", "bole reload: db has no reload: write reload = \"SIGHUP\", or a command, into its definition\n", "reload", "db")
	b.says("stop db, asked for by uid ")
	b.term(0)
	b.told(3, "", "bole start: no bole is running here…\n", "start", "app")
}

// An asking is a verb that runs.
type asking struct {
	*bole // its output
	code  chan int
}

// begins runs a verb in the background.
func (b *bole) begins(args ...string) *asking {
	b.t.Helper()
	a := &asking{&bole{t: b.t}, make(chan int, 1)}
	a.cmd = exec.Command(binary, append(args, "--socket", b.socket)...)
	a.cmd.Stdout, a.cmd.Stderr = a, a
	if err := a.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	go func() { a.cmd.Wait(); a.code <- a.cmd.ProcessState.ExitCode() }()
	b.t.Cleanup(func() { a.cmd.Process.Kill() })
	return a
}

// ended waits for its end.
func (a *asking) ended(code int) {
	a.t.Helper()
	select {
	case got := <-a.code:
		if got != code {
			a.t.Errorf("%v: exit code %d, not %d:\n%s", a.cmd.Args[1:], got, code, a.output())
		}
	case <-time.After(patience):
		a.t.Fatalf("%v does not end:\n%s", a.cmd.Args[1:], a.output())
	}
}

// What does not work is said with its reason and the last words; what takes too long, is
// overtaken or interrupted goes on or not, and that is said.
func TestChangeThatFails(t *testing.T) {
	dir := publicDir(t)
	slow, bad := dir+"/slow", dir+"/bad"
	b := up(t, plain, define(t, shop(dir)))
	b.isReady()
	os.WriteFile(bad, nil, 0o644)
	b.told(1, "app: stopping\napp: down…\napp: starting\napp: failed: exited with code 3…\n",
		"bole restart: app is failed: exited with code 3 after…\napp | oh, no\nbole restart: bole postmortem app tells more\n", "restart", "app")
	os.WriteFile(slow, nil, 0o644)
	os.Remove(bad)
	b.told(1, "app: starting\n", "bole start: not done after 500ms: app is starting: …\nbole start: operation 2 goes on\n", "start", "app", "--timeout", "500ms")

	waiting := b.begins("restart", "app")
	waiting.says("app: starting\n")
	waiting.cmd.Process.Signal(syscall.SIGINT)
	waiting.ended(130)
	waiting.says("bole restart: interrupted; operation 3, restart app, goes on\n")

	waiting = b.begins("start", "app")
	wait(t, "the operation", func() bool { return strings.Count(b.output(), "| start app, asked for") == 2 })
	b.told(0, "5\n", "stop app also stops web\n", "stop", "app", "--no-wait")
	waiting.ended(1)
	waiting.says("bole start: app: superseded by stop app, asked for by uid ")
	if _, _, code := b.asks("stop", "web"); code != 0 {
		t.Errorf("stop web: %d", code)
	}
	os.Remove(slow)
	out, _, code := b.asks("start", "web", "--json")
	if code != 0 || !strings.Contains(out, `"state": "done"`) || strings.Contains(out, "starting") {
		t.Errorf("%d %s", code, out)
	}
	waiting = b.begins("start", "web", "--no-wait", "--json")
	waiting.ended(0)
	waiting.says(`"id": 8`)
	b.term(0)
}

// On a terminal each service has one line that is written over; Ctrl-C ends the waiting and
// leaves the terminal as it was.
func TestChangeOnTerminal(t *testing.T) {
	dir := publicDir(t)
	b := up(t, plain, define(t, shop(dir)))
	b.isReady()
	os.WriteFile(dir+"/slow", nil, 0o644)
	user, program := pty(t)
	before, _ := unix.IoctlGetTermios(int(program.Fd()), unix.TCGETS)
	unix.IoctlSetWinsize(int(program.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 60})
	a := &bole{t: t}
	go io.Copy(a, user)
	begin := func(args ...string) *exec.Cmd {
		cmd := exec.Command(binary, append(args, "--socket", b.socket)...)
		cmd.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=1")
		cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, program
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { cmd.Process.Kill() })
		return cmd
	}
	cmd := begin("restart", "app")
	a.says("⠙ app  starting", "\r\x1b[1A", "no newline on fd 3 yet")
	user.Write([]byte{3})
	if cmd.Wait(); cmd.ProcessState.ExitCode() != 130 {
		t.Errorf("after Ctrl-C: %s", cmd.ProcessState)
	}
	a.says("interrupted; operation 1, restart app, goes on")
	cmd = begin("start", "app")
	os.Remove(dir + "/slow")
	if cmd.Wait(); cmd.ProcessState.ExitCode() != 0 {
		t.Errorf("start: %s", cmd.ProcessState)
	}
	a.says("✔ app  ready")
	after, _ := unix.IoctlGetTermios(int(program.Fd()), unix.TCGETS)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the terminal was changed: %s", diff)
	}
	b.term(0)
}

// Two want opposite things, again and again, at the same time: nobody hangs, what is wanted
// last holds, and the log names who has wanted what.
func TestTwoOperators(t *testing.T) {
	const turns = 120
	b := up(t, plain, define(t, shop(publicDir(t))))
	b.isReady()
	var both sync.WaitGroup
	for _, verb := range []string{"start", "stop"} {
		both.Go(func() {
			for range turns {
				a := b.begins(verb, "app")
				select {
				case code := <-a.code:
					if code > 1 || code == 1 && !strings.Contains(a.output(), ": superseded by ") {
						t.Errorf("%s: %d %s", verb, code, a.output())
					}
				case <-time.After(patience):
					t.Errorf("%s hangs: %s", verb, a.output())
					return
				}
			}
		})
	}
	both.Wait()
	for verb, state := range map[string]string{"start": "ready", "stop": "down"} {
		if out, errs, code := b.asks(verb, "app"); code != 0 || !strings.Contains(out, "app: "+state) {
			t.Errorf("%s: %d %s%s", verb, code, out, errs)
		}
		wait(t, "all who have asked to "+verb+" it to be in the log", func() bool {
			return strings.Count(b.output(), "| "+verb+" app, asked for by uid "+fmt.Sprint(os.Getuid())+", pid ") == turns+1
		})
	}
	b.term(0)
}
