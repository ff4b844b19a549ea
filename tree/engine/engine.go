package engine

import (
	"slices"
	"time"

	"bole/tree"
)

// An Engine is the state machine of one tree. It is not safe for concurrent
// use: one goroutine owns it, the others send that one their events.
type Engine struct {
	tree    *tree.Tree
	users   [][]user // by tree.ID: who depends on it
	state   Snapshot
	dirty   worklist // to be settled
	bound   worklist // to be looked at by takeAlong, before that
	out     []Effect
	busy    int             // services that are not down
	next    time.Duration   // no deadline is earlier; 0: there is none
	weights []time.Duration // see weigh; nil: to be found anew
}

// A user is a service that depends on another, and how.
type user struct {
	id  tree.ID
	dep tree.Dep
}

// New returns the engine of a tree in which everything is down. The seed is for
// the jitter of the back-off delays: the same seed and events give the same
// effects.
func New(t *tree.Tree, seed uint64) *Engine {
	return Restore(t, Snapshot{Random: seed, Services: make([]Record, len(t.Services))})
}

// Restore returns an engine that goes on where a snapshot of an engine for the
// same tree was taken. It keeps the snapshot.
func Restore(t *tree.Tree, s Snapshot) *Engine {
	if len(s.Services) != len(t.Services) {
		panic("engine.Restore: the snapshot is of another tree")
	}
	n := len(t.Services)
	e := &Engine{tree: t, users: make([][]user, n), state: s, dirty: newWorklist(n), bound: newWorklist(n)}
	for i := range t.Services {
		for _, d := range t.Services[i].Needs {
			e.users[d.On] = append(e.users[d.On], user{tree.ID(i), d})
		}
	}
	e.resume()
	return e
}

// resume finds anew all that the engine keeps beside its state. What was due
// already, and not yet seen by a Tick, is due at once.
func (e *Engine) resume() {
	e.busy, e.weights = 0, nil
	e.findNext()
	for i := range e.state.Services {
		r := &e.state.Services[i]
		e.count(r.State, +1)
		if r.Due <= e.state.Now {
			e.wake(r.Due)
		}
	}
}

// Step takes in what has happened by the time at, measured since the start of
// the engine, and returns what is to be done, in order. A time before that of
// the last step counts as that one. The effects are valid until the next call.
//
// First each event changes the record that it is about. Then every service that
// this may concern is settled, in topological order, until nothing changes.
func (e *Engine) Step(at time.Duration, events ...Event) []Effect {
	e.out = e.out[:0]
	e.state.Now = max(e.state.Now, at)
	if e.state.Over {
		return e.out
	}
	for _, ev := range events {
		e.apply(ev)
	}
	e.settleAll()
	e.finish()
	return e.out
}

// settleAll works off the worklist. The bound is far beyond what any tree
// needs: going past it means that two services push each other for ever.
func (e *Engine) settleAll() {
	for turns := 1000 + 100*len(e.state.Services); ; turns-- {
		e.takeAlong()
		id, ok := e.dirty.pop()
		if !ok {
			return
		}
		if turns == 0 {
			panic("engine: the services never settle")
		}
		e.settle(id)
	}
}

// Deadline returns the time at which the engine wants a Tick, and whether there
// is any. It may be early: a Tick that finds nothing due does no harm.
func (e *Engine) Deadline() (time.Duration, bool) { return e.next, e.next != 0 }

// Snapshot returns the whole state. It shares memory with the engine: use it, or
// write it out, before the next Step.
func (e *Engine) Snapshot() *Snapshot { return &e.state }

// Copy returns the whole state as it is now, for somebody who looks at it, by Restore,
// while this engine goes on.
func (e *Engine) Copy() Snapshot {
	s := e.state
	s.Services = slices.Clone(s.Services)
	return s
}

// Record returns what the engine knows of a service.
func (e *Engine) Record(id tree.ID) *Record { return &e.state.Services[id] }

// Run returns the current or last run of a service.
func (e *Engine) Run(id tree.ID) Run {
	r := e.Record(id)
	return Run{id, r.Role, r.Gen}
}

// enter puts a service into a state for the time given, 0 for ever, and lets
// everyone look again whom that may concern.
func (e *Engine) enter(id tree.ID, to State, lasts time.Duration) {
	r := e.Record(id)
	from := r.State
	r.State, r.Since = to, e.state.Now
	e.due(r, lasts)
	if from == to {
		return
	}
	e.count(from, -1)
	e.count(to, +1)
	e.emit(Changed{id, from, to})
	e.touch(id)
	if e.active(id, from) && e.used(id) {
		e.weights = nil // out of turn: chains may be shorter than they were
	}
}

func (e *Engine) count(s State, by int) {
	if s != Down {
		e.busy += by
	}
}

// used reports whether anything active depends on a service.
func (e *Engine) used(id tree.ID) bool {
	for _, u := range e.users[id] {
		if e.active(u.id, e.Record(u.id).State) {
			return true
		}
	}
	return false
}

// due sets the time at which the state has lasted too long.
func (e *Engine) due(r *Record, lasts time.Duration) {
	r.Due = 0
	if lasts > 0 {
		r.Due = e.state.Now + lasts
		e.wake(r.Due)
	}
}

// wake makes Deadline not later than at.
func (e *Engine) wake(at time.Duration) {
	if at != 0 && (e.next == 0 || at < e.next) {
		e.next = at
	}
}

// touch has a service and its neighbours settled again.
func (e *Engine) touch(id tree.ID) {
	e.dirty.push(id)
	e.bound.push(id)
	for _, d := range e.tree.Services[id].Needs {
		e.dirty.push(d.On)
	}
	for _, u := range e.users[id] {
		e.dirty.push(u.id)
		e.bound.push(u.id)
	}
}

func (e *Engine) emit(ef Effect) { e.out = append(e.out, ef) }

// tick has all settled that are due, and finds the next deadline.
func (e *Engine) tick() {
	for i := range e.state.Services {
		if due := e.state.Services[i].Due; due != 0 && due <= e.state.Now {
			e.dirty.push(tree.ID(i))
		}
	}
	if s := &e.state; s.Ending && s.KillAt != 0 && s.KillAt <= s.Now {
		e.killAll()
	}
	e.findNext()
}

// findNext leaves out what is due already: settling it sets its next deadline.
func (e *Engine) findNext() {
	e.next = 0
	for i := range e.state.Services {
		if due := e.state.Services[i].Due; due > e.state.Now {
			e.wake(due)
		}
	}
	if s := &e.state; s.Ending {
		for _, at := range []time.Duration{s.KillAt, s.ExitAt} {
			if at > s.Now {
				e.wake(at)
			}
		}
	}
}
