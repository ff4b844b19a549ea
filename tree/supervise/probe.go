package supervise

import (
	"context"
	"sync"
	"time"

	"bole/readiness"
	"bole/tree"
	"bole/tree/engine"
)

// A prober asks services whether they are ready, until the answer is yes or their
// process is to end.
type prober struct {
	*guard
	asker *asker

	mu     sync.Mutex
	active map[engine.Run]context.CancelFunc
}

func newProber(g *guard, a *asker) *prober {
	return &prober{guard: g, asker: a, active: map[engine.Run]context.CancelFunc{}}
}

// A probing is of one run.
type probing struct {
	ctx    context.Context
	run    engine.Run
	check  readiness.Check
	timing readiness.Timing
}

// expect is to be called before the process is made, which may have ended before begin,
// and may have made its file. It is nil if nobody is to be asked.
func (p *prober) expect(run engine.Run, svc *tree.Service) *probing {
	if svc.Ready == nil || run.Role != engine.RoleMain {
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active[run] = cancel
	return &probing{ctx, run, p.check(run, svc.Ready), timing(svc.Ready)}
}

// begin asks, unless there is no process or it has ended.
func (p *prober) begin(x *probing, ok bool) {
	switch {
	case x == nil:
	case !ok:
		p.stop(x.run)
	default:
		p.goes("probe", func() { p.poll(x) })
	}
}

func (p *prober) poll(x *probing) {
	defer p.stop(x.run)
	notYet := func(why string) { p.mail.post(engine.NotYet{Run: x.run, Why: why}) }
	if readiness.Poll(x.ctx, x.check, x.timing, notYet) == nil {
		p.mail.post(engine.BecameReady{Run: x.run})
	}
}

// stop ends the asking: the process is to end, or has.
func (p *prober) stop(run engine.Run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if cancel := p.active[run]; cancel != nil {
		cancel()
		delete(p.active, run)
	}
}

func timing(p *tree.Probe) readiness.Timing {
	t := readiness.Standard
	if p.Interval > 0 {
		t.First, t.Most = p.Interval, p.Interval
	}
	t.Timeout = p.Timeout
	return t
}

// check is how to ask. What the definitions hold is known to be right.
func (p *prober) check(run engine.Run, r *tree.Probe) readiness.Check {
	switch r.Kind {
	case tree.ProbeTCP:
		return readiness.TCP(r.Target)
	case tree.ProbeUnix:
		return readiness.Unix(r.Target)
	case tree.ProbeHTTP:
		check, err := readiness.HTTP(r.Target, r.Status)
		if err != nil {
			return func(context.Context) error { return err }
		}
		return check
	case tree.ProbeFile:
		return readiness.File(r.Target)
	case tree.ProbeDelay:
		return readiness.After(time.Now().Add(r.Delay))
	}
	return func(ctx context.Context) error { return p.asker.ask(ctx, run, r.Command[0]) }
}
