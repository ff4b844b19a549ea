package engine

import (
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"bole/tree"
)

// Signals, teardown and time.

// signalled: a run that is to end has been told so.
func brokenSignalled(x *transition) string {
	for i := range x.is {
		r := &x.after.Services[i]
		if x.is[i].life != running || r.State != Stopping || x.after.Over {
			continue
		}
		if x.is[i].told == untold && r.Role.Starts() || r.Hard && x.is[i].told != hardly {
			return x.name(i) + " is stopping, and was not told"
		}
	}
	return ""
}

// patience: nothing is killed before its time, or before it was told to stop.
func brokenPatience(x *transition) string {
	for _, ef := range x.effects {
		id, hard := -1, false
		switch ef := ef.(type) {
		case Kill:
			id, hard = int(ef.Run.Service), ef.Signal == int(unix.SIGKILL)
		case Sweep:
			id, hard = int(ef.Run.Service), ef.Signal == int(unix.SIGKILL)
		}
		if id < 0 || !hard || x.after.Final || x.tree.Services[id].StopSignal == int(unix.SIGKILL) {
			continue
		}
		if r := &x.before.Services[id]; !r.Hard && (r.State != Stopping || r.Due == 0 || r.Due > x.after.Now) {
			return x.name(id) + " is killed before its time"
		}
	}
	return ""
}

// no-start-after-teardown: only what undoes a oneshot, or finishes, is started then, and in
// the last step nothing.
func brokenNoStart(x *transition) string {
	for _, ef := range x.effects {
		ef, ok := ef.(Spawn)
		if ok && (x.after.Final || x.after.Ending && ef.Run.Role.Starts()) {
			return x.name(int(ef.Run.Service)) + " is started in the teardown"
		}
	}
	return ""
}

// teardown-ends: as soon as all is down, and by the deadline whatever happens;
// the deadline never moves away.
func brokenTeardownEnds(x *transition) string {
	a, b := x.after, &x.before
	if !a.Ending {
		return ""
	}
	down := !slices.ContainsFunc(a.Services, func(r Record) bool { return r.State != Down })
	timeout := x.tree.ShutdownTimeout
	switch {
	case down != a.Over && !(a.ExitAt != 0 && a.Now >= a.ExitAt):
		return fmt.Sprintf("all down is %v, over is %v", down, a.Over)
	case a.ExitAt != 0 && a.Now >= a.ExitAt && !a.Over:
		return "not over by the deadline"
	case timeout > 0 && !b.Ending && a.ExitAt > a.Now+timeout:
		return "the deadline is too late"
	case timeout > 0 && (a.ExitAt == 0 || a.KillAt == 0 || a.KillAt > a.ExitAt && !a.Final):
		return "there is no deadline"
	case b.Ending && b.ExitAt != 0 && a.ExitAt > b.ExitAt:
		return "the deadline moved away"
	case slices.Contains(x.events, Event(Tick{})) && a.KillAt != 0 && a.Now >= a.KillAt && !a.Final && !a.Over:
		return "the last step is overdue"
	case a.Final && !a.Over && a.ExitAt == 0:
		return "the last step has no end"
	}
	return ""
}

// last-step: it begins when its time has come, or at the second request.
func brokenLastStep(x *transition) string {
	if !x.after.Final || x.before.Final || len(x.events) > 1 {
		return ""
	}
	switch x.only().(type) {
	case Tick:
		if x.after.KillAt != 0 && x.after.Now >= x.after.KillAt {
			return ""
		}
	case Shutdown:
		if x.before.Requested {
			return ""
		}
	}
	return "the last step begins too early"
}

// strays: a service is down, or about to be tried again, only when nothing that
// it left behind is there; unless that is nobody's business.
func brokenStrays(x *transition) string {
	for i := range x.is {
		s := x.after.Services[i].State
		if x.is[i].left && s != Stopping && s != Done && x.tree.Services[i].Kill != tree.KillProcess && !x.after.Final {
			return x.name(i) + " is " + s.String() + ", and has strays"
		}
	}
	return ""
}

// share: a stop never gets more time than it was given, unless its process asks for it before
// the teardown; and in a teardown that
// ends, it ends before the last step. To undo a oneshot is another stop than to
// end its command.
func brokenShare(x *transition) string {
	for i := range x.after.Services {
		was, is := &x.before.Services[i], &x.after.Services[i]
		undoing := slices.Contains(x.effects, Effect(Changed{tree.ID(i), Done, Stopping}))
		extended := !x.before.Ending && slices.ContainsFunc(x.events, func(ev Event) bool { _, is := ev.(Extend); return is })
		if !extended && was.State == Stopping && is.State == Stopping && !undoing && was.Gen == is.Gen && was.Due != 0 && is.Due > was.Due {
			return x.name(i) + " gets more time to stop"
		}
	}
	if a := x.after; !a.Ending || a.Over || a.Final || a.KillAt == 0 {
		return ""
	}
	for i := range x.after.Services {
		r := &x.after.Services[i]
		if r.State == Stopping && !r.Hard && (r.Due == 0 || r.Due > x.after.KillAt) {
			return fmt.Sprintf("%s may stop until %s", x.name(i), r.Due)
		}
	}
	return ""
}

// deadline: whatever is due is waited for, and only states that can last too
// long have an end; after a tick nothing is due any more.
func brokenDeadline(x *transition) string {
	if x.after.Over {
		return ""
	}
	for i := range x.after.Services {
		r := &x.after.Services[i]
		watched := r.State == Ready && r.Watch != 0
		if r.Due != 0 && !watched && r.State != Starting && r.State != Backoff && r.State != Stopping || r.Due == 0 && (r.State == Backoff || watched) {
			return fmt.Sprintf("%s is %s, due at %s", x.name(i), r.State, r.Due)
		}
		deferred := r.Due <= x.after.Now && (r.State == Starting || r.State == Ready) && x.leaving(i)
		if r.Due != 0 && !deferred && (x.next == 0 || x.next > r.Due) {
			return fmt.Sprintf("%s is due at %s, the deadline is %s", x.name(i), r.Due, x.next)
		}
	}
	if slices.Contains(x.events, Event(Tick{})) && x.next != 0 && x.next <= x.after.Now {
		return fmt.Sprintf("the deadline %s has passed", x.next)
	}
	if a := x.after; a.Final && (x.next == 0 || x.next > a.ExitAt) || a.Ending && !a.Final && a.KillAt != 0 && (x.next == 0 || x.next > a.KillAt) {
		return fmt.Sprintf("the deadline %s is beyond the teardown's", x.next)
	}
	return ""
}

// tree-state: the whole is as the worst of what is wanted.
func brokenTreeState(x *transition) string {
	want := TreeDown
	for i := range x.after.Services {
		r := &x.after.Services[i]
		switch {
		case !r.Wanted:
		case r.State == Backoff || r.State == Failed || r.State == Blocked || r.State == Ready && r.Sick != "":
			want = TreeDegraded
		case r.State == Ready || r.State == Done:
			if want == TreeDown {
				want = TreeReady
			}
		case want != TreeDegraded:
			want = TreeStarting
		}
	}
	up := slices.ContainsFunc(x.after.Services, func(r Record) bool { return r.State != Down })
	if x.after.Ending || want == TreeDown && up {
		want = TreeStopping
	}
	if x.after.Over {
		want = TreeDown
	}
	if x.says != want {
		return fmt.Sprintf("the tree is %s, not %s", x.says, want)
	}
	return ""
}
