package engine

import (
	"time"

	"bole/tree"
)

// lastStep is how much of the teardown's time is kept for its last step, the
// killing of all that is left; of a short time, it is a tenth.
const lastStep = 250 * time.Millisecond

// shutdown begins the teardown, if it has not begun. From now on nothing is
// wanted, and so everything stops, in order.
func (e *Engine) shutdown(code uint8) {
	s := &e.state
	if s.Ending {
		return
	}
	s.Ending, s.Code = true, code
	if t := e.tree.ShutdownTimeout; t > 0 {
		s.ExitAt = s.Now + t
		s.KillAt = s.ExitAt - min(lastStep, t/10)
		e.wake(s.KillAt)
	}
	for i := range s.Services {
		e.dirty.push(tree.ID(i))
		e.shorten(tree.ID(i))
	}
}

// shorten has a stop that is under way end within its share.
func (e *Engine) shorten(id tree.ID) {
	if r := e.Record(id); r.State == Stopping && !r.Hard {
		if share := e.share(id); share > 0 && (r.Due == 0 || e.state.Now+share < r.Due) {
			e.due(r, share)
		}
	}
}

// failures is bole's exit code when nothing else decides it: 1 if something
// that was wanted had given up.
func (e *Engine) failures() uint8 {
	for i := range e.state.Services {
		if r := &e.state.Services[i]; r.Wanted && r.State == Failed {
			return 1
		}
	}
	return 0
}

// share is the time that a service has from its stop signal to SIGKILL. In a
// teardown that has too little for all, everyone on the longest chain from this
// service downwards has the same part of its own: so a service that hangs never
// eats the time of those below it. 0 is for ever.
func (e *Engine) share(id tree.ID) time.Duration {
	own, kill := e.tree.Services[id].StopTimeout, e.state.KillAt
	if e.Record(id).Role == RoleFinish {
		own = e.tree.Services[id].FinishTimeout
	}
	if kill == 0 {
		return own
	}
	if own == 0 {
		own = e.tree.ShutdownTimeout
	}
	if e.weights == nil {
		e.weigh()
	}
	left, chain := max(kill-e.state.Now, 1), max(e.weights[id], own)
	if chain <= left {
		return own
	}
	return max(time.Duration(float64(own)*(float64(left)/float64(chain))), 1)
}

// weigh finds for each service the sum of the stop timeouts on the longest chain
// that still has to stop, from the service downwards.
func (e *Engine) weigh() {
	e.weights = make([]time.Duration, len(e.state.Services))
	for i := range e.weights {
		id := tree.ID(i)
		if !e.active(id, e.state.Services[i].State) {
			continue
		}
		for _, d := range e.tree.Services[i].Needs {
			e.weights[i] = max(e.weights[i], e.weights[d.On])
		}
		e.weights[i] += e.stopTime(id)
	}
}

// stopTime is the longest that an active service may take to stop. That a part
// of it is over, where it is stopping already, is left out: so the weights
// follow from the states alone, whenever they are found.
func (e *Engine) stopTime(id tree.ID) time.Duration {
	s, r := &e.tree.Services[id], e.Record(id)
	switch {
	case r.State == Done && s.Down == nil && !r.Left:
		return 0
	case s.StopTimeout == 0, s.Finish != nil && s.FinishTimeout == 0:
		return e.tree.ShutdownTimeout
	case s.Finish != nil:
		return s.StopTimeout + s.FinishTimeout
	}
	return s.StopTimeout
}

// killAll begins the last step: no order any more, SIGKILL for everything.
func (e *Engine) killAll() {
	s := &e.state
	if s.Final {
		return
	}
	s.Final = true
	if s.ExitAt == 0 || s.ExitAt > s.Now+lastStep {
		s.ExitAt = s.Now + lastStep
	}
	e.wake(s.ExitAt)
	e.emit(KillAll{})
	for i := range s.Services {
		e.doom(tree.ID(i))
	}
}

// doom makes a service one that KillAll has killed.
func (e *Engine) doom(id tree.ID) {
	r := e.Record(id)
	e.dirty.push(id)
	switch r.State {
	case Starting, Ready:
		if r.Phase == NoRun { // between two steps of a start
			e.over(id)
			return
		}
		r.Cause = Asked
		e.enter(id, Stopping, 0)
	case Stopping:
		r.Due = 0
	}
	r.Hard = r.State == Stopping
}

// finish ends the teardown: when everything is down, or when its time is over.
func (e *Engine) finish() {
	s := &e.state
	if s.Ending && !s.Over && (e.busy == 0 || s.ExitAt != 0 && s.ExitAt <= s.Now) {
		s.Over = true
		e.emit(Exit{s.Code})
	}
}
