package test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The main job is the same wherever bole runs.
func TestQuickstartEverywhere(t *testing.T) {
	needRoot(t)
	for _, env := range []environment{plain, pid1, user, ro} {
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
			t.Run(env.name+"/"+sig.String(), func(t *testing.T) {
				t.Parallel()
				b := up(t, env, abs(t, "../examples/quickstart"))
				b.says("ready after", "3 ready, 1 done")
				b.order("db: starting", "db: ready after", "migrate: starting", "migrate: done after", "app: starting", "app: ready after", "web: ready after")
				b.signal(sig)
				b.ends(0)
				b.order("stopping 3 services, 9s at most", "web: stopping", "web: down", "app: stopping", "app: down", "db: stopping", "db: down", "all down after")
				b.says("closing the files")
			})
		}
	}
}

// A teardown may come at any moment, and ends in time with nothing left.
func TestTermAtAnyMoment(t *testing.T) {
	needRoot(t)
	const head = "[tree]\nshutdown-timeout = \"3s\"\n"
	cases := []struct {
		name, toml, when string // when: what bole says before it is told to stop
		code             int
		order            []string
	}{
		{"before the first is ready", `
[service.db]
command = "sleep 1000"
ready = { fd = 3 }
[service.app]
command = "sleep 1000"
requires = ["db"]`, "db: starting", 0, []string{"db: stopping", "db: down"}},
		{"during a oneshot", `
[oneshot.migrate]
up = "sleep 1000"
down = "echo must not run"
[service.app]
command = "sleep 1000"
requires = ["migrate"]`, "migrate: starting", 0, []string{"migrate: stopping", "migrate: down"}},
		{"during a back-off", `
[service.app]
command = "false"
restart-delay = "1h"
restart-max-delay = "1h"`, "next start in", 0, []string{"all down"}},
		{"one that ignores TERM", `
[service.db]
command = "sleep 1000"
[service.deaf]
command = ["sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 1; done"]
requires = ["db"]
stop-timeout = "500ms"`, "| deaf", 0, []string{"deaf: stopping", "deaf: down", "db: stopping", "db: down"}},
		{"one that is stopped", `
[service.stopped]
command = ["sh", "-c", "echo stopping myself; kill -STOP $$$$; exec sleep 1000"]`, "stopping myself", 0, []string{"stopped: stopping", "stopped: down"}},
		{"a chain that hangs", `
[service.db]
command = ["sh", "-c", "trap '' TERM; echo deaf db; while :; do sleep 1; done"]
[service.app]
command = ["sh", "-c", "trap '' TERM; echo deaf app; while :; do sleep 1; done"]
requires = ["db"]`, "deaf app", 0, []string{"app: stopping", "app: down", "db: stopping", "db: down"}},
		{"daemons that forked away", `
[service.daemon]
command = ["sh", "-c", "(setsid sh -c 'trap \"\" TERM; sleep 1001 & sleep 1002' &); (setsid sleep 1003 &); echo forked; exec sleep 1000"]
stop-timeout = "500ms"`, "forked", 0, []string{"daemon: stopping", "daemon: down"}},
		{"something has given up", `
[service.app]
command = ["sh", "-c", "exit 3"]
restart = "never"`, "app: failed", 1, []string{"all down"}},
	}
	for _, env := range []environment{plain, pid1} {
		for _, c := range cases {
			t.Run(env.name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				b := up(t, env, define(t, head+c.toml))
				b.says(c.when)
				if took := b.term(c.code); took > 3*time.Second+patience/10 {
					t.Errorf("took %s", took)
				}
				b.order(c.order...)
				b.never("must not run")
			})
		}
	}
}

// A daemon that has cleared its environment and left its session carries no mark.
func TestDaemonWithoutAMarkIsEndedToo(t *testing.T) {
	needRoot(t)
	const word = "1000.4711"
	b := up(t, plain, define(t, `
[service.daemon]
command = ["sh", "-c", "(env -i setsid sleep `+word+` &); echo forked; exec sleep 1000"]`))
	b.says("forked")
	wait(t, "the daemon", func() bool { return len(running(word)) > 0 })
	b.term(0)
	wait(t, "the daemon's end", func() bool { return len(running(word)) == 0 })
}

func TestSecondSignalKillsNow(t *testing.T) {
	for _, env := range []environment{plain, pid1} {
		t.Run(env.name, func(t *testing.T) {
			needRoot(t)
			t.Parallel()
			b := up(t, env, define(t, `
[tree]
shutdown-timeout = "10m"
[service.deaf]
command = ["sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 1; done"]
stop-timeout = "10m"`))
			b.says("| deaf")
			b.signal(syscall.SIGTERM)
			b.says("deaf: stopping")
			b.term(0)
			b.order("SIGTERM", "deaf: stopping", "SIGTERM", "killing what is left")
		})
	}
}

// What java -jar does when the application fails: bole stays, the evidence too.
func TestFailureKeepsTheTreeUp(t *testing.T) {
	b := up(t, plain, define(t, `
[service.app]
command = ["sh", "-c", "echo BeanCreationException; exit 1"]
restart = "never"
[service.other]
command = "sleep 1000"`))
	b.says("app: failed: exited with code 1", "other: ready")
	if n := strings.Count(b.output(), "BeanCreationException"); n != 1 {
		t.Errorf("app ran %d times", n)
	}
	b.term(1)
}

func TestMissingProgramFailsThatServiceAlone(t *testing.T) {
	b := up(t, plain, define(t, `
[service.app]
command = "/no/such/program"
[service.lost]
command = "sleep 1000"
directory = "/no/such/directory"
[service.needs]
command = "sleep 1000"
requires = ["app"]
[service.other]
command = "sleep 1000"`))
	b.says("app: failed: ", "/no/such/program", "lost: failed: ", "/no/such/directory", "needs: blocked: app failed (not started)", "other: ready", "degraded after")
	b.never("app: ready")
	b.term(1)
}

func TestEssentialEndsTheTreeWithItsCode(t *testing.T) {
	b := up(t, plain, define(t, `
[service.db]
command = "sleep 1000"
[service.job]
command = ["sh", "-c", "exit 7"]
requires = ["db"]
essential = true
restart = "never"`))
	b.ends(7)
	b.order("job: failed", "stopping", "db: down", "all down")
}

func TestOnFailureShutdown(t *testing.T) {
	b := up(t, plain, define(t, `
[service.db]
command = "sleep 1000"
[service.app]
command = "false"
requires = ["db"]
restart = "never"
on-failure = "shutdown"`))
	b.ends(1)
	b.order("app: failed", "db: down", "all down")
}

func TestKilledServiceComesBack(t *testing.T) {
	b := up(t, plain, define(t, `
[service.db]
command = "sleep 1000.1"
restart-delay = "0s"
[service.bound]
command = "sleep 1000.2"
binds = ["db"]
[service.app]
command = "sleep 1000.3"
requires = ["db"]`))
	b.says("3 ready")
	first, bound, app := b.service("1000.1"), b.service("1000.2"), b.service("1000.3")
	syscall.Kill(first, syscall.SIGKILL)
	wait(t, "another db", func() bool { p := b.find("1000.1"); return p != 0 && p != first })
	wait(t, "another bound", func() bool { p := b.find("1000.2"); return p != 0 && p != bound })
	if b.service("1000.3") != app {
		t.Error("app, which only requires db, was restarted too")
	}
	b.order("db: ready", "bound: ready", "db: ready", "bound: ready")
	b.term(0)
}

// What a crashed service leaves behind is ended before it starts again.
func TestStraysAreEndedBeforeARestart(t *testing.T) {
	b := up(t, plain, define(t, `
[service.app]
command = ["sh", "-c", "sleep 1000.5 & echo up; wait"]
restart-delay = "100ms"`))
	b.says("| up")
	wait(t, "its child", func() bool { return b.find("1000.5") != 0 })
	child := b.find("1000.5")
	for _, pid := range b.marked() {
		if comm := status(t, pid, "Name"); comm == "sh" {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	wait(t, "another child", func() bool { p := b.find("1000.5"); return p != 0 && p != child })
	wait(t, "both to say so", func() bool { return strings.Count(b.output(), "| up") == 2 })
	b.order("| up", "what it left behind is being ended", "next start in", "| up")
	if n := len(running("1000.5")); n != 1 {
		t.Errorf("%d children live", n)
	}
	b.term(0)
}

// A service that uses up what processes there may be ends nobody but itself: bole
// needs no more threads than it has.
func TestNoProcessToBeHad(t *testing.T) {
	needRoot(t)
	t.Setenv("GOMAXPROCS", "16") // as on a machine with many processors
	limited := environment{"", append([]string{"prlimit", "--nproc=40:40"}, "setpriv", "--reuid=60124", "--regid=60124", "--clear-groups")}
	text := `
[defaults]
restart-delay = "10ms"
restart-max-delay = "20ms"
[service.bomb]
command = ["sh", "-c", "i=0; while [ $i -lt 100 ]; do sleep 1000.77 & i=$((i+1)); done 2>/dev/null; wait"]
`
	for i := range 12 {
		text += fmt.Sprintf("[service.flaky%d]\ncommand = 'sleep 0.1'\n", i)
	}
	b := up(t, limited, define(t, text))
	wait(t, "many starts in vain", func() bool { return strings.Count(b.output(), "next start") >= 60 })
	b.term(0)
}

func TestTenThousandOrphans(t *testing.T) {
	needRoot(t)
	b := up(t, pid1, define(t, `
[service.quiet]
command = "sleep 1000.6"
[oneshot.orphans]
up = ["sh", "-c", "i=0; while [ $i -lt 10000 ]; do (true &) ; i=$((i+1)); done"]
requires = ["quiet"]`))
	quiet := b.service("1000.6")
	b.says("orphans: done")
	self := b.pid()
	wait(t, "the last zombie's end", func() bool {
		return len(processes(func(pid int) bool { s, ok := parentAndState(pid); return ok && s.parent == self && s.state == "Z" })) == 0
	})
	if b.service("1000.6") != quiet {
		t.Error("the quiet service is another process now")
	}
	b.never("quiet: exited")
	b.term(0)
}

// A child has nothing of bole's own: no files, no ignored or blocked signals.
func TestChildIsClean(t *testing.T) {
	needRoot(t)
	dirty := environment{"dirty", []string{"sh", "-c", `trap '' HUP INT USR1 PIPE; ulimit -n 512; exec 7</dev/null 9</dev/null "$@"`, "sh"}}
	b := up(t, dirty, define(t, `
[service.app]
command = ["sh", "-c", "echo >&5; exec 5>&-; exec sleep 1000.7"]
ready = { fd = 5 }`))
	b.says("app: ready")
	pid := b.service("1000.7")
	for _, field := range []string{"SigIgn", "SigBlk"} {
		if mask := status(t, pid, field); strings.Trim(mask, "0") != "" {
			t.Errorf("%s is %s", field, mask)
		}
	}
	if fds := files(t, pid); strings.Join(fds, " ") != "0 1 2" {
		t.Errorf("open files: %v", fds)
	}
	if soft := softLimit(t, pid); soft != "512" {
		t.Errorf("open files: limit %s", soft)
	}
	b.term(0)
}

// Without /proc the tree runs as ever, and bole says what it cannot do.
func TestWithoutProc(t *testing.T) {
	needRoot(t)
	need(t, "unshare", "umount")
	bare := environment{"no /proc", []string{"unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", `umount -l /proc; exec "$@"`, "sh"}}
	b := up(t, bare, define(t, `
[service.db]
command = ["sh", "-c", "(setsid sleep 1000.1 &); sleep 1000.2 & echo >&3; exec sleep 1000.3"]
ready = { fd = 3 }
[service.app]
command = "sleep 1000.4"
umask = "027"
requires = ["db"]
ready = { exec = "true" }`))
	b.says("there is no /proc of this PID namespace: of what services leave behind only their process groups are found", "app: ready")
	b.service("1000.1")
	if mask := status(t, b.service("1000.4"), "Umask"); mask != "0027" {
		t.Errorf("umask %s", mask)
	}
	b.term(0)
	b.order("app: down", "db: stopping", "db: down")
}

func TestClosedStandardFiles(t *testing.T) {
	for _, closed := range []string{"0<&-", "1>&-", "0<&- 1>&-"} {
		t.Run(closed, func(t *testing.T) {
			b := up(t, environment{"closed", []string{"sh", "-c", `exec "$@" ` + closed, "sh"}}, define(t, `
[service.app]
command = ["sh", "-c", "echo out; exec sleep 1000"]`))
			b.says("app: ready")
			b.term(0)
		})
	}
}
