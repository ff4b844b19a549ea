package engine

import (
	"time"

	"bole/tree"
)

// conclude decides what follows a run that ended and should not have, or that
// is a longrun's good end.
func (e *Engine) conclude(id tree.ID) {
	s, end := &e.tree.Services[id], &e.Record(id).Last
	good := end.Cause == Ended && end.Ready && s.OnSuccess.Has(end.Status)
	switch {
	case end.Cause == NotSpawned && !end.Retry:
		e.giveUp(id, NoProgram)
	case e.Record(id).GaveUp:
		e.giveUp(id, Finished)
	case end.Cause != NotSpawned && s.GiveUp.Has(end.Status):
		e.giveUp(id, GiveUp)
	case s.Restart.Policy == tree.Always, s.Restart.Policy == tree.OnFailure && !good:
		e.retry(id)
	case good:
		e.enter(id, Done, 0)
		e.consequence(id)
	default:
		e.giveUp(id, NoRestart)
	}
}

// retry starts a service again, after its delay and as often as it may.
func (e *Engine) retry(id tree.ID) {
	p, r := &e.tree.Services[id].Restart, e.Record(id)
	if r.Last.Ready && r.Last.At-r.SaidAt >= p.Reset {
		r.Tries = 0
	}
	if r.limited(p, e.state.Now) {
		e.giveUp(id, Limit)
		return
	}
	r.Tries++
	r.Restarts++
	if p.Limit >= 0 && p.Within > 0 {
		r.Window = append(r.Window, e.state.Now)
	}
	if d := e.delay(p, r.Tries); d > 0 {
		e.enter(id, Backoff, d)
	} else {
		e.enter(id, Waiting, 0)
	}
}

// limited reports whether one more restart would be too many. It drops from
// the window what no longer counts.
func (r *Record) limited(p *tree.Restart, now time.Duration) bool {
	if p.Limit < 0 {
		return false
	}
	if p.Within == 0 {
		return r.Tries >= p.Limit
	}
	for len(r.Window) > 0 && now-r.Window[0] >= p.Within {
		r.Window = r.Window[1:]
	}
	return len(r.Window) >= p.Limit
}

// delay is the wait before the try-th restart in a row: doubled each time, a
// tenth more or less by chance so that services that failed together do not
// come back together, and never beyond the maximum.
func (e *Engine) delay(p *tree.Restart, try int) time.Duration {
	d := p.Delay
	for ; try > 1 && d < p.MaxDelay; try-- {
		d *= 2
	}
	if d <= 0 {
		return 0
	}
	d = min(d, p.MaxDelay)
	d += time.Duration((e.chance()*0.2 - 0.1) * float64(d))
	return min(d, p.MaxDelay)
}

// chance is a number from [0, 1), the next of the seed's row: splitmix64
// (Steele, Lea, Flood 2014), whose whole state is one number.
func (e *Engine) chance() float64 {
	e.state.Random += 0x9e3779b97f4a7c15
	z := e.state.Random
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64((z^z>>31)>>11) / (1 << 53)
}

// sentence makes the end of the command in the foreground bole's own, also when bole
// was asked to stop: whoever runs one command wants to know how that ended.
func (e *Engine) sentence(id tree.ID) {
	s, r := &e.tree.Services[id], e.Record(id)
	if s.Foreground && e.state.Requested && !s.OnSuccess.Has(r.Last.Status) {
		e.state.Code = uint8(r.Last.Status.ExitCode())
	}
}

func (e *Engine) giveUp(id tree.ID, why Reason) {
	e.Record(id).Reason = why
	e.enter(id, Failed, 0)
	e.consequence(id)
}

// consequence has the tree follow a service that ended for good, if it should.
func (e *Engine) consequence(id tree.ID) {
	s, r := &e.tree.Services[id], e.Record(id)
	then := s.OnFailure
	if then == tree.AsTree {
		then = e.tree.OnFailure
	}
	switch code := uint8(r.Last.Status.ExitCode()); {
	case s.Foreground && r.State == Done:
		e.shutdown(0) // whatever code it was that counts as success
	case s.Essential && r.State == Failed:
		e.shutdown(max(code, 1)) // one that was never ready may have ended with 0
	case s.Essential:
		e.shutdown(code)
	case r.State == Failed && then == tree.Shutdown:
		e.shutdown(1)
	}
}
