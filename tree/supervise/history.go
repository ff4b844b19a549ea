package supervise

import (
	"context"
	"slices"
	"sync"
	"time"

	"bole/tree"
	"bole/tree/control"
	"bole/tree/engine"
)

// eventsMost is how many events are kept: those of the boot of a thousand services.
const eventsMost = 4096

// A history keeps what has happened to the tree, for those who ask later, or watch. The
// loop adds to it, and never waits for whoever reads.
type history struct {
	tree *tree.Tree
	wall func(time.Duration) time.Time

	mu     sync.Mutex
	events []event       // the oldest first
	next   uint64        // the number of the next one
	more   chan struct{} // closed when there is a next one; nil: nobody waits
	boot   []span        // by tree.ID
	booted bool          // it is over
}

// An event is a control.Event on little room.
type event struct {
	at        time.Duration
	kind      string
	service   tree.ID
	from, to  engine.State // of a state
	healthy   bool         // of health
	operation uint64
	text      string // why; or of a command what, and by whom
}

func newHistory(t *tree.Tree, wall func(time.Duration) time.Time) *history {
	return &history{tree: t, wall: wall, next: 1, boot: make([]span, len(t.Services))}
}

func (h *history) add(e event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.events) >= 2*eventsMost {
		h.events = slices.Clone(h.events[eventsMost:]) // readers may still have the old ones
	}
	h.events = append(h.events, e)
	h.next++
	if h.more != nil {
		close(h.more)
		h.more = nil
	}
}

// changed keeps that a service has come to another state, and why if there is more to say
// than that somebody wanted it.
func (h *history) changed(e *engine.Engine, ef engine.Changed) {
	at, why := e.Snapshot().Now, ""
	switch ef.To {
	case engine.Backoff, engine.Failed, engine.Blocked, engine.Done:
		why = e.WhyThen(ef)
	case engine.Stopping:
		if e.Record(ef.Service).Cause != engine.Asked {
			why = e.WhyThen(ef)
		}
	}
	h.add(event{at: at, kind: control.EventState, service: ef.Service, from: ef.From, to: ef.To, text: why})
	h.spans(at, ef)
}

// judged keeps that a service has become unhealthy, or is well again.
func (h *history) judged(e *engine.Engine, ef engine.Judged) {
	h.add(event{at: e.Snapshot().Now, kind: control.EventHealth, service: ef.Service, healthy: ef.Healthy, text: ef.Why})
}

// last is the number of the last event.
func (h *history) last() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.next - 1
}

// after returns the events after a number that are of some services, or of all if only is
// nil; and what is closed when there are more.
func (h *history) after(number uint64, only map[tree.ID]bool) (out []control.Event, more <-chan struct{}) {
	events, next, more := h.look()
	first := next - uint64(len(events))
	if number >= next || number < first-1 { // of an earlier bole, or long ago
		out = append(out, control.Event{Number: first - 1, At: h.wall(0), Kind: control.EventLost})
		number = first - 1
	}
	for i := min(number+1-first, uint64(len(events))); i < uint64(len(events)); i++ {
		if e := &events[i]; only == nil || only[e.service] && e.kind != control.EventCommand {
			out = append(out, h.wire(first+i, e))
		}
	}
	return out, more
}

// look returns the events as they are now, the number of the next one, and what is closed
// when that is there. What was kept once never changes, so who reads it holds up nobody.
func (h *history) look() (events []event, next uint64, more <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.more == nil {
		h.more = make(chan struct{})
	}
	return h.events, h.next, h.more
}

func (h *history) wire(number uint64, e *event) control.Event {
	w := control.Event{Number: number, At: h.wall(e.at), Kind: e.kind, Operation: e.operation}
	switch e.kind {
	case control.EventCommand:
		w.Text = e.text
		return w
	case control.EventState:
		w.From, w.To = e.from.String(), e.to.String()
	default:
		w.To = "unhealthy"
		if e.healthy {
			w.To = "healthy"
		}
	}
	w.Service, w.Why = h.tree.Services[e.service].Name, e.text
	return w
}

// wait returns the events after a number as soon as there is one of the services, or none
// when the context ends. What has happened until the end of bole is told.
func (h *history) wait(ctx context.Context, number uint64, only map[tree.ID]bool, quit <-chan struct{}) ([]control.Event, error) {
	for {
		before, over := h.last(), ended(ctx, quit) // then nothing is added any more
		events, more := h.after(number, only)
		switch {
		case len(events) > 0:
			return events, nil
		case over && ctx.Err() != nil:
			return nil, nil
		case over:
			return nil, errEnding
		}
		number = max(number, before)
		select {
		case <-more:
		case <-ctx.Done():
		case <-quit:
		}
	}
}

func ended(ctx context.Context, quit <-chan struct{}) bool {
	select {
	case <-quit:
		return true
	default:
		return ctx.Err() != nil
	}
}

// Events returns those after a number, as soon as there are any.
func (s *supervisor) Events(ctx context.Context, after uint64, services []string) ([]control.Event, error) {
	var only map[tree.ID]bool
	for _, name := range services {
		ids, err := named(s.tree, name)
		if err != nil {
			return nil, err
		}
		if only == nil {
			only = map[tree.ID]bool{}
		}
		for _, id := range ids {
			only[id] = true
		}
	}
	return s.history.wait(ctx, after, only, s.quit)
}
