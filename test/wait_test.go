package test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asking runs a verb that takes its time; what it has come to is there when it has ended.
func (b *bole) asking(args ...string) <-chan string {
	out := make(chan string, 1)
	go func() {
		stdout, stderr, code := b.asks(args...)
		out <- fmt.Sprint(stdout, stderr, code)
	}()
	return out
}

// comes checks what something has come to.
func comes(t *testing.T, what string, out <-chan string, begin, end string) {
	t.Helper()
	select {
	case got := <-out:
		if !strings.HasPrefix(got, begin) || !strings.HasSuffix(got, end) {
			t.Errorf("%s: %q, want %q … %q", what, got, begin, end)
		}
	case <-time.After(patience):
		t.Fatalf("%s: it does not end", what)
	}
}

// open checks that it has not ended yet.
func open(t *testing.T, what string, out <-chan string) {
	t.Helper()
	select {
	case got := <-out:
		t.Fatalf("%s has ended: %q", what, got)
	default:
	}
}

func TestWait(t *testing.T) {
	dir := publicDir(t)
	b := up(t, plain, define(t, fmt.Sprintf(`
[service.db]
command = ["sh", "-c", "until test -e %[1]s/go; do sleep 0.01; done; echo >&3; exec sleep 1000.1"]
ready = { fd = 3 }
health = { exec = "test ! -e %[1]s/sick", interval = "20ms", failures = 1, action = "mark" }
[oneshot.migrate]
up = ["sh", "-c", "until test -e %[1]s/migrated; do sleep 0.01; done"]
requires = ["db"]
[service.bad]
command = ["sh", "-c", "until test -e %[1]s/fail; do sleep 0.01; done; exit 3"]
ready = { fd = 3 }
restart = "never"
[service.web]
command = "sleep 1000"
requires = ["bad"]
[service.cron]
command = "sleep 1000"
enabled = false
[bundle.site]
contains = ["migrate", "cron"]`, dir)))
	b.says("db: starting", "bad: starting")
	ready, site, all, settled, web := b.asking("wait", "db"), b.asking("wait", "site"), b.asking("wait"), b.asking("wait", "--for", "settled", "--timeout", "0"), b.asking("wait", "web")
	comes(t, "its time is over", b.asking("wait", "db", "--timeout", "50ms"), "bole wait: not ready within 50ms: db is starting: no newline on fd 3 yet\n", "1")
	comes(t, "not wanted", b.asking("wait", "cron"), "bole wait: cron is down, and not wanted: bole start cron\n", "1")
	comes(t, "down", b.asking("wait", "cron", "--for", "down"), "", "0")
	comes(t, "misspelt", b.asking("wait", "dp", "web"), "bole wait: there is no service \"dp\"; did you mean db?\n", "4")
	open(t, "ready", ready)
	os.WriteFile(dir+"/go", nil, 0o644)
	comes(t, "ready", ready, "", "0")
	open(t, "the bundle", site)
	os.WriteFile(dir+"/migrated", nil, 0o644)
	comes(t, "the bundle", site, "", "0")
	open(t, "settled", settled)
	open(t, "all", all)
	os.WriteFile(dir+"/fail", nil, 0o644)
	comes(t, "settled", settled, "", "0")
	comes(t, "all", all, "bole wait: bad is failed: exited with code 3 after ", "1")
	comes(t, "what it needs", web, "bole wait: web is blocked: bad failed (exit code 3)", "1")
	comes(t, "healthy", b.asking("wait", "--for", "healthy", "db"), "", "0")
	os.WriteFile(dir+"/sick", nil, 0o644)
	b.says("db: unhealthy")
	well := b.asking("wait", "--for", "healthy", "db")
	out, errs, code := b.asks("wait", "--for", "healthy", "--json", "--timeout", "50ms", "db", "migrate")
	var o struct {
		Met      bool
		Reason   string
		Services []struct{ Name, State string }
	}
	if err := json.Unmarshal([]byte(out), &o); err != nil || o.Met || len(o.Services) != 2 || code != 1 || errs != "bole wait: "+o.Reason+"\n" {
		t.Errorf("exit code %d, %v: %s%s", code, err, out, errs)
	}
	open(t, "healthy", well)
	os.Remove(dir + "/sick")
	comes(t, "healthy", well, "", "0")
	syscall.Kill(b.service("1000.1"), syscall.SIGKILL)
	b.says("db: ended by signal KILL")
	comes(t, "after a crash", b.asking("wait", "db"), "", "0")
	down := b.asking("wait", "--for", "down", "--timeout", "0", "db")
	wait(t, "somebody to wait", func() bool { return b.watchers() == 1 })
	b.term(1)
	comes(t, "down", down, "", "0")
	comes(t, "none", b.asking("wait", "db"), "bole wait: no bole is running here: ", "3")
}

// watchers are how many wait at bole's socket now.
func (b *bole) watchers() (n int) {
	text, _ := os.ReadFile("/proc/net/unix")
	return strings.Count(string(text), b.socket) - 1 // the listener
}
