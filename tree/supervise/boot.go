package supervise

import (
	"time"

	"bole/tree"
	"bole/tree/control"
	"bole/tree/engine"
)

// A span is the first start of a service; 0: not yet.
type span struct {
	began, settled time.Duration
	state          engine.State // that it came to
}

// spans keeps when the first start of a service was, as long as the boot lasts.
func (h *history) spans(at time.Duration, ef engine.Changed) {
	at = max(at, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	s := &h.boot[ef.Service]
	if h.booted || s.settled != 0 {
		return
	}
	if ef.To == engine.Starting && s.began == 0 {
		s.began = at
	}
	if ef.To.Settled() {
		s.settled, s.state = at, ef.To
	}
}

// endBoot is told that all that was wanted has settled. What is started from now on is no
// part of the boot. It returns what made it last that long.
func (h *history) endBoot() control.Path {
	h.mu.Lock()
	h.booted = true
	h.mu.Unlock()
	return h.timeline(nil).Critical
}

// Timeline is the boot.
func (s *supervisor) Timeline() (*control.Timeline, error) {
	status, err := s.Status()
	if err != nil {
		return nil, err
	}
	return s.history.timeline(status.Services), nil
}

// timeline has those too that the boot still waits for, as they are now.
func (h *history) timeline(now []control.Service) *control.Timeline {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := &control.Timeline{Since: h.wall(0), Spans: []control.Span{}}
	for i := range h.boot {
		x, s := &h.boot[i], &h.tree.Services[i]
		state := x.state.String()
		switch {
		case x.settled != 0:
		case now == nil || h.booted && x.began == 0 || x.began == 0 && !now[i].Wanted:
			continue
		default:
			state = now[i].State
		}
		out.Spans = append(out.Spans, control.Span{Service: s.Name, State: state, Began: seconds(x.began), Settled: seconds(x.settled), Needs: h.needs(s)})
	}
	out.Critical = control.CriticalPath(out.Spans)
	return out
}

func (h *history) needs(s *tree.Service) []string {
	out := []string{}
	for _, d := range s.Needs {
		out = append(out, h.tree.Services[d.On].Name)
	}
	return out
}

// seconds is null for a time that has not come.
func seconds(d time.Duration) *float64 {
	if d == 0 {
		return nil
	}
	x := d.Seconds()
	return &x
}
