package engine

import (
	"time"

	"bole/tree"
)

// word takes in what a run says of itself beside its readiness, or what is found when it
// is asked for its health.
func (e *Engine) word(id tree.ID, ev Event) {
	switch ev := ev.(type) {
	case Says:
		e.says(id, ev)
	case Extend:
		e.extend(id, ev.By)
	case Alive:
		e.alive(id, ev.Every)
	case Hung:
		if r := e.Record(id); r.State == Ready && !e.leaving(id) {
			e.terminate(id, Triggered)
		}
	case Failing:
		e.failing(id, ev.Why)
	case Healthy:
		if r := e.Record(id); r.Sick != "" && r.State == Ready {
			r.Sick = ""
			e.emit(Judged{Service: id, Healthy: true})
		}
	}
}

// says keeps the words. Who is about to end owes no sign of life any more.
func (e *Engine) says(id tree.ID, ev Says) {
	r := e.Record(id)
	r.Says = ev.Text
	if ev.Leaves {
		r.Watch = 0
	}
	if ev.Leaves && r.State == Ready {
		e.due(r, 0)
	}
}

// extend gives a start, or a stop, more time, never less. In a teardown the time is not
// the service's own.
func (e *Engine) extend(id tree.ID, by time.Duration) {
	r := e.Record(id)
	starting := r.State == Starting && !r.Shut
	stopping := r.State == Stopping && !e.state.Ending
	if (starting || stopping) && r.Due != 0 {
		e.due(r, max(by, r.Due-e.state.Now))
	}
}

// alive has the watchdog's time begin anew. Before the process is ready nobody watches.
func (e *Engine) alive(id tree.ID, every time.Duration) {
	r := e.Record(id)
	if every > 0 {
		r.Watch = every
	}
	if r.State == Ready && r.Watch > 0 {
		e.due(r, r.Watch)
	}
}

// failing marks a ready service as unhealthy, or ends it so that its restart policy has
// its say. One that waits for its turn to stop is left to that.
func (e *Engine) failing(id tree.ID, why string) {
	h, r := e.tree.Services[id].Health, e.Record(id)
	if r.State != Ready {
		return
	}
	was := r.Sick
	r.Sick = why
	switch {
	case h != nil && h.Restart && !e.leaving(id):
		e.terminate(id, Unhealthy)
	case was == "":
		e.emit(Judged{Service: id, Why: why})
	}
}
