package supervise

import (
	"net/http"

	"bole/tree"
	"bole/tree/control"
	"bole/tree/engine"
)

// Plan is what an action would do, in order: another engine does it, in a world in which
// all goes well and takes no time.
func (s *supervisor) Plan(a control.Action) ([]control.Step, error) {
	ids, err := resolve(s.tree, a)
	if err != nil {
		return nil, err
	}
	if events(a, ids) == nil {
		return nil, &control.Problem{Status: http.StatusBadRequest, Detail: "a " + a.Verb + " starts and stops nothing"}
	}
	snapshot, _, err := s.copy()
	if err != nil {
		return nil, err
	}
	if snapshot.Ending {
		return nil, refused("the tree is being torn down")
	}
	d := &dream{tree: s.tree, engine: engine.Restore(s.tree, snapshot), steps: []control.Step{}}
	d.run(append(events(a, ids), d.owed()...))
	return d.steps, nil
}

// A dream is a tree that only is in the mind.
type dream struct {
	tree   *tree.Tree
	engine *engine.Engine
	steps  []control.Step
}

// dreamMost is how many turns a dream may take for each service: far more than any needs.
const dreamMost = 20

func (d *dream) run(todo []engine.Event) {
	now := d.engine.Snapshot().Now
	for turns := dreamMost * (len(d.tree.Services) + 1); len(todo) > 0 && turns > 0; turns-- {
		var next []engine.Event
		for _, ef := range d.engine.Step(now, todo...) {
			next = append(next, d.comesOf(ef)...)
		}
		todo = next
	}
}

// owed is what will come of all that is under way already.
func (d *dream) owed() (out []engine.Event) {
	for i := range d.tree.Services {
		run, r := d.engine.Run(tree.ID(i)), d.engine.Record(tree.ID(i))
		switch {
		case r.Phase == engine.Sweeping:
			out = append(out, engine.StraysGone{Run: run})
		case r.Phase == engine.NoRun:
		case r.State == engine.Stopping:
			out = append(out, engine.Exited{Run: run})
		case r.State == engine.Starting:
			out = append(out, d.comesOf(engine.Spawn{Run: run})...)
		}
	}
	return out
}

// comesOf is what follows an effect at once.
func (d *dream) comesOf(ef engine.Effect) []engine.Event {
	switch ef := ef.(type) {
	case engine.Changed:
		d.note(ef)
	case engine.Spawn:
		if ef.Run.Role == engine.RoleMain && d.tree.Services[ef.Run.Service].Kind == tree.Longrun {
			return []engine.Event{engine.Spawned{Run: ef.Run}, engine.BecameReady{Run: ef.Run}}
		}
		return []engine.Event{engine.Exited{Run: ef.Run}}
	case engine.Kill:
		return []engine.Event{engine.Exited{Run: ef.Run}}
	case engine.Sweep:
		return []engine.Event{engine.StraysGone{Run: ef.Run}}
	}
	return nil
}

func (d *dream) note(ef engine.Changed) {
	name := d.tree.Services[ef.Service].Name
	switch {
	case ef.To == engine.Starting:
		d.steps = append(d.steps, control.Step{Do: "start", Service: name})
	case ef.To == engine.Stopping, ef.To == engine.Down && ef.From != engine.Stopping:
		d.steps = append(d.steps, control.Step{Do: "stop", Service: name})
	}
}
