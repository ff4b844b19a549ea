package engine

import (
	"slices"

	"bole/tree"
)

// want makes services wanted, with all that they bring in. Whatever has given
// up, or waits for its next try, begins anew: it is the operator's word.
func (e *Engine) want(ids ...tree.ID) {
	todo, seen := slices.Clone(ids), make([]bool, len(e.tree.Services))
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[id] {
			continue
		}
		seen[id] = true
		e.begin(id)
		for _, d := range e.tree.Services[id].Needs {
			if d.Kind.Hard() || d.Kind == tree.Wants && e.tree.Services[d.On].Enabled {
				todo = append(todo, d.On)
			}
		}
	}
}

// begin makes one service wanted and forgets its failures.
func (e *Engine) begin(id tree.ID) {
	r := e.Record(id)
	r.Wanted = true
	e.touch(id)
	switch r.State {
	case Failed, Backoff, Done:
		if !e.active(id, r.State) {
			e.enter(id, Waiting, 0)
		}
	case Stopping:
		r.Cause = Asked // what it is stopped for no longer counts: it starts again
	}
	r.forget()
}

// forget starts the count of failures anew.
func (r *Record) forget() {
	r.Tries, r.Window, r.Reason = 0, nil, NoReason
}

// unwant makes a service unwanted, with all that cannot be without it.
func (e *Engine) unwant(id tree.ID) {
	for _, x := range e.tied(id) {
		r := e.Record(x)
		r.Wanted, r.Again = false, false
		e.touch(x)
	}
}

// restart makes a service wanted and has what runs of it replaced.
func (e *Engine) restart(ev Restart) {
	e.want(ev.Service)
	e.again(ev.Service)
	if !ev.Dependents {
		return
	}
	for _, x := range e.tied(ev.Service) {
		if e.Record(x).Wanted {
			e.begin(x)
			e.again(x)
		}
	}
}

// again has a service go down and come back, if there is anything to replace.
func (e *Engine) again(id tree.ID) {
	if r := e.Record(id); r.State != Stopping && e.active(id, r.State) {
		r.Again = true
		e.touch(id)
	}
}

// tied returns a service and all that require or bind it, directly or not.
func (e *Engine) tied(id tree.ID) []tree.ID {
	found, seen := []tree.ID{id}, map[tree.ID]bool{id: true}
	for i := 0; i < len(found); i++ {
		for _, u := range e.users[found[i]] {
			if u.dep.Kind.Hard() && !seen[u.id] {
				seen[u.id] = true
				found = append(found, u.id)
			}
		}
	}
	return found
}
