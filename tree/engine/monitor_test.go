package engine

import (
	"fmt"
	"slices"
	"time"

	"bole/tree"
)

// A monitor steps an engine and holds every step against the invariants. It
// keeps a world of its own, and says nothing by the engine's own functions:
// each rule is stated again, from the records and the tree.
type monitor struct {
	e     *Engine
	users [][]user
	world world
	move  transition
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
	x.after, x.says = m.e.Snapshot(), m.e.Tree()
	x.next, _ = m.e.Deadline()
	return x.effects, x.check()
}

func (x *transition) check() *violation {
	for _, rule := range invariants {
		if what := rule.broken(x); what != "" {
			return &violation{name: rule.name, what: what}
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
	case s == Ready, s == Done && x.serves(d.On):
		return true
	case s == Starting && d.Until == tree.UntilStarted:
		return x.is[d.On].life == running && x.is[d.On].run.Role == RoleMain
	}
	return false
}

// hopeless: a hard dependency has given up, or ended well and will not be back.
func (x *transition) hopeless(d tree.Dep) bool {
	s := x.after.Services[d.On].State
	return d.Kind >= tree.Requires && (s == Failed || s == Blocked || s == Done && !x.serves(d.On))
}

// serves: a service that is done has done what others require of it, or has nothing
// to do here.
func (x *transition) serves(id tree.ID) bool {
	return x.tree.Services[id].Kind == tree.Oneshot || x.after.Services[id].Skip
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
