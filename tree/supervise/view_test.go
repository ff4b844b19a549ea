package supervise

import (
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
