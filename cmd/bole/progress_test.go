package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bole/tree/control"
)

var begin = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// changed is the event that a service has come to another state, so long after the begin.
func changed(ms int, service, to, why string) control.Event {
	return control.Event{At: begin.Add(time.Duration(ms) * time.Millisecond), Kind: control.EventState, Service: service, To: to, Why: why}
}

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// Where no terminal is, each change has a line, and so has what did not change.
func TestProgressInLines(t *testing.T) {
	for name, test := range map[string]struct {
		verb   string
		events []control.Event
		want   string
	}{
		"start": {"start", []control.Event{
			changed(0, "app", "waiting", ""), changed(10, "app", "starting", ""), changed(1510, "app", "ready", ""),
		}, "app: starting\napp: ready after 1.5s\ndb: ready already\n"},
		"stop":          {"stop", []control.Event{changed(0, "app", "stopping", ""), changed(3, "app", "down", "")}, "app: stopping\napp: down after 3ms\ndb: ready already\n"},
		"failure":       {"start", []control.Event{changed(0, "app", "starting", ""), changed(3, "app", "failed", "exited with code 1")}, "app: starting\napp: failed: exited with code 1\ndb: ready already\n"},
		"reload":        {"reload", nil, "db: reloaded\napp: reloaded\n"},
		"signal":        {"signal", nil, "db: HUP sent\napp: HUP sent\n"},
		"health is not": {"start", []control.Event{{Kind: control.EventHealth, Service: "app", To: "unhealthy"}}, "db: ready already\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			l := &lines{w: &out, services: []control.Service{{Name: "db", State: "ready"}, {Name: "app"}}, last: map[string]control.Event{}}
			op := &control.Operation{Action: control.Action{Verb: test.verb, Signal: "HUP"}, State: control.OperationRunning}
			l.draw(op)
			for _, ev := range test.events {
				l.event(ev)
			}
			op.State = control.OperationDone
			l.draw(op)
			same(t, "lines", out.String(), test.want)
		})
	}
}

// A fakeScreen is a board of three services that is drawn at given moments.
type fakeScreen struct {
	*board
	out strings.Builder
	op  *control.Operation
	at  time.Time
}

func newBoardScreen(verb string, columns, rows int) *fakeScreen {
	s := &fakeScreen{op: &control.Operation{Action: control.Action{Verb: verb}, State: control.OperationRunning}, at: begin}
	s.board = &board{w: &s.out, size: func() (int, int) { return columns, rows }, now: func() time.Time { return s.at }, looked: begin}
	s.look = func() []control.Service { return nil }
	for _, name := range []string{"db", "app", "web"} {
		s.rows = append(s.rows, boardRow{Service: control.Service{Name: name, State: "down"}})
	}
	return s
}

// draws is what is drawn then.
func (s *fakeScreen) draws(ms int) string {
	s.at = begin.Add(time.Duration(ms) * time.Millisecond)
	s.out.Reset()
	s.draw(s.op)
	return strings.NewReplacer("\x1b[K", "", "\x1b[J", "", "\x1b", "ESC").Replace(s.out.String())
}

// On a terminal every service keeps its line, and it is written over.
func TestBoard(t *testing.T) {
	s := newBoardScreen("start", 40, 24)
	for _, name := range []string{"db", "app", "web"} {
		s.event(changed(0, name, "waiting", ""))
	}
	s.event(changed(0, "db", "starting", ""))
	same(t, "at first", s.draws(250), " ⠋ db   starting   250ms\n ⠋ app  waiting    250ms\n ⠋ web  waiting    250ms\n")
	s.event(changed(1000, "db", "ready", ""))
	s.event(changed(1000, "app", "starting", ""))
	s.look = func() []control.Service {
		return []control.Service{{Name: "app", State: "starting", Why: "no \x1b[2Jnewline on fd 3 yet"}}
	}
	same(t, "then", s.draws(1250), "\rESC[3A ✔ db   ready         1s\n ⠙ app  starting    1.3s  no ·[2Jnewli…\n ⠙ web  waiting     1.3s\n")
	s.event(changed(2000, "app", "failed", "exited with code 1"))
	s.event(changed(2000, "web", "blocked", "app is failed"))
	s.op.State = control.OperationFailed
	same(t, "at last", s.draws(2300), "\rESC[3A ✔ db   ready         1s\n ✘ app  failed        2s  exited with …\n ✘ web  blocked       2s  app is failed\n")
	s.on.colors = true
	if got := s.draws(2300); !strings.Contains(got, " ESC[32m✔ESC[0m db ") || !strings.Contains(got, " ESC[31m✘ESC[0m app ") {
		t.Errorf("%q", got)
	}
}

// What is ready before a restart is not what was asked for, and a low terminal shows what
// is under way.
func TestBoardOfRestart(t *testing.T) {
	s := newBoardScreen("restart", 80, 3)
	for i := range s.rows {
		s.rows[i].State = "ready"
	}
	s.event(changed(0, "db", "stopping", ""))
	same(t, "at first", s.draws(100), " ⠋ db   stopping   100ms\n ⠋ app  ready\n")
	s.event(changed(200, "db", "down", ""))
	s.event(changed(300, "db", "ready", ""))
	same(t, "then", s.draws(400), "\rESC[2A ⠙ app  ready\n ⠙ web  ready\n")
}
