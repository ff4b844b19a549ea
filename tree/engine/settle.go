package engine

import (
	"slices"

	"golang.org/x/sys/unix"

	"bole/tree"
)

// settle decides what becomes of one service now, from its state, its wish and
// its neighbours. It never sees the event that made it necessary.
func (e *Engine) settle(id tree.ID) {
	r := e.Record(id)
	due := r.Due != 0 && r.Due <= e.state.Now
	switch r.State {
	case Down:
		if e.wanted(id) {
			e.enter(id, Waiting, 0)
		}
	case Waiting, Blocked:
		e.tryStart(id)
	case Backoff, Failed:
		if !e.wanted(id) {
			e.enter(id, Down, 0)
		} else if due {
			e.enter(id, Waiting, 0)
		}
	case Done, Starting, Ready:
		switch {
		case r.State == Starting && r.Phase == NoRun:
			e.nextStep(id)
		case e.leaving(id):
			e.tryStop(id)
		case due && r.State == Ready:
			e.terminate(id, Silent)
		case due:
			e.failStart(id)
		}
	case Stopping:
		if due {
			r.Due, r.Hard = 0, true
			e.kill(id)
		}
	}
}

// wanted reports whether the service should be up, now.
func (e *Engine) wanted(id tree.ID) bool { return e.Record(id).Wanted && !e.state.Ending }

// leaving reports whether what is up of the service is to go down.
func (e *Engine) leaving(id tree.ID) bool { return !e.wanted(id) || e.Record(id).Again }

// takeAlong has all go down and come back that are bound to what is not there, or
// is about to go. It is done before anything is settled, for all: the order of
// stops needs to know everyone who is to stop.
func (e *Engine) takeAlong() {
	for id, ok := e.bound.pop(); ok; id, ok = e.bound.pop() {
		if !e.leaving(id) && e.loose(id) {
			e.again(id)
		}
	}
}

// loose reports whether something that a service is bound to is not as far as
// it must be, or will not stay so.
func (e *Engine) loose(id tree.ID) bool {
	for _, d := range e.tree.Services[id].Needs {
		if d.Kind == tree.Binds && (e.leaving(d.On) || !e.reached(d, e.Record(d.On).State)) {
			return true
		}
	}
	return false
}

// active reports whether a service in that state has something that a stop must
// end or undo: a process, or what a oneshot has done.
func (e *Engine) active(id tree.ID, s State) bool {
	switch s {
	case Starting, Ready, Stopping:
		return true
	case Done:
		return e.tree.Services[id].Kind == tree.Oneshot
	}
	return false
}

// gate says whether a service may start.
type gate uint8

const (
	open gate = iota
	closed
	blocked
)

func (e *Engine) tryStart(id tree.ID) {
	r := e.Record(id)
	if !e.wanted(id) {
		e.enter(id, Down, 0)
		return
	}
	switch g := e.gates(id); {
	case g == open:
		e.start(id)
	case g == blocked && r.State != Blocked:
		e.enter(id, Blocked, 0)
	case g == closed && r.State != Waiting:
		e.enter(id, Waiting, 0)
	}
}

// gates is the worst of what a service's dependencies say.
func (e *Engine) gates(id tree.ID) gate {
	worst := open
	for _, d := range e.tree.Services[id].Needs {
		worst = max(worst, e.gate(d))
	}
	return worst
}

// gate says whether one dependency lets those start that have it. One that will
// not stay as it is lets nobody start.
func (e *Engine) gate(d tree.Dep) gate {
	if !d.Kind.Hard() {
		if !e.wanted(d.On) || e.settled(d) && !e.Record(d.On).Again {
			return open
		}
		return closed
	}
	switch state := e.Record(d.On).State; {
	case state == Failed, state == Blocked, state == Done && !e.Served(d.On):
		return blocked
	case e.leaving(d.On) || !e.reached(d, state):
		return closed
	}
	return open
}

// reached reports whether a service in that state is as far as the dependency
// asks.
func (e *Engine) reached(d tree.Dep, s State) bool {
	switch s {
	case Ready:
		return true
	case Done:
		return e.Served(d.On)
	case Starting:
		r := e.Record(d.On)
		return d.Until == tree.UntilStarted && r.Phase == Running && r.Role == RoleMain
	}
	return false
}

// Served reports whether those that require a service that is Done have what they
// need: a oneshot's work, or a service that was not to run here at all.
func (e *Engine) Served(id tree.ID) bool { return e.active(id, Done) || e.Record(id).Skip }

// settled reports whether nothing more will come of a dependency by itself.
func (e *Engine) settled(d tree.Dep) bool {
	s := e.Record(d.On).State
	return s == Failed || s == Blocked || s == Done || e.reached(d, s)
}

// start begins a start, by the first of its steps.
func (e *Engine) start(id tree.ID) {
	s := &e.tree.Services[id]
	e.newRun(id, First(s))
	e.enter(id, Starting, s.StartTimeout)
	e.spawn(id)
}

// nextStep goes on with a start, one of whose steps is over, unless something has
// happened meanwhile that would not let it begin. What the step has left behind
// belongs to the service.
func (e *Engine) nextStep(id tree.ID) {
	s, r := &e.tree.Services[id], e.Record(id)
	if !e.leaving(id) && e.gates(id) == open {
		role := RoleMain
		if r.Role == RoleOnlyIf && s.Prepare != nil {
			role = RolePrepare
		}
		e.newRun(id, role)
		e.spawn(id)
		return
	}
	r.Cause = Late
	if r.Left && s.Kill != tree.KillProcess {
		e.sweep(id)
	} else {
		e.over(id)
	}
}

func (e *Engine) spawn(id tree.ID) {
	ef := Spawn{Run: e.Run(id)}
	if ef.Run.Role == RoleFinish {
		ef.After = e.Record(id).Last.Status
	}
	e.emit(ef)
}

// newRun makes the record that of a new run.
func (e *Engine) newRun(id tree.ID, role Role) {
	r := e.Record(id)
	r.Gen++
	r.Role, r.Phase, r.Cause = role, Spawning, NoCause
	r.Hard, r.Shut, r.Left, r.Said, r.Skip, r.GaveUp = false, false, false, false, false, false
	r.Began, r.NotYet, r.Says, r.Sick = e.state.Now, "", "", ""
	r.Watch = e.tree.Services[id].Watchdog
}

// tryStop stops a service as soon as no other is in the way: one that is to stop
// too and depends on it in whatever way, or one that is bound to it.
func (e *Engine) tryStop(id tree.ID) {
	r := e.Record(id)
	if !e.active(id, r.State) { // a longrun that ended well
		e.enter(id, Down, 0)
		return
	}
	if !slices.ContainsFunc(e.users[id], e.inTheWay) {
		e.stop(id)
	}
}

// inTheWay reports whether a service that depends on one that is to go down must
// be down before that.
func (e *Engine) inTheWay(u user) bool {
	return e.active(u.id, e.Record(u.id).State) && (u.dep.Kind == tree.Binds || e.leaving(u.id))
}

// stop ends what is up of a service.
func (e *Engine) stop(id tree.ID) {
	s, r := &e.tree.Services[id], e.Record(id)
	switch {
	case r.State != Done:
		e.terminate(id, Asked)
	case s.Down != nil && !r.Skip && !e.state.Final:
		left := r.Left
		e.newRun(id, RoleDown)
		r.Left, r.Cause = left, Asked
		e.enter(id, Stopping, e.share(id))
		e.spawn(id)
	case r.Left && s.Kill != tree.KillProcess && !e.state.Final:
		r.Cause = Asked
		e.enter(id, Stopping, e.share(id))
		e.sweep(id)
	default:
		r.Again = false
		e.enter(id, Down, 0)
	}
}

// failStart ends a start that takes too long, or can come to nothing.
func (e *Engine) failStart(id tree.ID) {
	if e.Record(id).Shut {
		e.terminate(id, ClosedUnready)
	} else {
		e.terminate(id, TimedOut)
	}
}

// terminate tells a run to end, with the time that it has for it.
func (e *Engine) terminate(id tree.ID, cause Cause) {
	r := e.Record(id)
	r.Cause = cause
	e.enter(id, Stopping, e.share(id))
	if r.Phase == Running { // else its first report finds it so
		e.signal(id)
	}
}

// signal tells the current run to end.
func (e *Engine) signal(id tree.ID) {
	to := ToMain
	if e.tree.Services[id].Kill == tree.KillGroup {
		to = ToGroup
	}
	e.emit(Kill{e.Run(id), e.stopSignal(id), to})
}

// stopSignal is the service's own for its process; its other commands know nothing
// of that.
func (e *Engine) stopSignal(id tree.ID) int {
	switch s := &e.tree.Services[id]; {
	case e.Record(id).Role != RoleMain:
		return int(unix.SIGTERM)
	case e.Record(id).Cause == Silent, e.Record(id).Cause == Triggered:
		return int(unix.SIGABRT) // many programs say by that where they hang
	case s.Foreground && e.state.Signal != 0:
		return e.state.Signal // as if it were alone
	}
	return e.tree.Services[id].StopSignal
}

// kill sends SIGKILL to what is left of the current run.
func (e *Engine) kill(id tree.ID) {
	to := ToAll
	if e.tree.Services[id].Kill == tree.KillProcess {
		to = ToMain
	}
	switch e.Record(id).Phase {
	case Running:
		e.emit(Kill{e.Run(id), int(unix.SIGKILL), to})
	case Sweeping:
		e.emit(Sweep{e.Run(id), int(unix.SIGKILL)})
	}
}
