package test

import (
	"encoding/json"
	"strings"
	"testing"

	"bole/tree/control"
)

// The boot as it was: in text with letters, as an image, as JSON; and in the line that bole
// says at its end.
func TestTimeline(t *testing.T) {
	b := up(t, plain, define(t, `
[service.db]
command = ["sh", "-c", "sleep 0.2; echo >&3; exec sleep 1000"]
ready = { fd = 3 }
[service.cache]
command = "sleep 1000"
[oneshot.migrate]
up = "sleep 0.1"
requires = ["db", "cache"]
[service.late]
command = "sleep 1000"
enabled = false`))
	b.says("ready after ", ": 2 ready, 1 done; critical path db → migrate ")
	out, errs, code := b.asks("timeline")
	lines := strings.Split(out, "\n")
	if code != 0 || errs != "" || len(lines) != 6 || !strings.HasPrefix(lines[0], "critical path db → migrate ") {
		t.Fatalf("exit code %d: %s%s", code, out, errs)
	}
	db, migrate := strings.Index(out, "\n* db "), strings.Index(out, "\n* migrate  done ")
	if db < 0 || migrate < db || !strings.Contains(out, "\n  cache    ready ") || strings.Count(out, "█") < 15 || strings.Contains(out, "late") {
		t.Errorf("%s", out)
	}
	if out, _, _ := b.asks("timeline", "--svg"); !strings.HasPrefix(out, "<svg ") || !strings.HasSuffix(out, "</svg>\n") {
		t.Errorf("%s", out)
	}
	out, _, _ = b.asks("timeline", "--json")
	var line control.Timeline
	if err := json.Unmarshal([]byte(out), &line); err != nil || len(line.Spans) != 3 || line.Critical.Seconds < 0.3 || strings.Join(line.Critical.Services, " ") != "db migrate" {
		t.Errorf("%v\n%s", err, out)
	}
	screen, colors := onScreen(t, 70, binary+" timeline --socket "+b.socket)
	if !strings.Contains(screen, "\n* migrate  done ") || !strings.Contains(colors, "\x1b[33m█") {
		t.Errorf("%s\n%q", screen, colors)
	}
}
