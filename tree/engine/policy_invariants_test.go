package engine

import (
	"fmt"
	"slices"
	"time"

	"bole/tree"
)

// What follows the end of a run.

// policy: what follows the end of a run is what the restart keys say, and it is
// counted.
func brokenPolicy(x *transition) string {
	id, want, known := x.verdict()
	if !known {
		return ""
	}
	restarts := x.before.Services[id].Restarts
	if want == Backoff || want == Waiting {
		restarts++
	}
	if x.after.Services[id].Restarts != restarts {
		return fmt.Sprintf("%s: %d restarts are counted, not %d", x.name(id), x.after.Services[id].Restarts, restarts)
	}
	for _, ef := range x.effects {
		if c, ok := ef.(Changed); ok && int(c.Service) == id && c.To != Ready {
			if c.To == want {
				return ""
			}
			return fmt.Sprintf("%s became %s, not %s", x.name(id), c.To, want)
		}
	}
	return fmt.Sprintf("%s did not become %s", x.name(id), want)
}

// verdict is the state that the end of a run leads to, if the step is the end
// of a run that nobody asked to end.
func (x *transition) verdict() (id int, to State, known bool) {
	ev := x.only()
	switch ev.(type) {
	case SpawnFailed, Exited, StraysGone:
	default:
		return 0, 0, false
	}
	if late(x.was, ev) {
		return 0, 0, false
	}
	if id, to, known = x.step(ev); known {
		return id, to, to != Starting
	}
	var end End
	switch ev := ev.(type) {
	case SpawnFailed:
		end = End{Cause: NotSpawned, Retry: ev.Retry}
	case Exited:
		end = End{Cause: Ended, Status: ev.Status}
	case StraysGone:
	default:
		return 0, 0, false
	}
	id = int(runOf(ev).Service)
	r, s := &x.before.Services[id], &x.tree.Services[id]
	if r.Cause == Asked || !r.Wanted || r.Again || x.before.Ending {
		return 0, 0, false
	}
	end.Ready = r.Said || r.Role == RoleMain && s.Kind == tree.Longrun && !s.Announces() && r.Phase == Spawning
	if r.Cause != NoCause && end.Cause != NotSpawned {
		end.Cause = r.Cause
	}
	switch ev := ev.(type) {
	case Exited:
		switch {
		case s.Kind == tree.Oneshot && r.Role == RoleMain && r.Cause == NoCause && slices.Contains(s.OnSuccess, ev.Status):
			return id, Done, true
		case ev.Strays && s.Kill != tree.KillProcess && r.State == Stopping:
			return 0, 0, false
		case ev.Strays && s.Kill != tree.KillProcess:
			return id, Stopping, true
		}
	case StraysGone:
		end.Status = r.Last.Status
	}
	if _, none := ev.(SpawnFailed); s.Finish != nil && r.Role == RoleMain && !none {
		return id, Stopping, r.State != Stopping
	}
	return id, x.follows(r, s, end), true
}

// step says what follows the end of a command that is none of the service's own
// process; Starting is the next step, or a wait for its turn.
func (x *transition) step(ev Event) (id int, to State, known bool) {
	exited, ended := ev.(Exited)
	id = int(runOf(ev).Service)
	r, s := &x.before.Services[id], &x.tree.Services[id]
	if _, ok := ev.(SpawnFailed); ok && r.Role != RoleFinish {
		return 0, 0, false
	}
	if r.Cause == Asked || !r.Wanted || r.Again || x.before.Ending {
		return 0, 0, false
	}
	swept := !ended || !exited.Strays || s.Kill == tree.KillProcess
	status := r.Last.Status
	if ended && r.Role != RoleFinish {
		status = exited.Status
	}
	switch {
	case r.Cause == Late:
		return id, Down, swept
	case (r.Role == RoleOnlyIf || r.Role == RolePrepare) && ended && r.State == Starting && status == tree.Status{}:
		return id, Starting, true
	case r.Role == RoleOnlyIf && swept && status.Code != 0 && (r.Cause == NoCause || !ended && r.Last.Cause == Ended):
		return id, Done, true
	case r.Role == RoleFinish && swept && (r.GaveUp || ended && exited.Status == tree.Status{Code: 125}):
		return id, Failed, true
	case r.Role == RoleFinish && swept:
		return id, x.follows(r, s, r.Last), true
	case r.Role == RoleFinish:
		return id, Starting, true // its strays come first
	}
	return 0, 0, false
}

func (x *transition) follows(r *Record, s *tree.Service, end End) State {
	good := end.Cause == Ended && end.Ready && slices.Contains(s.OnSuccess, end.Status)
	again := s.Restart.Policy == tree.Always || s.Restart.Policy == tree.OnFailure && !good
	switch {
	case end.Cause == NotSpawned && !end.Retry:
		return Failed
	case end.Cause != NotSpawned && slices.Contains(s.GiveUp, end.Status):
		return Failed
	case again && x.spent(r, &s.Restart):
		return Failed
	case again && s.Restart.Delay > 0:
		return Backoff
	case again:
		return Waiting
	case good:
		return Done
	}
	return Failed
}

// spent: the service was restarted as often as it may.
func (x *transition) spent(r *Record, p *tree.Restart) bool {
	if p.Limit < 0 {
		return false
	}
	tries := r.Tries
	if p.Within > 0 {
		tries = 0
		for _, at := range r.Window {
			if x.after.Now-at < p.Within {
				tries++
			}
		}
	} else if at := x.ended(r); (r.Said || r.Role == RoleFinish && r.Last.Ready) && at-r.SaidAt >= p.Reset {
		tries = 0
	}
	return tries >= p.Limit
}

// ended is when the process ended that the step is about, or follows.
func (x *transition) ended(r *Record) time.Duration {
	if r.Phase == Sweeping || r.Role == RoleFinish {
		return r.Last.At
	}
	return x.after.Now
}

// limit: never more restarts in a row than the limit, and one at a time.
func brokenLimit(x *transition) string {
	for i := range x.after.Services {
		p, was, is := &x.tree.Services[i].Restart, &x.before.Services[i], &x.after.Services[i]
		if p.Limit >= 0 && (p.Within == 0 && is.Tries > p.Limit || len(is.Window) > p.Limit) {
			return x.name(i) + " was restarted too often"
		}
		if is.Restarts != was.Restarts && (is.Restarts != was.Restarts+1 || len(x.events) == 1 && x.only() == Tick{}) {
			return x.name(i) + ": its restarts are counted wrongly"
		}
	}
	return ""
}

// back-off: doubled each time, a tenth more or less, never beyond the maximum.
func brokenBackoff(x *transition) string {
	for i := range x.after.Services {
		p, was, is := &x.tree.Services[i].Restart, &x.before.Services[i], &x.after.Services[i]
		if is.State != Backoff || was.State == Backoff {
			continue
		}
		want := p.Delay
		for n := 1; n < is.Tries && want < p.MaxDelay; n++ {
			want *= 2
		}
		want = min(want, p.MaxDelay)
		if got := is.Due - x.after.Now; got < want*9/10 || got > min(want*11/10, p.MaxDelay) {
			return fmt.Sprintf("%s: delay %s before restart %d", x.name(i), got, is.Tries)
		}
	}
	return ""
}

// failure: a service gives up by its own end alone, and a success of another
// never takes one down.
func brokenFailure(x *transition) string {
	for _, ef := range x.effects {
		c, ok := ef.(Changed)
		if !ok || c.To != Failed && c.To != Backoff {
			continue
		}
		own := slices.ContainsFunc(x.events, func(ev Event) bool {
			switch ev := ev.(type) {
			case SpawnFailed, Exited, StraysGone:
				return runOf(ev).Service == c.Service
			}
			return false
		})
		if !own {
			return x.name(int(c.Service)) + " became " + c.To.String() + " by the doing of another"
		}
	}
	return ""
}

// consequence: the tree is torn down when it is asked for, when an essential
// service ended for good, or one gave up whose giving up means it; and bole's
// code is the right one.
func brokenConsequence(x *transition) string {
	if len(x.events) != 1 || x.before.Ending || x.before.Over {
		return ""
	}
	code, ends := x.sentence()
	if ends != x.after.Ending {
		return fmt.Sprintf("teardown is %v", x.after.Ending)
	}
	if ends && code != x.after.Code {
		return fmt.Sprintf("code is %d, not %d", x.after.Code, code)
	}
	return ""
}

func (x *transition) sentence() (code uint8, ends bool) {
	if _, asked := x.events[0].(Shutdown); asked {
		if slices.ContainsFunc(x.before.Services, func(r Record) bool { return r.Wanted && r.State == Failed }) {
			return 1, true
		}
		return 0, true
	}
	for _, ef := range x.effects {
		c, ok := ef.(Changed)
		if !ok || c.From == Blocked || c.From == Waiting {
			continue
		}
		s := &x.tree.Services[c.Service]
		then := s.OnFailure
		if then == tree.AsTree {
			then = x.tree.OnFailure
		}
		switch {
		case s.Foreground && c.To == Done:
			return 0, true
		case s.Essential && c.To == Failed:
			return max(1, uint8(x.after.Services[c.Service].Last.Status.ExitCode())), true
		case s.Essential && c.To == Done && s.Kind == tree.Longrun && !x.after.Services[c.Service].Skip:
			return uint8(x.after.Services[c.Service].Last.Status.ExitCode()), true
		case c.To == Failed && then == tree.Shutdown:
			return 1, true
		}
	}
	return 0, false
}
