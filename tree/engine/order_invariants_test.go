package engine

import (
	"fmt"
	"slices"

	"bole/tree"
)

// Who starts and stops when, and why.

// start-order: a main process, and what runs before it, is asked for only when all that its service
// requires or binds is as far as it must be, and all that it wants or comes
// after is settled.
func brokenStartOrder(x *transition) string {
	for _, ef := range x.effects {
		ef, ok := ef.(Spawn)
		if !ok || !ef.Run.Role.Starts() {
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
			if u := x.hindrance(id); u >= 0 {
				return x.name(id) + " was stopped before " + x.name(u)
			}
		}
	}
	return ""
}

// hindrance is a service that should have been down before another, by the states
// as told so far; -1 if there is none.
func (x *transition) hindrance(id int) int {
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
