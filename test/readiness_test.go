package test

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// A line that matches makes it ready, on whichever output, from its own process alone,
// also when it comes in pieces. The lines are written as ever.
func TestLogLine(t *testing.T) {
	b := up(t, plain, define(t, `
[service.java]
prepare = "echo Started by another in 1 s"
command = ["sh", "-c", "echo booting; printf 'Star'; sleep 0.2; printf 'ted App in 2.5 '; sleep 0.1; echo seconds; exec sleep 1000"]
ready = { log = "^Started .* in [0-9.]+ seconds$" }
[service.app]
command = ["sh", "-c", "echo runs; echo wait >&2; exec sleep 1000"]
requires = ["java"]
ready = { log = "^wa.t$" }
[service.never]
command = ["sh", "-c", "echo Start; exec sleep 1000"]
ready = { log = "Started|Begun" }
start-timeout = "300ms"
restart = "never"`))
	b.says("java  | Started App in 2.5 seconds", "java: ready", "app: ready", "never: failed: not ready in time: no line matches \"Started|Begun\" yet (ended by signal TERM)")
	b.order("Started by another", "booting", "java: ready", "| runs", "app: ready")
	b.term(1)
}

// A file is seen when it is made, or written anew, however seldom it is asked for.
func TestFileIsSeenAtOnce(t *testing.T) {
	dir := publicDir(t)
	os.WriteFile(dir+"/old", nil, 0o644)
	b := up(t, plain, define(t, fmt.Sprintf(`
[service.made]
command = ["sh", "-c", "sleep 0.2; mkdir -p %[1]s/a/b; touch %[1]s/a/b/made; exec sleep 1000"]
ready = { file = "%[1]s/a/b/made", interval = "1h" }
[service.written]
command = ["sh", "-c", "sleep 0.2; exec 4>%[1]s/old; echo $$$$ >&4; exec sleep 1000"]
ready = { file = "%[1]s/old", interval = "1h" }
[service.app]
command = ["sh", "-c", "echo app runs; exec sleep 1000"]
requires = ["made", "written"]`, dir)))
	b.says("made: ready", "written: ready", "app runs")
	b.term(0)
}

// freePort is one that nobody listens at just now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// What was wrong at last is the reason when the time is over. A probe has the service's
// user, ends with it, and leaves nothing behind.
func TestWhyItIsNotReady(t *testing.T) {
	needRoot(t)
	dir := publicDir(t)
	os.WriteFile(dir+"/old", nil, 0o644)
	service := func(name, ready string) string {
		return fmt.Sprintf("[service.%s]\ncommand = \"sleep 1000\"\nstart-timeout = \"700ms\"\nrestart = \"never\"\nready = { %s }\n", name, ready)
	}
	b := up(t, plain, define(t, service("tcp", `tcp = "127.0.0.1:1"`)+service("unix", `unix = "`+dir+`/none"`)+
		service("http", `http = "http://127.0.0.1:1/x"`)+service("file", `file = "`+dir+`/old"`)+service("fd", "fd = 3")+
		service("exec", `exec = ["sh", "-c", "echo no; echo as $(id -un) >&2; exit 3"]`)+"user = \"nobody\"\n"+
		service("hangs", `exec = ["sh", "-c", "echo waits for $BOLE_SERVICE; sleep 1000.1 & sleep 1000.2"], timeout = "100ms"`)+
		service("killed", `exec = ["sh", "-c", "kill -KILL $$$$"]`)+
		service("gigabyte", `exec = ["sh", "-c", "head -c 1000000000 /dev/zero; exit 1"], timeout = "1m"`)+
		service("lacks", `exec = "no-such-program"`)+
		service("daemon", `exec = ["sh", "-c", "sleep 1000.3 & echo bye; exit 1"]`)))
	for _, why := range []string{
		"tcp 127.0.0.1:1: connection refused", "unix " + dir + "/none: there is no such socket", "http: failed: not ready in time: http://127.0.0.1:1/x: connection refused", "file " + dir + "/old: it is from before the start",
		"fd: failed: not ready in time: no newline on fd 3 yet (ended by signal TERM)", "sh: as nobody (exited with code 3)", "sh: waits for hangs (no answer in time)", "sh: ended by signal KILL",
		"lacks: failed: not ready in time: cannot run no-such-program", "sh: bye (exited with code 1)",
	} {
		b.says(why)
	}
	b.says("gigabyte: failed: not ready in time")
	for _, word := range []string{"1000.1", "1000.2", "1000.3"} {
		wait(t, "sleep "+word+" to be gone", func() bool { return b.find(word) == 0 })
	}
	b.term(1)
}

// No reason tells a secret of the service's, wherever that has come from.
func TestReasonsHideSecrets(t *testing.T) {
	dir := publicDir(t)
	os.WriteFile(dir+"/env", []byte("PLAIN=of-an-env-file\n"), 0o644)
	b := up(t, plain, define(t, fmt.Sprintf(`
[defaults]
command = "sleep 1000"
start-timeout = "300ms"
restart = "never"
[oneshot.fetch]
up = ["sh", "-c", "echo FETCHED=handed-on >$BOLE_ENV"]
[service.file]
env = { APP_TOKEN = "hunter2" }
ready = { file = "%[1]s/${APP_TOKEN}/x" }
[service.exec]
requires = ["fetch"]
env = { APP_TOKEN = "hunter2", APP_KEY = "hunter2-longer", SHORT_KEY = "now" }
env-file = "%[1]s/env"
ready = { exec = ["sh", "-c", "echo not now: $PLAIN $FETCHED $APP_KEY $APP_TOKEN; exit 1"] }
[service.sick]
env = { APP_TOKEN = "hunter2" }
health = { exec = ["sh", "-c", "[ ! -e %[1]s/sick ] || { echo $APP_TOKEN; exit 1; }"], interval = "20ms", failures = 1, action = "mark" }`, dir)))
	b.says("sick: ready")
	os.WriteFile(dir+"/sick", nil, 0o644)
	b.says("file: failed: not ready in time: file "+dir+"/(hidden)/x: it is not there yet",
		"exec: failed: not ready in time: sh: not now: (hidden) (hidden) (hidden) (hidden) (exited with code 1)", "sick: unhealthy: sh: (hidden) (exited with code 1)")
	status, _, _ := b.asks("status", "--json")
	for _, secret := range []string{"hunter2", "of-an-env", "handed-on"} {
		b.never(secret)
		if strings.Contains(status, secret) {
			t.Errorf("status says %s", secret)
		}
	}
	b.term(1)
}

// What a probe leaves behind outside its session is ended, and told once; what the
// service itself has left there stays.
func TestProbeThatLeavesProcesses(t *testing.T) {
	b := up(t, plain, define(t, `
[service.app]
command = ["sh", "-c", "(setsid sleep 1000.1 &); exec sleep 1000"]
ready = { exec = ["sh", "-c", "setsid sleep 1000.2 & exit 0"] }
health = { exec = ["sh", "-c", "(setsid sleep 1000.2 &) & echo asked"], interval = "5ms" }`))
	b.says("app: ready", "app: the command that is asked how it is leaves processes behind; they are ended")
	most, ours := 0, b.service("1000.1")
	for range 50 {
		most = max(most, len(running("1000.2")))
		time.Sleep(10 * time.Millisecond)
	}
	if most > 10 { // one is there, and some are about to end
		t.Errorf("%d processes of probes at a time", most)
	}
	if b.find("1000.1") != ours {
		t.Error("what the service left behind was ended with them")
	}
	if n := strings.Count(b.output(), "leaves processes behind"); n != 1 {
		t.Errorf("told %d times", n)
	}
	b.term(0)
}

// A stop does not wait for a probe, and a crash ends the asking.
func TestStopWhileItIsAsked(t *testing.T) {
	b := up(t, plain, define(t, `
[service.app]
command = ["sh", "-c", "echo is there; exec sleep 1000"]
ready = { exec = ["sh", "-c", "echo $$$$; exec sleep 1000.1"], timeout = "0s" }
[service.crashes]
command = ["sh", "-c", "sleep 0.2; exit 3"]
restart = "never"
ready = { exec = ["sh", "-c", "exec sleep 1000.2"], timeout = "0s" }`))
	b.service("1000.1")
	b.says("crashes: failed: exited with code 3")
	wait(t, "its probe to be gone", func() bool { return b.find("1000.2") == 0 })
	if took := b.term(1); took.Seconds() > 4 { // its stop-timeout is 5 s
		t.Errorf("took %s", took)
	}
}

// A service that speaks sd_notify is ready by its own word, by that of a process below
// it, or of one that has left its session; not by a stranger's. What it says of itself is
// the reason while it is not ready; garbage is told once.
func TestNotify(t *testing.T) {
	need(t, "systemd-notify")
	dir := publicDir(t)
	b := up(t, environment{"another's socket", []string{"env", "NOTIFY_SOCKET=/run/none"}}, define(t, fmt.Sprintf(`
[defaults]
restart = "never"
[service.app]
command = ["sh", "-c", "systemd-notify --status=loading; sleep 0.2; systemd-notify --ready && echo heard; exec sleep 1000"]
ready = { notify = true }
[service.late]
command = ["sh", "-c", "echo late; exec sleep 1000"]
requires = ["app"]
[service.away]
command = ["sh", "-c", "(setsid sh -c 'setsid systemd-notify --ready' &); exec sleep 1000"]
ready = { notify = true }
[service.slow]
command = ["sh", "-c", "echo $NOTIFY_SOCKET >%[1]s/name; systemd-notify --status='reading the journal'; exec sleep 1000"]
ready = { notify = true }
start-timeout = "1500ms"
[service.stranger]
command = ["sh", "-c", "until [ -s %[1]s/name ]; do sleep 0.01; done; NOTIFY_SOCKET=$(cat %[1]s/name) systemd-notify --ready; echo tried; exec sleep 1000"]
[service.garbage]
command = ["sh", "-c", "for i in 1 2 3 4 5; do systemd-notify STATUS=$(head -c 9000 /dev/zero | tr '\\0' x); done; exec sleep 1000"]
ready = { notify = true }
start-timeout = "1500ms"`, dir)))
	b.says("app: ready", "late: ready", "away: ready", "| heard", "tried")
	b.order("app: ready", "late: ready")
	b.says("slow: a notification of process", "is not taken: it is none of the service's", "garbage: a notification of process", "is not taken: it is too long")
	b.says("slow: failed: not ready in time: it says: reading the journal", "garbage: failed: not ready in time: it has not sent READY=1 yet")
	if n := strings.Count(b.output(), "is not taken: it is too long"); n != 1 {
		t.Errorf("garbage is told %d times", n)
	}
	b.term(1)
}
