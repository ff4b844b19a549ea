package test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Programs made for s6 say their readiness to bole as they do to s6: its own
// s6-notifyoncheck, which asks a script until that says yes, and a shell. What is said
// after the newline, or instead of it, is no harm and no readiness.
func TestNotificationFd(t *testing.T) {
	need(t, "s6-notifyoncheck", "s6-setlock", "s6-mkfifodir")
	dir := publicDir(t)
	os.MkdirAll(dir+"/data", 0o755)
	os.WriteFile(dir+"/data/check", []byte("#!/bin/sh\ntest -e "+dir+"/well\n"), 0o755)
	// s6-notifyoncheck wants to see the lock of s6-supervise, and where that tells events.
	os.MkdirAll(dir+"/supervise", 0o755)
	b := up(t, plain, define(t, fmt.Sprintf(`
[defaults]
restart = "never"
[service.checked]
directory = "%[1]s"
prepare = "s6-mkfifodir event"
command = ["s6-setlock", "supervise/lock", "sh", "-c", "s6-notifyoncheck -3 3 -n 0 -w 50 sh -c 'echo begins; exec sleep 1000.4'; exit 3"]
ready = { fd = 3 }
[service.shell]
command = ["sh", "-c", "printf half >&3; echo waits; until [ -e %[1]s/well ]; do sleep 0.01; done; echo >&3; echo more >&3; echo more >&3; echo still there; exec sleep 1000"]
ready = { fd = 3 }
[service.app]
command = ["sh", "-c", "echo app runs; exec sleep 1000"]
requires = ["checked", "shell"]
[service.closes]
command = ["sh", "-c", "printf half >&3; exec 3>&-; exec sleep 1000"]
ready = { fd = 3 }
`, dir)))
	b.says("| begins", "| waits", "closes: failed")
	b.never("checked: ready")
	b.never("shell: ready")
	os.WriteFile(dir+"/well", nil, 0o644)
	b.says("checked: ready", "shell: ready", "| still there", "| app runs", "degraded after")
	b.order("| begins", "checked: ready", "| app runs")
	b.order("| waits", "shell: ready", "| app runs")
	if b.find("1000.4") == 0 {
		t.Error("the program of s6-notifyoncheck is gone")
	}
	b.term(1)
	if n := strings.Count(b.output(), "shell: ready"); n != 1 {
		t.Errorf("the shell was ready %d times", n)
	}
}
