package engine

import (
	"fmt"
	"slices"

	"bole/tree"
)

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

// What is told and asked for fits what there is.

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
	case BecameReady, NotifyClosed, NotYet, Says, Extend, Alive, Hung, Failing, Healthy:
		if p.run.Role != RoleMain {
			return true
		}
	}
	return p.life != asked && p.life != running
}
