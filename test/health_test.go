package test

import (
	"fmt"
	"os"
	"strings"
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
