package test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// What a service says of itself is told while it runs, can be taken back, and is the last
// thing that is told of it when it fails. Of what cannot be its main process the first is
// told. It may turn its watchdog off.
func TestNotifyWords(t *testing.T) {
	b := up(t, plain, define(t, fmt.Sprintf(`
[defaults]
restart = "never"
env = { PATH = "%s:/usr/bin:/bin" }
[service.app]
command = ["sh", "-c", "bole notify --status loading MAINPID=1; bole notify MAINPID=x; bole notify --pid=$PPID; bole notify --ready --status ''; exec sleep 1000"]
ready = { notify = true }
[service.other]
command = ["sh", "-c", "bole notify --pid=$PPID --ready; exec sleep 1000"]
ready = { notify = true }
[service.db]
command = ["sh", "-c", "bole notify --status 'cannot open db' ERRNO=2; exit 3"]
ready = { notify = true }
[service.dog]
command = ["sh", "-c", "bole notify WATCHDOG_USEC=0; sleep 1; echo sleeps; exec sleep 1000"]
watchdog = "500ms"`, filepath.Dir(binary))))
	b.says("app: MAINPID=1 is not taken: that is no process of a service", "app: ready", "other: ready", "is not taken: process ",
		", before it was ready; it said: cannot open db (no such file or directory)", "| sleeps")
	if n := strings.Count(b.output(), "app: MAINPID"); n != 1 {
		t.Errorf("told %d times", n)
	}
	if status, _, _ := b.asks("status", "app"); strings.Contains(status, "it says") {
		t.Errorf("it still says so:\n%s", status)
	}
	b.never("no sign of life")
	b.term(1)
}
