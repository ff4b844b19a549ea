package supervise

import (
	"cmp"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"bole/tree"
	"bole/tree/control"
	"bole/tree/engine"
	"bole/tree/process"
)

// patience is how often a teardown says whom it waits for.
const patience = 2 * time.Second

// A reporter tells people what happens to the tree, one line a change. It is the
// loop's, but for say.
type reporter struct {
	*guard
	tree      *tree.Tree
	engine    *engine.Engine
	history   *history
	began     time.Time
	stopBegan []time.Duration // by tree.ID: of the stop that is under way
	greeted   bool            // the line at the end of the start has been said
	started   chan struct{}   // closed then
	ending    time.Duration   // when the teardown began

	quiet     bool             // only what keeps the one command from running is said
	unsettled tree.ID          // where allSettled looks first
	patience  <-chan time.Time // when a teardown has to say whom it waits for
}

func newReporter(g *guard, t *tree.Tree, e *engine.Engine, h *history, began time.Time) *reporter {
	return &reporter{guard: g, tree: t, engine: e, history: h, began: began, started: make(chan struct{}), stopBegan: make([]time.Duration, len(t.Services))}
}

func (r *reporter) say(format string, args ...any) { r.console.Say(fmt.Sprintf(format, args...)) }

// tell says what happens to a service, after what the service has said of it.
func (r *reporter) tell(s *tree.Service, format string, args ...any) {
	r.console.SayOf(int(s.ID), s.Name+": "+fmt.Sprintf(format, args...))
}

// changed says that a service has come to another state, if people care.
func (r *reporter) changed(ef engine.Changed) {
	if r.quiet && (ef.To != engine.Failed || r.engine.Record(ef.Service).Last.Cause != engine.NotSpawned) {
		return
	}
	s, rec, now := &r.tree.Services[ef.Service], r.engine.Record(ef.Service), r.engine.Snapshot().Now
	switch ef.To {
	case engine.Starting:
		if s.Kind == tree.Oneshot || s.Announces() || s.OnlyIf != nil || s.Prepare != nil { // others are ready at once
			r.tell(s, "starting")
		}
	case engine.Ready:
		r.tell(s, "ready after %s", engine.Short(rec.SaidAt-rec.Began))
	case engine.Done:
		r.done(s, rec, ef)
	case engine.Stopping:
		r.teardown()
		r.stopBegan[ef.Service] = now
		switch rec.Cause {
		case engine.Ended:
			r.tell(s, "%s", r.engine.WhyThen(ef))
		case engine.Unhealthy:
			r.tell(s, "stopping: %s: %s", rec.Cause, rec.Sick)
		case engine.Silent, engine.Triggered:
			r.tell(s, "stopping: %s", rec.Cause)
		default:
			r.tell(s, "stopping")
		}
	case engine.Down:
		if ef.From == engine.Stopping {
			r.tell(s, "down after %s", engine.Short(now-r.stopBegan[ef.Service]))
		}
	case engine.Backoff:
		r.tell(s, "%s", r.engine.WhyThen(ef))
	case engine.Failed, engine.Blocked:
		if s.Foreground {
			r.tell(s, "%s", r.engine.WhyThen(ef))
			return
		}
		r.tell(s, "%s: %s", ef.To, r.engine.WhyThen(ef))
	}
}

// judged says that a service has become unhealthy, or is well again.
func (r *reporter) judged(ef engine.Judged) {
	s := &r.tree.Services[ef.Service]
	switch {
	case r.quiet:
	case ef.Healthy:
		r.tell(s, "healthy again")
	default:
		r.tell(s, "unhealthy: %s", ef.Why)
	}
}

func (r *reporter) done(s *tree.Service, rec *engine.Record, ef engine.Changed) {
	switch {
	case rec.Skip:
		r.tell(s, "%s", r.engine.WhyThen(ef))
		return
	case s.Kind == tree.Oneshot:
		r.tell(s, "done after %s", engine.Short(rec.Last.Ran))
		return
	}
	r.tell(s, "done: %s", r.engine.WhyThen(ef))
}

// teardown says, after what has led to it and before the first stop, that the
// teardown begins.
func (r *reporter) teardown() {
	if state := r.engine.Snapshot(); state.Ending && r.patience == nil {
		r.ending = state.Now
		r.patience = time.Tick(patience)
		if n := r.up(); n > 0 && !r.quiet {
			r.say("stopping %s, %s", plural(n, "service"), atMost(r.tree.ShutdownTimeout))
		}
	}
}

// start says once, after everything else of it, that the start is over.
func (r *reporter) start() {
	if state := r.engine.Snapshot(); !r.greeted && !state.Ending && r.allSettled() {
		r.greeted = true
		close(r.started)
		if r.quiet {
			return
		}
		r.say("%s after %s: %s%s", r.engine.Tree(), engine.Short(state.Now), cmp.Or(r.count(), "nothing is wanted"), critical(r.history.endBoot()))
		r.goes("memory", forgetStart)
	}
}

// critical says what made the boot last that long, if one waited for another.
func critical(p control.Path) string {
	if len(p.Services) < 2 {
		return ""
	}
	return "; critical path " + p.String()
}

// allSettled looks on from where it found somebody unsettled the last time, and
// once more from the beginning: so it costs little with any number of services.
func (r *reporter) allSettled() bool {
	for i := 0; i < len(r.tree.Services); i++ {
		rec := r.engine.Record(r.unsettled)
		if rec.Wanted && !rec.State.Settled() {
			return false
		}
		r.unsettled = (r.unsettled + 1) % tree.ID(len(r.tree.Services))
	}
	return true
}

// count says how many services are in which state, the usual ones first.
func (r *reporter) count() string {
	var n [engine.States]int
	for i := range r.tree.Services {
		if rec := r.engine.Record(tree.ID(i)); rec.Wanted {
			n[rec.State]++
		}
	}
	var out []string
	for _, s := range []engine.State{engine.Ready, engine.Done, engine.Failed, engine.Blocked} {
		if n[s] > 0 {
			out = append(out, fmt.Sprintf("%d %s", n[s], s))
		}
	}
	return strings.Join(out, ", ")
}

// up is the number of services that have something running.
func (r *reporter) up() (n int) {
	for i := range r.tree.Services {
		if r.engine.Record(tree.ID(i)).Phase != engine.NoRun {
			n++
		}
	}
	return n
}

// waiting says whom the teardown waits for.
func (r *reporter) waiting() {
	for i := range r.tree.Services {
		id := tree.ID(i)
		if rec := r.engine.Record(id); rec.State == engine.Stopping {
			r.tell(&r.tree.Services[id], "still stopping after %s: %s", engine.Short(time.Since(r.began)-r.stopBegan[id]), r.engine.Why(id))
		}
	}
}

// killing says that the last step of the teardown has begun.
func (r *reporter) killing() {
	r.say("killing what is left: %s", plural(r.up(), "service"))
}

// over is the last word.
func (r *reporter) over() {
	if r.quiet {
		return
	}
	r.say("all down after %s", engine.Short(r.engine.Snapshot().Now-r.ending))
}

func atMost(d time.Duration) string {
	if d == 0 {
		return "without a limit"
	}
	return engine.Short(d) + " at most"
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// forgetStart gives back what only the load and the start needed.
func forgetStart() {
	debug.FreeOSMemory()
	process.DropCode()
}
