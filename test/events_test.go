package test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"bole/tree/control"
)

func TestEvents(t *testing.T) {
	b := up(t, plain, define(t, `
[service.db]
command = "sleep 1000.3"
[service.app]
command = "sleep 1000"
requires = ["db"]
[bundle.all]
contains = ["db"]`))
	b.says("app: ready")
	lines := func(args ...string) string {
		t.Helper()
		out, errs, code := b.asks(append([]string{"events"}, args...)...)
		if errs != "" || code != 0 {
			t.Errorf("exit code %d: %s", code, errs)
		}
		what := ""
		for line := range strings.Lines(out) {
			if len(line) < 31 {
				t.Fatalf("%q", line)
			}
			what += line[24:]
		}
		return what
	}
	boot := []string{"    1  db: down → waiting\n", "    2  db: waiting → starting\n", "    3  app: down → waiting\n", "    4  db: starting → ready\n", "    5  app: waiting → starting\n", "    6  app: starting → ready\n"}
	if got := lines(); got != strings.Join(boot, "") {
		t.Errorf("the boot:\n%s", got)
	}
	if got := lines("--after", "2"); got != strings.Join(boot[2:], "") {
		t.Errorf("after 2:\n%s", got)
	}
	if got := lines("all"); got != boot[0]+boot[1]+boot[3] {
		t.Errorf("those of the bundle:\n%s", got)
	}
	if _, errs, code := b.asks("events", "-f", "dbb"); code != 4 || !strings.HasSuffix(errs, "there is no service \"dbb\"; did you mean db?\n") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	cmd := exec.Command(binary, "events", "--follow", "--json", "--after", "6", "--socket", b.socket)
	stream, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	events := json.NewDecoder(stream)
	next := func(want string) {
		t.Helper()
		var e control.Event
		if err := events.Decode(&e); err != nil || !strings.HasPrefix(fmt.Sprint(e.Number, " ", &e), want) {
			t.Fatalf("%d %s, want %s; %v", e.Number, &e, want, err)
		}
	}
	syscall.Kill(b.service("1000.3"), syscall.SIGKILL)
	next("7 db: ready → backoff: ended by signal KILL after ")
	next("8 db: backoff → waiting")
	next("9 db: waiting → starting")
	next("10 db: starting → ready")
	b.term(0)
	for _, line := range []string{"11 app: ready → stopping", "12 app: stopping → down", "13 db: ready → stopping", "14 db: stopping → down"} {
		next(line)
	}
	if cmd.Wait(); cmd.ProcessState.ExitCode() != 0 {
		t.Errorf("exit code %d", cmd.ProcessState.ExitCode())
	}
}
