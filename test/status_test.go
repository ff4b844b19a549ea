package test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"bole/tree/control"
)

// crowd is a tree in which one service has failed, and another waits for a file.
func crowd(t *testing.T) (b *bole, dir string) {
	dir = publicDir(t)
	b = up(t, plain, define(t, fmt.Sprintf(`
[service.db]
description = "where all is kept"
command = ["sh", "-c", "echo opening; until test -e %[1]s/go; do sleep 0.01; done; echo >&3; exec sleep 1000"]
ready = { fd = 3 }
[oneshot.migrate]
up = "true"
requires = ["db"]
[service.app]
command = ["sh", "-c", "sleep 1000 & exec sleep 1000"]
requires = ["migrate"]
[service.bad]
command = ["sh", "-c", "echo cannot work; exit 3"]
restart = "never"
[service.cron]
command = "sleep 1000"
enabled = false
[bundle.site]
contains = ["app", "db", "cron"]`, dir)))
	return b, dir
}

// table is what status prints, but for times and process numbers.
func table(text string) string {
	text = regexp.MustCompile(`\d+(\.\d+)?(ms|µs|s)\b|\d+m\d\ds`).ReplaceAllString(text, "T")
	text = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`).ReplaceAllString(text, "DATE")
	text = regexp.MustCompile(`\b\d{2,}\b`).ReplaceAllString(text, "N")
	return regexp.MustCompile(` +`).ReplaceAllString(text, " ")
}

func TestStatus(t *testing.T) {
	b, dir := crowd(t)
	b.says("bad: failed")
	check := func(want string, code int, args ...string) {
		t.Helper()
		out, errs, got := b.asks(append([]string{"status"}, args...)...)
		if table(out)+errs != want || got != code {
			t.Errorf("%v: exit code %d, want %d\n%s%s", args, got, code, out, errs)
		}
	}
	check(`degraded: 1 starting, 2 waiting, 1 failed, 1 down; up T, since DATE, pid N
NAME STATE FOR PID RESTARTS WHY
db starting T N 0 no newline on fd 3 yet
migrate waiting T - 0 waiting for db (starting for T)
app waiting T - 0 waiting for migrate (waiting for T)
bad failed T - 0 exited with code 3 after T
cron down T - 0
`, 3)
	check("NAME STATE FOR PID RESTARTS WHY\ndb starting T N 0 no newline on fd 3 yet\napp waiting T - 0 waiting for migrate (waiting for T)\ncron down T - 0\n", 3, "site")
	check("bole status: there is no service \"aap\"; did you mean app?\n", 4, "aap")
	check("bole status: there is no service \"aap\"; did you mean app?\n", 4, "db", "aap")
	os.WriteFile(dir+"/go", nil, 0o644)
	b.says("app: ready")
	check("NAME STATE FOR PID RESTARTS WHY\ndb ready T N 0\napp ready T N 0\ncron down T - 0\n", 0, "site")
	check("NAME STATE FOR PID RESTARTS WHY\nmigrate done T - 0\nbad failed T - 0 exited with code 3 after T\n", 3, "bad", "migrate")
	if out, _, _ := run(t, "__complete", "wait", "--socket", b.socket, "m"); out != "db\nmigrate\napp\nbad\ncron\nsite\n:4\n" {
		t.Errorf("completion: %q", out)
	}
	out, _, code := b.asks("status", "migrate", "site", "--json")
	var s control.Status
	if err := json.Unmarshal([]byte(out), &s); err != nil || code != 0 || len(s.Services) != 4 || s.Bundles["site"] == nil {
		t.Errorf("exit code %d, %v\n%s", code, err, out)
	}
}

func TestStatusPage(t *testing.T) {
	b, dir := crowd(t)
	os.WriteFile(dir+"/go", nil, 0o644)
	b.says("app: ready", "bad: failed", "| opening")
	page := func(name string, code int, lines ...string) {
		t.Helper()
		out, errs, got := b.asks("status", name)
		for _, line := range lines {
			if !regexp.MustCompile("(?m)^" + line + "$").MatchString(out) {
				t.Errorf("no %q in\n%s", line, out)
			}
		}
		if got != code || errs != "" {
			t.Errorf("exit code %d, want %d; %s", got, code, errs)
		}
	}
	page("db", 0, "db: where all is kept", "  state       ready for .*", `  process     pid \d+, .* MiB resident, .* of CPU`, "  command     sh -c 'echo opening; .*'", "  needed by   migrate", `  wrote       \d\d:\d\d:\d\d\.\d{3}  opening`)
	page("app", 0, `  process     pid \d+, 2 processes, .*`, "  requires    migrate")
	page("bad", 3, "  state       failed for .*: exited with code 3 after .*", "  ended       .* ago: exited with code 3 after .*", `  wrote       .*  cannot work`)
	page("cron", 3, "  state       down for .*, not wanted")
	out, _, _ := b.asks("status", "app", "--json")
	var d control.Detail
	if err := json.Unmarshal([]byte(out), &d); err != nil || d.Name != "app" || d.Usage.Processes != 2 {
		t.Errorf("%v\n%s", err, out)
	}
	syscall.Kill(d.PID, syscall.SIGKILL)
	b.says("app: ended by signal KILL")
	wait(t, "the page to tell of it", func() bool {
		out, _, _ := b.asks("status", "app")
		return strings.Contains(out, "restarts    1") && strings.Contains(out, " ago: ended by signal KILL after ")
	})
	if _, errs, code := b.asks("status", "crom"); code != 4 || errs != "bole status: there is no service \"crom\"; did you mean cron?\n" {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

// On a terminal lines end where it ends, and states have colours; NO_COLOR takes only
// these away.
func TestStatusOnATerminal(t *testing.T) {
	b, _ := crowd(t)
	b.says("bad: failed")
	ask := fmt.Sprintf("%s status --socket %s", binary, b.socket)
	narrow, colors := onScreen(t, 60, ask)
	wide, _ := onScreen(t, 200, ask)
	_, none := onScreen(t, 60, "NO_COLOR=1 "+ask)
	if lines := strings.Split(narrow, "\n"); lines[7] != "over: 3" || !strings.HasSuffix(lines[3], "…") {
		t.Errorf("60 columns:\n%s", narrow)
	}
	if !strings.Contains(wide, " waiting for db (starting for ") || strings.Contains(wide, "…") {
		t.Errorf("200 columns:\n%s", wide)
	}
	for _, painted := range []string{"\x1b[33mstarting", "\x1b[31mfailed"} {
		if !strings.Contains(colors, painted) || strings.Contains(none, "\x1b[3") {
			t.Errorf("colours:\n%q\n%q", colors, none)
		}
	}
}

func TestGraphOfARunningTree(t *testing.T) {
	b, dir := crowd(t)
	os.WriteFile(dir+"/go", nil, 0o644)
	b.says("app: ready", "bad: failed")
	out, errs, code := b.asks("graph", "--running")
	if want := "app (ready)\n└─ requires migrate (done)\n   └─ requires db (ready)\nbad (failed)\ncron (down)\n"; out != want || errs != "" || code != 0 {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	if _, colors := onScreen(t, 80, binary+" graph --running --socket "+b.socket); !strings.Contains(colors, "(\x1b[31mfailed\x1b[39m)") {
		t.Errorf("%q", colors)
	}
	if _, errs, code := run(t, "graph", "--running", "--socket", dir+"/none"); code != 3 || errs != "bole graph: no bole is running here: there is no socket "+dir+"/none\n" {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if _, errs, code := run(t, "graph", "--running", "x.toml"); code != 2 || !strings.HasPrefix(errs, "bole: --running takes no PATH") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}
