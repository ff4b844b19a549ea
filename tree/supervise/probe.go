package supervise

import (
	"context"
	"strings"
	"sync"
	"time"

	"bole/readiness"
	"bole/tree"
	"bole/tree/engine"
)

// A prober asks services whether they are ready, until the answer is yes, and then for
// their health, until their process is to end.
type prober struct {
	*guard
	asker *asker

	mu     sync.Mutex
	active map[engine.Run]*probing
}

func newProber(g *guard, a *asker) *prober {
	return &prober{guard: g, asker: a, active: map[engine.Run]*probing{}}
}

// A probing is of one run.
type probing struct {
	ctx    context.Context
	cancel context.CancelFunc
	run    engine.Run
	svc    *tree.Service
	ready  readiness.Check // nil: nobody is asked
	health readiness.Check // nil: nobody is asked
	veil   func() *strings.Replacer
}

// expect is to be called before the process is made, which may have ended before begin,
// and may have made its file. It is nil if nobody is to be asked. No reason tells the
// secrets of the environment; given are those of its variables that oneshots have handed on.
func (p *prober) expect(run engine.Run, svc *tree.Service, env, given []string) *probing {
	asked := svc.Asked()
	if run.Role != engine.RoleMain || asked == nil && svc.Health == nil {
		return nil
	}
	x := &probing{run: run, svc: svc, veil: sync.OnceValue(func() *strings.Replacer { return newVeil(svc, env, given) })}
	x.ctx, x.cancel = context.WithCancel(context.Background())
	if asked != nil {
		x.ready = p.check(run, asked)
	}
	if svc.Health != nil {
		x.health = p.check(run, &svc.Health.Probe)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active[run] = x
	return x
}

// begin asks, unless there is no process or it has ended.
func (p *prober) begin(x *probing, ok bool) {
	switch {
	case x == nil:
	case !ok:
		p.stop(x.run)
	case x.ready != nil:
		p.goes("probe", func() { p.poll(x) })
	}
}

func (p *prober) poll(x *probing) {
	notYet := func(why string) { p.mail.post(engine.NotYet{Run: x.run, Why: x.veil().Replace(why)}) }
	ready := func() { p.mail.post(engine.BecameReady{Run: x.run}) }
	readiness.Poll(x.ctx, x.ready, timing(x.svc), notYet, ready)
}

// watch asks for the health of a run that has become ready, unless it is to end already.
func (p *prober) watch(run engine.Run) {
	p.mu.Lock()
	x := p.active[run]
	p.mu.Unlock()
	if x == nil || x.health == nil {
		return
	}
	sick := func(why string) { p.mail.post(engine.Failing{Run: run, Why: x.veil().Replace(why)}) }
	well := func() { p.mail.post(engine.Healthy{Run: run}) }
	h := x.svc.Health
	p.goes("health", func() { readiness.Watch(x.ctx, x.health, h.Interval, h.Timeout, h.Failures, sick, well) })
}

// stop ends the asking: the process is to end, or has.
func (p *prober) stop(run engine.Run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if x := p.active[run]; x != nil {
		x.cancel()
		delete(p.active, run)
	}
}

// timing of the asking until it is ready; how often it is asked for its health says
// nothing about that.
func timing(svc *tree.Service) readiness.Timing {
	t, asked := readiness.Standard, svc.Asked()
	if svc.Ready != nil && asked.Interval > 0 {
		t.First, t.Most = asked.Interval, asked.Interval
	}
	t.Timeout = asked.Timeout
	if asked.Kind == tree.ProbeFile {
		t.File = asked.Target
	}
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
	return func(ctx context.Context) error { return p.asker.ask(ctx, as(engine.RoleProbe, run), r.Command) }
}
