package engine

import (
	"cmp"
	"time"

	"golang.org/x/sys/unix"

	"bole/tree"
)

// unreadyGrace is how long a process whose notification fd has closed unused may
// take to end: most are dying, and how they end says more than the closed fd.
const unreadyGrace = 50 * time.Millisecond

// apply takes in one event: it changes the records that the event is about, and
// marks what has to be settled.
func (e *Engine) apply(ev Event) {
	switch ev := ev.(type) {
	case Tick:
		e.tick()
	case Shutdown:
		if e.state.Requested {
			e.killAll()
		} else {
			e.state.Requested, e.state.Signal = true, ev.Signal
			e.shutdown(e.failures())
		}
	case Boot, Start, Stop, Restart:
		if !e.state.Ending { // nothing is started then, and everything is stopped
			e.command(ev)
		}
	default:
		e.report(ev)
	}
}

func (e *Engine) command(ev Event) {
	switch ev := ev.(type) {
	case Boot:
		e.want(e.tree.Start...)
	case Start:
		e.want(ev.Service)
	case Stop:
		e.unwant(ev.Service)
	case Restart:
		e.restart(ev)
	}
}

// report takes in what became of a run. Reports come from several sides and may
// overtake each other: whatever a process does, it was spawned before.
func (e *Engine) report(ev Event) {
	run := runOf(ev)
	id, r := run.Service, e.Record(run.Service)
	if run != e.Run(id) || !fits(ev, r) {
		e.emit(Stale{ev})
		return
	}
	if r.Phase == Spawning {
		e.spawned(id, ev)
	}
	switch ev := ev.(type) {
	case BecameReady:
		e.ready(id)
	case NotifyClosed:
		e.closedUnready(id)
	case NotYet:
		r.NotYet = ev.Why
	case Says, Extend, Alive, Hung, Failing, Healthy:
		e.word(id, ev)
	case Exited:
		e.exited(id, ev)
	case StraysGone:
		e.over(id)
	}
	e.touch(id)
}

// fits reports whether the current run can have such a report, as far as it is. The
// word that it was spawned is never news too late.
func fits(ev Event, r *Record) bool {
	p := r.Phase
	switch ev.(type) {
	case Spawned:
		return true
	case SpawnFailed:
		return p == Spawning
	case StraysGone:
		return p == Sweeping
	case BecameReady, NotifyClosed, NotYet, Says, Extend, Alive, Hung, Failing, Healthy:
		return r.Role == RoleMain && (p == Spawning || p == Running)
	default:
		return p == Spawning || p == Running
	}
}

// spawned takes in the first report of a run, whatever it is.
func (e *Engine) spawned(id tree.ID, ev Event) {
	s, r := &e.tree.Services[id], e.Record(id)
	if ev, failed := ev.(SpawnFailed); failed {
		e.spawnFailed(id, ev)
		return
	}
	r.Phase = Running
	_, gone := ev.(Exited)
	switch {
	case r.State == Stopping && gone: // nobody is there to be signalled
	case r.State == Stopping && r.Hard:
		e.kill(id)
	case r.State == Stopping && r.Role.Starts(): // stopped before it was there
		e.signal(id)
	case r.Role == RoleMain && s.Kind == tree.Longrun && !s.Announces():
		e.ready(id)
	}
}

// spawnFailed takes in that there is no process. How the one before it ended is still
// what counts if it was to be a finish.
func (e *Engine) spawnFailed(id tree.ID, ev SpawnFailed) {
	r := e.Record(id)
	if r.Role != RoleFinish {
		r.Last = e.end(id, NotSpawned, tree.Status{Code: ev.Code})
		r.Last.Cause, r.Last.Text, r.Last.Retry = NotSpawned, ev.Reason, ev.Retry // even when it was to end already
	}
	if r.Left && e.tree.Services[id].Kill != tree.KillProcess {
		e.sweep(id) // no down has ended what the up left behind
	} else {
		e.over(id)
	}
}

func (e *Engine) ready(id tree.ID) {
	if r := e.Record(id); r.State == Starting && e.tree.Services[id].Kind == tree.Longrun {
		r.Said, r.SaidAt = true, e.state.Now
		e.enter(id, Ready, r.Watch)
	}
}

// closedUnready gives a process that can never become ready the time to end by itself.
func (e *Engine) closedUnready(id tree.ID) {
	if r := e.Record(id); r.State == Starting && e.tree.Services[id].ReadyFD != 0 {
		r.Shut = true
		e.due(r, unreadyGrace)
	}
}

// exited takes in the end of a run's process. What it left behind is ended too
// before the run is over, unless that is what a oneshot was for.
func (e *Engine) exited(id tree.ID, ev Exited) {
	s, r := &e.tree.Services[id], e.Record(id)
	if r.Role == RoleFinish {
		r.GaveUp = ev.Status == finishGivesUp
	} else {
		r.Last = e.end(id, Ended, ev.Status)
	}
	switch {
	case r.stepDone():
		r.Phase, r.Left = NoRun, ev.Strays // settle goes on from here
	case e.succeeded(id):
		r.Phase, r.Left = NoRun, ev.Strays
		e.enter(id, Done, 0)
	case ev.Strays && s.Kill != tree.KillProcess:
		e.sweep(id)
	default:
		e.over(id)
	}
}

// finishGivesUp is the end of a finish that means: do not start the service again.
var finishGivesUp = tree.Status{Code: 125}

// stepDone reports whether the run that just ended was a step of a start and let the
// next one follow.
func (r *Record) stepDone() bool {
	return r.State == Starting && (r.Role == RoleOnlyIf || r.Role == RolePrepare) && r.Last.Status == tree.Status{}
}

// skips reports whether the run that is over was an only-if that said no.
func (r *Record) skips() bool {
	return r.Role == RoleOnlyIf && r.Last.Cause == Ended && r.Last.Status.Code != 0
}

// succeeded reports whether the run that just ended was a oneshot's up, and has
// done its work. Being told to stop at the last moment does not undo that.
func (e *Engine) succeeded(id tree.ID) bool {
	s, r := &e.tree.Services[id], e.Record(id)
	return s.Kind == tree.Oneshot && r.Role == RoleMain && s.OnSuccess.Has(r.Last.Status) &&
		(r.State == Starting || r.Cause == Asked)
}

// end says how the current run ended. Why it was made to end comes before how.
func (e *Engine) end(id tree.ID, cause Cause, status tree.Status) End {
	s, r := &e.tree.Services[id], e.Record(id)
	if r.Cause != NoCause {
		cause = r.Cause
	}
	end := End{Role: r.Role, Cause: cause, Status: status, Ran: e.state.Now - r.Began, Ready: r.Said, At: e.state.Now}
	switch {
	case cause == TimedOut && r.Role == RoleMain && s.Announces():
		end.Text = e.unready(id)
	case cause == Unhealthy:
		end.Text = r.Sick
	case cause == Silent, cause == Triggered, cause == Ended && !(r.Said && s.OnSuccess.Has(status)):
		end.Text = r.Says
	}
	return end
}

// over takes in that nothing of the current run is left.
func (e *Engine) over(id tree.ID) {
	r := e.Record(id)
	r.Phase = NoRun
	e.sentence(id)
	switch {
	case r.Role == RoleMain && e.tree.Services[id].Finish != nil && r.Last.Cause != NotSpawned && !e.state.Final:
		e.finishUp(id)
	case r.Cause == Asked || r.Cause == Late || e.leaving(id):
		r.Again = false
		e.enter(id, Down, 0)
	case r.skips():
		r.Skip = true
		e.enter(id, Done, 0)
	default:
		e.conclude(id)
	}
}

// finishUp begins a service's finish. What its process ended for is kept.
func (e *Engine) finishUp(id tree.ID) {
	r := e.Record(id)
	cause := cmp.Or(r.Cause, Ended)
	e.newRun(id, RoleFinish)
	r.Cause = cause
	e.enter(id, Stopping, e.share(id))
	e.spawn(id)
}

// sweep has the strays of a run ended whose process is gone. They have what is
// left of the stop's time, or, after an end that nobody asked for, all of it.
func (e *Engine) sweep(id tree.ID) {
	r := e.Record(id)
	told := r.State == Stopping && r.Phase == Running && r.Role == RoleMain
	r.Phase = Sweeping
	if r.State != Stopping {
		r.Cause = cmp.Or(r.Cause, Ended)
		e.enter(id, Stopping, e.share(id))
	}
	e.emit(Sweep{e.Run(id), e.sweepSignal(id, told)})
}

// sweepSignal is the first signal for strays. With kill = "group" they have had
// the stop signal, when there was one, together with the main process.
func (e *Engine) sweepSignal(id tree.ID, told bool) int {
	s := &e.tree.Services[id]
	switch {
	case e.Record(id).Hard:
		return int(unix.SIGKILL)
	case s.Kill == tree.KillMixed:
		return int(unix.SIGTERM)
	case told:
		return 0
	default:
		return e.stopSignal(id)
	}
}

func runOf(ev Event) Run {
	switch ev := ev.(type) {
	case Spawned:
		return ev.Run
	case SpawnFailed:
		return ev.Run
	case BecameReady:
		return ev.Run
	case NotifyClosed:
		return ev.Run
	case NotYet:
		return ev.Run
	case Says:
		return ev.Run
	case Extend:
		return ev.Run
	case Alive:
		return ev.Run
	case Hung:
		return ev.Run
	case Failing:
		return ev.Run
	case Healthy:
		return ev.Run
	case Exited:
		return ev.Run
	case StraysGone:
		return ev.Run
	}
	panic("engine: an event of no run")
}
