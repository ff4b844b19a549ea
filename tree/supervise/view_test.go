package supervise

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bole/tree"
	"bole/tree/control"
)

// A state of the tree, and the events after its number, give every later state: between
// the two nothing is missed, and nothing told twice.
func TestStatusAndEventsFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := longrun("slow")
		slow.Ready = &tree.Probe{Kind: tree.ProbeDelay, Delay: 30 * time.Millisecond}
		b := start(t, nil, slow, longrun("app", requires(0)), longrun("web", tree.Dep{On: 1, Kind: tree.Wants, Until: tree.UntilStarted}))
		states := func() (map[string]string, uint64) {
			s, err := b.Status()
			if err != nil {
				t.Fatal(err)
			}
			out := map[string]string{}
			for _, x := range s.Services {
				out[x.Name] = x.State
			}
			return out, s.Tree.Event
		}
		now, number := states()
		for i := range 200 {
			verb := []string{"start", "stop", "restart"}[i%3]
			if _, err := b.Do(control.Action{Verb: verb, Services: []string{[]string{"slow", "app", "web", "app"}[i%4]}}, control.Peer{}); err != nil {
				t.Fatal(err)
			}
			b.settle(time.Duration(i%7) * 5 * time.Millisecond)
			events, err := b.Events(t.Context(), number, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				if e.Kind != control.EventState {
					continue
				}
				if now[e.Service] != e.From {
					t.Fatalf("event %d leaves %s, but %s is %s", e.Number, e.From, e.Service, now[e.Service])
				}
				now[e.Service] = e.To
			}
			later, last := states()
			want(t, "states", now, later)
			want(t, "number", last, events[len(events)-1].Number)
			number = last
		}
		s, _ := b.Status()
		want(t, "web wants", s.Services[2].Wants, []string{"app"})
		want(t, "until started", s.Services[2].Started, []string{"app"})
		want(t, "app requires", s.Services[1].Requires, []string{"slow"})
		b.term()
	})
}

// The boot lasts until all that is wanted has settled; what comes later is no part of it.
func TestBoot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow, late, bad := longrun("slow"), longrun("late"), longrun("bad")
		slow.Ready = &tree.Probe{Kind: tree.ProbeDelay, Delay: 2 * time.Second}
		bad.Ready, bad.Restart.Policy = slow.Ready, tree.Never
		late.Enabled = false
		b := start(t, nil, slow, longrun("app", requires(0)), late, bad, longrun("web", requires(3)))
		boot := func() string {
			line, err := b.Timeline()
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, s := range line.Spans {
				out = append(out, fmt.Sprint(s.Service, " ", s.State, " ", atMoment(s.Began), " ", atMoment(s.Settled)))
			}
			return strings.Join(append(out, line.Critical.String()), ", ")
		}
		want(t, "at first", boot(), "slow starting 0s -, app waiting - -, bad starting 0s -, web waiting - -,  0s")
		b.settle(time.Second)
		b.world.end("bad", 1, 0)
		b.settle(2 * time.Second)
		whole := "slow ready 0s 2s, app ready 2s 2s, bad failed 0s 1s, web blocked - 1s, slow → app 2s"
		want(t, "then", boot(), whole)
		want(t, "start", b.do("start", "late"), "done [late] ")
		b.world.end("slow", 1, 0)
		b.settle(time.Second)
		b.do("stop", "app")
		want(t, "later", boot(), whole)
		if text := "\ndegraded after 2s: 2 ready, 1 failed, 1 blocked; critical path slow → app 2s\n"; !strings.Contains(b.lines(), text) {
			t.Errorf("no %q in\n%s", text, b.lines())
		}
		b.term()
	})
}

func atMoment(s *float64) string {
	if s == nil {
		return "-"
	}
	return control.Short(control.Seconds(*s))
}
