package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bole/tree/control"
)

func want(t *testing.T, what, got, want string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func ref[T any](v T) *T { return &v }

// now is when all that is looked at here is looked at.
var now = time.Date(2026, 1, 2, 5, 17, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

// shop is a tree in which all kinds of things go wrong.
func shop() *control.Status {
	return &control.Status{
		Tree: control.Tree{State: "degraded", PID: 1, Since: ago(2*time.Hour + 13*time.Minute)},
		Services: []control.Service{
			{Name: "db", State: "ready", Wanted: true, Ready: true, Healthy: ref(false), PID: 7, Since: ago(2 * time.Hour), Why: "unhealthy: tcp 127.0.0.1:5432: connection refused"},
			{Name: "migrate", State: "done", Wanted: true, Ready: true, Since: ago(2 * time.Hour)},
			{Name: "app", State: "backoff", Wanted: true, PID: 0, Since: ago(1200 * time.Millisecond), Restarts: 12, Why: "exited with code 1 after 1.2s; next start in 800ms", Requires: []string{"db", "migrate"}},
			{Name: "web-server-with-a-long-name@12", State: "blocked", Wanted: true, Since: ago(50 * time.Hour), Why: "app is failed"},
			{Name: "cron", State: "down", Since: ago(-time.Second)},
		},
		Bundles: map[string][]string{"all": {"app", "web-server-with-a-long-name@12"}, "well": {"migrate", "cron"}},
	}
}

func TestStatusTable(t *testing.T) {
	s := shop()
	want(t, "in a pipe nothing is cut", treeLine(s, now, screen{})+"\n"+statusTable(s.Services, now, screen{}), `degraded: 1 ready, 1 done, 1 backoff, 1 blocked, 1 down, 1 unhealthy; up 2h13m, since 2026-01-02 03:04:00, pid 1
NAME                            STATE      FOR  PID  RESTARTS  WHY
db                              ready    2h00m    7         0  unhealthy: tcp 127.0.0.1:5432: connection refused
migrate                         done     2h00m    -         0
app                             backoff   1.2s    -        12  exited with code 1 after 1.2s; next start in 800ms
web-server-with-a-long-name@12  blocked  2d02h    -         0  app is failed
cron                            down        0s    -         0
`)
	want(t, "80 columns", treeLine(s, now, screen{width: 80})+"\n"+statusTable(s.Services, now, screen{width: 80}), `degraded: 1 ready, 1 done, 1 backoff, 1 blocked, 1 down, 1 unhealthy; up 2h13m,…
NAME                        STATE      FOR  PID  RESTARTS  WHY
db                          ready    2h00m    7         0  unhealthy: tcp 127.0…
migrate                     done     2h00m    -         0
app                         backoff   1.2s    -        12  exited with code 1 a…
web-server-with-a-long-na…  blocked  2d02h    -         0  app is failed
cron                        down        0s    -         0
`)
	colors := statusTable(s.Services[:3], now, screen{width: 200, colors: true})
	want(t, "colours", strings.ReplaceAll(colors, "\x1b", "^"), `^[1mNAME     STATE      FOR  PID  RESTARTS  WHY^[0m
db       ^[31mready  ^[0m  2h00m    7         0  unhealthy: tcp 127.0.0.1:5432: connection refused
migrate  ^[32mdone   ^[0m  2h00m    -         0
app      ^[33mbackoff^[0m   1.2s    -        12  exited with code 1 after 1.2s; next start in 800ms
`)
}

// On no terminal, however narrow, is a line wider than it is.
func TestStatusFits(t *testing.T) {
	s := shop()
	for columns := 60; columns < 220; columns++ {
		text := treeLine(s, now, screen{width: columns}) + "\n" + statusTable(s.Services, now, screen{width: columns})
		for line := range strings.Lines(text) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > columns {
				t.Errorf("%d columns: %q has %d", columns, line, n)
			}
		}
	}
}

func TestStatusPage(t *testing.T) {
	d := &control.Detail{
		Service: shop().Services[2], Command: []string{"sh", "-c", "echo it's\n$HOME", ""}, Dependents: []string{"web", "cron"},
		Ends: []control.EndNote{
			{At: ago(1200 * time.Millisecond), What: "exited with code 1 after 1.2s"},
			{At: ago(time.Minute), What: "ended by signal KILL after 54s", OOM: true, Core: true},
		},
		Lines: []control.Line{{At: ago(2 * time.Second), Text: "cannot\topen\x1b[31m it"}, {At: ago(time.Second), Text: "giving up"}},
	}
	d.Description = "the shop itself"
	want(t, "page", statusPage(d, now, screen{}), `app: the shop itself
  state       backoff for 1.2s: exited with code 1 after 1.2s; next start in 800ms
  command     sh -c 'echo it'\''s↵$HOME' ''
  restarts    12
  requires    db, migrate
  needed by   web, cron
  ended       1.2s ago: exited with code 1 after 1.2s
              1m00s ago: ended by signal KILL after 54s, for the memory was full, core dumped
  wrote       05:16:58.000  cannot open·[31m it
              05:16:59.000  giving up
`)
	d = &control.Detail{Service: control.Service{Name: "db", State: "ready", Healthy: ref(true), PID: 7, Since: ago(time.Hour)}, Usage: control.Usage{Processes: 3, Resident: 34 << 20, CPUSeconds: 1.25}}
	want(t, "colours", strings.ReplaceAll(statusPage(d, now, screen{width: 80, colors: true}), "\x1b", "^"), `^[1mdb^[0m
  state       ^[32mready^[0m for 1h00m, not wanted, healthy
  process     pid 7, 3 processes, 34 MiB resident, 1.3s of CPU
  restarts    0
`)
}

func TestUp(t *testing.T) {
	s := shop()
	for _, test := range []struct {
		name string
		up   bool
	}{{"migrate", true}, {"db", false}, {"app", false}, {"cron", false}, {"all", false}, {"well", true}} {
		services, err := members(t.Context(), nil, s, test.name)
		if err != nil || up(services...) != test.up {
			t.Errorf("%s: up is %v, %v", test.name, !test.up, err)
		}
	}
}

func TestFit(t *testing.T) {
	for _, test := range []struct {
		text    string
		columns int
		want    string
	}{{"waiting", 7, "waiting"}, {"waiting", 6, "waiti…"}, {"a → b", 5, "a → b"}, {"a → b", 4, "a →…"}, {"ab", 1, "…"}, {"ab", 0, ""}, {"ab", -3, ""}, {"", 0, ""}} {
		want(t, test.text, fit(test.text, test.columns), test.want)
	}
}
