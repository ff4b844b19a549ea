package engine

import "bole/tree"

// TreeState is where the whole tree stands, as people are told.
type TreeState uint8

const (
	TreeDown     TreeState = iota // nothing is wanted, and nothing is up
	TreeReady                     // all that is wanted is ready or done
	TreeStarting                  // something wanted is not settled
	TreeDegraded                  // something wanted failed, is blocked, or will be tried again
	TreeStopping                  // the teardown has begun, or nothing is wanted any more and something is still up
)

var treeStateNames = [...]string{"down", "ready", "starting", "degraded", "stopping"}

func (s TreeState) String() string { return treeStateNames[s] }

// Tree returns where the whole tree stands. What needs a look comes before what
// is only under way.
func (e *Engine) Tree() TreeState {
	s := &e.state
	if s.Ending && !s.Over {
		return TreeStopping
	}
	worst := TreeDown
	for i := range s.Services {
		if r := &s.Services[i]; r.Wanted && !s.Over {
			worst = max(worst, r.tree())
		}
	}
	if worst == TreeDown && e.busy > 0 && !s.Over {
		return TreeStopping
	}
	return worst
}

// tree is what one wanted service makes of the whole.
func (r *Record) tree() TreeState {
	switch s := r.State; {
	case s == Backoff || s == Failed || s == Blocked, s == Ready && r.Sick != "":
		return TreeDegraded
	case s.Settled():
		return TreeReady
	}
	return TreeStarting
}

// Settled reports whether nothing more comes in this state without a new event.
func (s State) Settled() bool {
	return s == Ready || s == Done || s == Failed || s == Blocked
}

// Waits returns the services that one waits for now: to start, or to stop.
func (e *Engine) Waits(id tree.ID) []tree.ID {
	var out []tree.ID
	switch r := e.Record(id); {
	case r.State == Waiting:
		for _, d := range e.tree.Services[id].Needs {
			if e.gate(d) == closed {
				out = append(out, d.On)
			}
		}
	case r.State != Stopping && e.active(id, r.State) && e.leaving(id):
		for _, u := range e.users[id] {
			if e.inTheWay(u) {
				out = append(out, u.id)
			}
		}
	}
	return out
}
