package engine

import (
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"bole/tree"
)

// A monitor steps an engine and holds every step against the invariants. It
// keeps a world of its own, and says nothing by the engine's own functions:
// each rule is stated again, from the records and the tree.
type monitor struct {
	e       *Engine
	users   [][]user
	world   world
	move    transition
	passing bool // do not check: the way there has been checked
}

func newMonitor(t *tree.Tree, seed uint64) *monitor {
	n := len(t.Services)
	m := &monitor{e: New(t, seed), users: make([][]user, n), world: make(world, n)}
	for i := range t.Services {
		for _, d := range t.Services[i].Needs {
			m.users[d.On] = append(m.users[d.On], user{tree.ID(i), d})
		}
	}
	m.move = transition{tree: t, users: m.users, was: make(world, n), facts: make(world, n), is: m.world, states: make([]State, n)}
	m.move.before.Services = make([]Record, n)
	return m
}

// A transition is one step with all that there is to know about it.
type transition struct {
	tree           *tree.Tree
	users          [][]user
	before         Snapshot
	after          *Snapshot
	was, facts, is world // before the step; with its reports; with its effects
	events         []Event
	effects        []Effect
	next           time.Duration
	says           TreeState
	states         []State // scratch: the states as the effects tell them
}

// A violation is a broken invariant.
type violation struct {
	name, what string
	effects    []Effect
}

func (v *violation) Error() string { return v.name + ": " + v.what }

// step steps the engine and returns its effects, with the first rule that is
// broken.
func (m *monitor) step(at time.Duration, events ...Event) (effects []Effect, broken *violation) {
	defer func() {
		if p := recover(); p != nil {
			broken = &violation{name: "no-panic", what: fmt.Sprint(p)}
		}
	}()
	x := &m.move
	copySnapshot(&x.before, m.e.Snapshot())
	copy(x.was, m.world)
	for _, ev := range events {
		m.world.report(ev)
	}
	copy(x.facts, m.world)
	x.events, x.effects = events, m.e.Step(at, events...)
	for _, ef := range x.effects {
		m.world.carryOut(ef)
	}
	if m.passing {
		return x.effects, nil
	}
	x.after, x.says = m.e.Snapshot(), m.e.Tree()
	x.next, _ = m.e.Deadline()
	return x.effects, x.check()
}

func (x *transition) check() *violation {
	for _, rule := range invariants {
		if what := rule.broken(x); what != "" {
			return &violation{name: rule.name, what: what, effects: slices.Clone(x.effects)}
		}
	}
	return nil
}

// copySnapshot copies a whole snapshot, into the memory that is there.
func copySnapshot(to, from *Snapshot) {
	services := append(to.Services[:0], from.Services...)
	*to = *from
	to.Services = services
	for i := range services {
		services[i].Window = slices.Clone(services[i].Window)
	}
}

// An invariant says what is wrong with a step; "" is nothing.
type invariant struct {
	name   string
	broken func(*transition) string
}

var invariants = []invariant{
	{"told", brokenTold},
	{"over", brokenOver},
	{"one-main", brokenOneMain},
	{"current-run", brokenCurrentRun},
	{"world", brokenWorld},
	{"stale", brokenStale},
	{"start-order", brokenStartOrder},
	{"stop-order", brokenStopOrder},
	{"newest-wins", brokenNewestWins},
	{"wanted-closure", brokenWantedClosure},
	{"wish", brokenWish},
	{"blocked", brokenBlocked},
	{"no-idle", brokenNoIdle},
	{"bound", brokenBound},
	{"again", brokenAgain},
	{"policy", brokenPolicy},
	{"limit", brokenLimit},
	{"back-off", brokenBackoff},
	{"failure", brokenFailure},
	{"consequence", brokenConsequence},
	{"signalled", brokenSignalled},
	{"patience", brokenPatience},
	{"no-start-after-teardown", brokenNoStart},
	{"teardown-ends", brokenTeardownEnds},
	{"last-step", brokenLastStep},
	{"strays", brokenStrays},
	{"share", brokenShare},
	{"deadline", brokenDeadline},
	{"tree-state", brokenTreeState},
}

// The facts that the rules are made of.

func (x *transition) name(id int) string { return x.tree.Services[id].Name }

// up: a stop has something to end or to undo.
func (x *transition) up(id int, s State) bool {
	return s == Starting || s == Ready || s == Stopping || s == Done && x.tree.Services[id].Kind == tree.Oneshot
}

func (x *transition) leaving(id int) bool {
	r := &x.after.Services[id]
	return !r.Wanted || r.Again || x.after.Ending
}

// far: a dependency has come as far as it is needed.
func (x *transition) far(d tree.Dep) bool {
	switch s := x.after.Services[d.On].State; {
	case s == Ready, s == Done && x.tree.Services[d.On].Kind == tree.Oneshot:
		return true
	case s == Starting && d.Until == tree.UntilStarted:
		return x.is[d.On].life == running
	}
	return false
}

// hopeless: a hard dependency has given up, or ended well and will not be back.
func (x *transition) hopeless(d tree.Dep) bool {
	s := x.after.Services[d.On].State
	return d.Kind >= tree.Requires && (s == Failed || s == Blocked || s == Done && x.tree.Services[d.On].Kind == tree.Longrun)
}

// lets: a dependency allows a start now.
func (x *transition) lets(d tree.Dep) bool {
	r := &x.after.Services[d.On]
	if d.Kind >= tree.Requires {
		return x.far(d) && r.Wanted && !r.Again
	}
	given := r.State == Failed || r.State == Blocked || r.State == Done
	return !r.Wanted || !r.Again && (given || x.far(d))
}

// only is the event of a step that has one; nil otherwise.
func (x *transition) only() Event {
	if len(x.events) == 1 {
		return x.events[0]
	}
	return nil
}

// told: the changes that are told lead from the states before to those after.
func brokenTold(x *transition) string {
	for i := range x.states {
		x.states[i] = x.before.Services[i].State
	}
	for _, ef := range x.effects {
		if c, ok := ef.(Changed); ok {
			if x.states[c.Service] != c.From || c.From == c.To {
				return fmt.Sprintf("%s %s → %s, but it was %s", x.name(int(c.Service)), c.From, c.To, x.states[c.Service])
			}
			x.states[c.Service] = c.To
		}
	}
	for i, s := range x.states {
		if s != x.after.Services[i].State {
			return fmt.Sprintf("%s is %s, told was %s", x.name(i), x.after.Services[i].State, s)
		}
	}
	return ""
}

// over: Exit is the last effect, and nothing comes after it.
func brokenOver(x *transition) string {
	for i, ef := range x.effects {
		if _, ok := ef.(Exit); ok && (i != len(x.effects)-1 || !x.after.Over) {
			return "exit is not the last effect"
		}
	}
	if x.before.Over && len(x.effects) > 0 {
		return "effects after exit"
	}
	if x.before.Ending && !x.after.Ending {
		return "the teardown was called off"
	}
	return ""
}

// one-main: a process is asked for only when there is none, and nothing left of
// the last one; each has a number of its own.
func brokenOneMain(x *transition) string {
	var spawned []tree.ID
	for _, ef := range x.effects {
		ef, ok := ef.(Spawn)
		if !ok {
			continue
		}
		id := ef.Run.Service
		switch {
		case x.facts[id].life != nothing || slices.Contains(spawned, id):
			return "spawn of " + x.name(int(id)) + ", which still has a process"
		case ef.Run.Gen != x.before.Services[id].Gen+1:
			return "spawn of " + x.name(int(id)) + " with a number that is not the next"
		}
		spawned = append(spawned, id)
	}
	return ""
}

// current-run: signals are for the current run, and for one that is there. Of
// several events in one step, a later one may be its end.
func brokenCurrentRun(x *transition) string {
	if len(x.events) > 1 {
		return ""
	}
	for _, ef := range x.effects {
		var run Run
		var want life
		switch ef := ef.(type) {
		case Kill:
			run, want = ef.Run, running
		case Sweep:
			run, want = ef.Run, nothing
			if x.facts[run.Service].life == strays {
				want = strays
			}
		default:
			continue
		}
		if p := x.facts[run.Service]; p.run != run || p.life != want {
			return fmt.Sprintf("%s is signalled, which is not there", x.name(int(run.Service)))
		}
	}
	return ""
}

// world: the records say of each process what the world says.
func brokenWorld(x *transition) string {
	phases := [...]Phase{nothing: NoRun, asked: Spawning, running: Running, strays: Sweeping}
	for i := range x.is {
		r := &x.after.Services[i]
		if phases[x.is[i].life] != r.Phase && !x.after.Over {
			return fmt.Sprintf("%s: the world has %d, the record %d", x.name(i), x.is[i].life, r.Phase)
		}
		if alive := r.Phase != NoRun; alive != (r.State == Starting || r.State == Ready || r.State == Stopping) {
			return fmt.Sprintf("%s is %s in phase %d", x.name(i), r.State, r.Phase)
		}
	}
	return ""
}

// stale: a report of a run that is no longer, or of what cannot have happened,
// changes nothing.
func brokenStale(x *transition) string {
	ev := x.only()
	if ev == nil || x.before.Over || !late(x.was, ev) {
		return ""
	}
	for i := range x.before.Services {
		a, b := x.before.Services[i], x.after.Services[i]
		if !slices.Equal(a.Window, b.Window) {
			return x.name(i) + " was changed by a late report"
		}
		a.Window, b.Window = nil, nil
		if fmt.Sprint(a) != fmt.Sprint(b) {
			return x.name(i) + " was changed by a late report"
		}
	}
	if x.before.Ending != x.after.Ending || x.before.Final != x.after.Final || x.before.Random != x.after.Random {
		return "the tree was changed by a late report"
	}
	for _, ef := range x.effects {
		if _, ok := ef.(Stale); !ok && !x.after.Over {
			return "a late report had effects"
		}
	}
	return ""
}

// late: the world knows of no such run that could report this.
func late(w world, ev Event) bool {
	switch ev.(type) {
	case Boot, Start, Stop, Restart, Shutdown, Tick:
		return false
	case Spawned:
		return w[runOf(ev).Service].run != runOf(ev)
	}
	p := w[runOf(ev).Service]
	if p.run != runOf(ev) {
		return true
	}
	switch ev.(type) {
	case SpawnFailed:
		return p.life != asked
	case StraysGone:
		return p.life != strays
	}
	return p.life != asked && p.life != running
}

// start-order: a main process is asked for only when all that its service
// requires or binds is as far as it must be, and all that it wants or comes
// after is settled.
func brokenStartOrder(x *transition) string {
	for _, ef := range x.effects {
		ef, ok := ef.(Spawn)
		if !ok || ef.Run.Role != RoleMain {
			continue
		}
		for _, d := range x.tree.Services[ef.Run.Service].Needs {
			if !x.lets(d) {
				return x.name(int(ef.Run.Service)) + " started before " + x.name(int(d.On))
			}
		}
	}
	return ""
}

// stop-order: a service is told to go down only when all that must be down
// before it is. Only a start that failed by itself goes out of turn, and the
// last step of a teardown.
func brokenStopOrder(x *transition) string {
	if x.after.Final || len(x.events) > 1 {
		return ""
	}
	for i := range x.states {
		x.states[i] = x.before.Services[i].State
	}
	for _, ef := range x.effects {
		c, ok := ef.(Changed)
		if !ok {
			continue
		}
		x.states[c.Service] = c.To
		id := int(c.Service)
		undone := c.From == Done && c.To == Down && x.up(id, Done)
		if c.To == Stopping && x.after.Services[id].Cause == Asked || undone {
			if u := x.before1(id); u >= 0 {
				return x.name(id) + " was stopped before " + x.name(u)
			}
		}
	}
	return ""
}

// before1 is a service that should have been down before another, by the states
// as told so far; -1 if there is none.
func (x *transition) before1(id int) int {
	whole := !x.after.Services[id].Wanted || x.after.Ending // not only to come back
	for _, u := range x.users[id] {
		hard := u.dep.Kind == tree.Binds || u.dep.Kind == tree.Requires && whole
		if x.up(int(u.id), x.states[u.id]) && (hard || x.leaving(int(u.id))) {
			return int(u.id)
		}
	}
	return -1
}

// newest-wins: a command makes wanted what it names, with all that it brings in,
// or unwanted, with all that cannot be without it; nothing else ever does.
func brokenNewestWins(x *transition) string {
	if len(x.events) != 1 {
		return ""
	}
	var wish map[tree.ID]bool
	if !x.before.Ending && !x.before.Over {
		switch x.events[0].(type) {
		case Boot, Start, Restart, Stop:
			wish = map[tree.ID]bool{}
		}
		switch ev := x.events[0].(type) {
		case Boot:
			for _, id := range x.tree.Start {
				x.bringIn(id, wish)
			}
		case Start:
			x.bringIn(ev.Service, wish)
		case Restart:
			x.bringIn(ev.Service, wish)
		case Stop:
			x.takeAlong(ev.Service, wish)
		}
	}
	for i := range x.after.Services {
		want, named := wish[tree.ID(i)]
		if !named {
			want = x.before.Services[i].Wanted
		}
		if x.after.Services[i].Wanted != want {
			return fmt.Sprintf("%s: wanted is %v", x.name(i), !want)
		}
	}
	return ""
}

func (x *transition) bringIn(id tree.ID, wish map[tree.ID]bool) {
	wish[id] = true
	for _, d := range x.tree.Services[id].Needs {
		if d.Kind >= tree.Requires || d.Kind == tree.Wants && x.tree.Services[d.On].Enabled {
			x.bringIn(d.On, wish)
		}
	}
}

func (x *transition) takeAlong(id tree.ID, wish map[tree.ID]bool) {
	wish[id] = false
	for _, u := range x.users[id] {
		if u.dep.Kind >= tree.Requires {
			x.takeAlong(u.id, wish)
		}
	}
}

// wanted-closure: what a wanted service requires or binds is wanted.
func brokenWantedClosure(x *transition) string {
	for i := range x.after.Services {
		for _, d := range x.tree.Services[i].Needs {
			if x.after.Services[i].Wanted && d.Kind >= tree.Requires && !x.after.Services[d.On].Wanted {
				return x.name(i) + " is wanted and " + x.name(int(d.On)) + " is not"
			}
		}
	}
	return ""
}

// wish: what is wanted is not down; what is not wanted is down, or on its way,
// or waits for its turn.
func brokenWish(x *transition) string {
	for i := range x.after.Services {
		r := &x.after.Services[i]
		if r.Wanted && !x.after.Ending {
			if r.State == Down {
				return x.name(i) + " is wanted and down"
			}
		} else if r.State != Down && !x.up(i, r.State) {
			return x.name(i) + " is not wanted and " + r.State.String()
		}
	}
	return ""
}

// blocked: those and only those are blocked that would start and cannot, since
// what they require or bind has given up.
func brokenBlocked(x *transition) string {
	for i := range x.after.Services {
		s := x.after.Services[i].State
		if s != Blocked && s != Waiting {
			continue
		}
		if hopeless := slices.ContainsFunc(x.tree.Services[i].Needs, x.hopeless); hopeless != (s == Blocked) {
			return x.name(i) + " is " + s.String()
		}
	}
	return ""
}

// no-idle: who waits has somebody to wait for.
func brokenNoIdle(x *transition) string {
	for i := range x.after.Services {
		switch s := x.after.Services[i].State; {
		case s == Waiting:
			if !slices.ContainsFunc(x.tree.Services[i].Needs, func(d tree.Dep) bool { return !x.lets(d) }) {
				return x.name(i) + " waits to start, for nothing"
			}
		case s != Stopping && x.up(i, s) && x.leaving(i):
			if !slices.ContainsFunc(x.users[i], func(u user) bool { return x.up(int(u.id), x.after.Services[u.id].State) }) {
				return x.name(i) + " waits to stop, for nothing"
			}
		}
	}
	return ""
}

// bound: a service that is up and stays so has all that it is bound to.
func brokenBound(x *transition) string {
	for i := range x.after.Services {
		if s := x.after.Services[i].State; s == Stopping || !x.up(i, s) || x.leaving(i) {
			continue
		}
		for _, d := range x.tree.Services[i].Needs {
			if d.Kind == tree.Binds && !x.far(d) {
				return x.name(i) + " is up without " + x.name(int(d.On))
			}
		}
	}
	return ""
}

// again: only a restart takes down what is wanted, or the loss of what it is
// bound to; and there is something to take down.
func brokenAgain(x *transition) string {
	for i := range x.after.Services {
		was, is := &x.before.Services[i], &x.after.Services[i]
		if is.Again && !x.up(i, is.State) {
			return x.name(i) + " is to come back, and is " + is.State.String()
		}
		if is.Again && !was.Again && !x.asksAgain(i) {
			return x.name(i) + " is restarted, and nobody asked"
		}
	}
	return ""
}

func (x *transition) asksAgain(id int) bool {
	for _, ev := range x.events {
		if ev, ok := ev.(Restart); ok {
			tied := map[tree.ID]bool{ev.Service: true}
			if ev.Dependents {
				x.takeAlong(ev.Service, tied)
			}
			if _, ok := tied[tree.ID(id)]; ok {
				return true
			}
		}
	}
	for _, d := range x.tree.Services[id].Needs {
		if d.Kind == tree.Binds && (!x.far(d) || x.leaving(int(d.On))) {
			return true
		}
	}
	return false
}

// policy: what follows the end of a run is what the restart keys say.
func brokenPolicy(x *transition) string {
	id, want, known := x.verdict()
	if !known {
		return ""
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
	if ev == nil || late(x.was, ev) {
		return 0, 0, false
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
	end.Ready = r.Said || s.Kind == tree.Longrun && s.ReadyFD == 0 && r.Phase == Spawning
	if r.Cause != NoCause && end.Cause != NotSpawned {
		end.Cause = r.Cause
	}
	switch ev := ev.(type) {
	case Exited:
		switch {
		case s.Kind == tree.Oneshot && r.Cause == NoCause && slices.Contains(s.OnSuccess, ev.Status):
			return id, Done, true
		case ev.Strays && s.Kill != tree.KillProcess && r.State == Stopping:
			return 0, 0, false
		case ev.Strays && s.Kill != tree.KillProcess:
			return id, Stopping, true
		}
	case StraysGone:
		end.Status = r.Last.Status
	}
	return id, x.follows(r, s, end), true
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
	} else if r.Said && x.after.Now-r.SaidAt >= p.Reset {
		tries = 0
	}
	return tries >= p.Limit
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
		if then == tree.Unsaid {
			then = x.tree.OnFailure
		}
		switch {
		case s.Essential && (c.To == Failed || c.To == Done && s.Kind == tree.Longrun):
			return uint8(x.after.Services[c.Service].Last.Status.ExitCode()), true
		case c.To == Failed && then == tree.Shutdown:
			return 1, true
		}
	}
	return 0, false
}

// signalled: a run that is to end has been told so.
func brokenSignalled(x *transition) string {
	for i := range x.is {
		r := &x.after.Services[i]
		if x.is[i].life != running || r.State != Stopping || x.after.Over {
			continue
		}
		if x.is[i].told == untold && r.Role == RoleMain || r.Hard && x.is[i].told != hardly {
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

// no-start-after-teardown: only what undoes a oneshot is started then, and in
// the last step nothing.
func brokenNoStart(x *transition) string {
	for _, ef := range x.effects {
		ef, ok := ef.(Spawn)
		if ok && (x.after.Final || x.after.Ending && ef.Run.Role == RoleMain) {
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
		if x.before.Asked {
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

// share: in a teardown that ends, each stop ends before its last step.
func brokenShare(x *transition) string {
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
		if r.Due != 0 && r.State != Starting && r.State != Backoff && r.State != Stopping || r.Due == 0 && r.State == Backoff {
			return fmt.Sprintf("%s is %s, due at %s", x.name(i), r.State, r.Due)
		}
		deferred := r.Due <= x.after.Now && r.State == Starting && x.leaving(i)
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
		case r.State == Backoff || r.State == Failed || r.State == Blocked:
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
