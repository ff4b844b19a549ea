package test

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
)

// Health without ready: the first success is the readiness; failures in a row end the
// process, which is started again; where it is only marked, it is said, and taken back.
func TestHealth(t *testing.T) {
	dir := publicDir(t)
	port := freePort(t)
	b := up(t, plain, define(t, fmt.Sprintf(`
[service.web]
command = ["sh", "-c", "echo begins; test -e %[1]s/again || touch %[1]s/ok; touch %[1]s/again; exec sleep 1000"]
restart-delay = "1s"
health = { exec = ["sh", "-c", "test -e %[1]s/ok || { echo no ok; exit 1; }"], interval = "20ms", failures = 2 }
[service.marked]
command = ["sh", "-c", "touch %[1]s/marked; exec sleep 1000"]
health = { exec = "ls %[1]s/marked", interval = "20ms", failures = 1, action = "mark" }
[service.app]
command = ["sh", "-c", "echo app runs; exec sleep 1000"]
requires = ["web"]
[service.once]
command = ["sh", "-c", "exec sleep 1000"]
ready = { delay = "1ms" }
restart = "never"
health = { tcp = "127.0.0.1:%[2]s", interval = "20ms" }`, dir, port)))
	b.says("web: ready", "marked: ready", "app runs", "once: unhealthy: tcp 127.0.0.1:"+port+": connection refused")
	os.Remove(dir + "/ok")
	b.says("web: stopping: failed its health check: sh: no ok (exited with code 1)",
		"web: failed its health check: sh: no ok (exited with code 1) (ended by signal TERM); next start in")
	os.Remove(dir + "/marked")
	b.says("marked: unhealthy: ls: ", "No such file or directory (exited with code 2)")
	os.WriteFile(dir+"/marked", nil, 0o644)
	b.says("marked: healthy again")
	twice := func(text string) {
		wait(t, "a second "+text, func() bool { return strings.Count(b.output(), text) == 2 })
	}
	twice("| begins")
	os.WriteFile(dir+"/ok", nil, 0o644)
	twice("web: ready after")
	b.term(0)
	if out := b.output(); strings.Count(out, "app runs") != 1 || strings.Count(out, "once: unhealthy") != 1 {
		t.Errorf("what requires it was restarted, or the same is told twice:\n%s", out)
	}
}

// A watched service that falls silent is ended by ABRT; so is one that asks for it. What
// is said for longer than the start-timeout may take as long as it says. A process that
// takes the place of the first one is the service's from then on.
func TestWatchdog(t *testing.T) {
	need(t, "systemd-notify")
	dir := publicDir(t)
	b := up(t, environment{"another's watchdog", []string{"env", "WATCHDOG_USEC=7", "WATCHDOG_PID=1"}}, define(t, fmt.Sprintf(`
[defaults]
restart = "never"
[service.dog]
command = ["sh", "-c", "echo every $WATCHDOG_USEC, pid \"$WATCHDOG_PID\"; systemd-notify --ready; for i in 1 2 3 4 5 6 7 8 9; do systemd-notify WATCHDOG=1; sleep 0.3; done; echo silent; exec sleep 1000"]
ready = { notify = true }
watchdog = "2s"
[service.trigger]
command = ["sh", "-c", "systemd-notify WATCHDOG=trigger; exec sleep 1000"]
watchdog = "1h"
[service.longer]
command = ["sh", "-c", "systemd-notify EXTEND_TIMEOUT_USEC=60000000; sleep 1.5; systemd-notify --ready; exec sleep 1000"]
ready = { notify = true }
start-timeout = "1s"
[service.heir]
command = ["sh", "-c", "sleep 1000.7 & systemd-notify --ready MAINPID=$!; sleep 0.1; echo leaves"]
ready = { notify = true }
[service.daemon]
command = ["sh", "-c", "(echo runs; exec sleep 1000.8) & echo $! >%[1]s/pid"]
pid-file = "%[1]s/pid"
health = { exec = "test -e %[1]s/pid", interval = "20ms", failures = 1 }`, dir)))
	b.says("every 2000000, pid ", "trigger: failed: asked its watchdog to end it (ended by signal ABRT)", "longer: ready after 1.")
	b.says("heir: ready", "| leaves", "daemon: ready")
	os.Remove(dir + "/pid")
	b.says("daemon: unhealthy: test: exited with code 1")
	b.never("heir: failed")
	syscall.Kill(b.service("1000.7"), syscall.SIGKILL)
	b.says("heir: failed: ended by signal KILL")
	b.says("dog: failed: gave its watchdog no sign of life in time (ended by signal ABRT)")
	b.order("| silent", "dog: stopping: gave its watchdog no sign of life in time")
	b.term(1)
}
