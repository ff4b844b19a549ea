package supervise

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"bole/tree"
	"bole/tree/control"
	"bole/tree/engine"
	"bole/tree/process"
)

// actions are what can be asked for.
var actions = []string{"start", "stop", "restart", "reload", "signal"}

// Do begins an action. Of two that contradict each other the newer counts.
func (s *supervisor) Do(a control.Action, by control.Peer) (*control.Operation, error) {
	ids, err := resolve(s.tree, a)
	if err != nil {
		return nil, err
	}
	a.Services = unique(a.Services)
	op := &operation{history: s.history, named: ids, over: make(chan struct{}), gens: map[tree.ID]uint32{}, wire: control.Operation{Action: a, By: by, State: control.OperationRunning, Reasons: []string{}}}
	asked := s.inLoop(func() (over bool) {
		over, err = s.act(op, ids)
		return over
	})
	switch {
	case asked != nil:
		return nil, asked
	case err != nil:
		return nil, err
	}
	return op.now(), nil
}

// Await returns an operation as soon as it is over, or as it is when the context ends.
func (s *supervisor) Await(ctx context.Context, id uint64) (*control.Operation, error) {
	op, err := s.operator.find(id)
	if err != nil {
		return nil, err
	}
	select {
	case <-op.over:
	case <-ctx.Done():
	case <-s.quit:
	}
	return op.now(), nil
}

// act is the loop's part of it.
func (s *supervisor) act(op *operation, ids []tree.ID) (over bool, err error) {
	w := &op.wire
	if s.engine.Snapshot().Ending {
		return false, refused("the tree is being torn down")
	}
	if w.Verb == "signal" || w.Verb == "reload" {
		return false, s.tell(op, ids)
	}
	s.announce(op, ids)
	before := slices.Clone(s.engine.Snapshot().Services)
	over = s.step(events(w.Action, ids)...)
	op.touches = s.operator.touched(before, op)
	for _, id := range op.touches {
		if w.Verb == "restart" && before[id].Phase != engine.NoRun {
			op.gens[id] = before[id].Gen
		}
	}
	s.name(op)
	s.operator.follow(op)
	return over, nil
}

// announce says who has asked for what, and makes it known.
func (s *supervisor) announce(op *operation, ids []tree.ID) {
	w := &op.wire
	w.ID, w.Began, w.Event = s.operator.number(), s.wall(time.Since(s.began)), s.history.last()
	op.touches = ids
	s.name(op)
	s.operator.remember(op)
	text := op.asked()
	s.console.Say(text)
	s.history.add(event{at: time.Since(s.began), kind: control.EventCommand, operation: w.ID, text: text})
}

// name fills in whom an operation touches.
func (s *supervisor) name(op *operation) {
	op.mu.Lock()
	defer op.mu.Unlock()
	op.wire.Touches, op.wire.Also = []string{}, []string{}
	for _, id := range op.touches {
		name := s.tree.Services[id].Name
		op.wire.Touches = append(op.wire.Touches, name)
		if !slices.Contains(op.named, id) {
			op.wire.Also = append(op.wire.Also, name)
		}
	}
}

// events are what the engine is told of an action.
func events(a control.Action, ids []tree.ID) (out []engine.Event) {
	for _, id := range ids {
		switch a.Verb {
		case "start":
			out = append(out, engine.Start{Service: id})
		case "stop":
			out = append(out, engine.Stop{Service: id})
		case "restart":
			out = append(out, engine.Restart{Service: id, Dependents: a.Dependents})
		}
	}
	return out
}

// tell signals processes, or has them read their configuration again, unless one of them
// cannot be told.
func (s *supervisor) tell(op *operation, ids []tree.ID) error {
	for _, id := range ids {
		svc := &s.tree.Services[id]
		switch r := s.engine.Record(id); {
		case r.Phase != engine.Running || r.Role != engine.RoleMain:
			return refused("%s is %s: it has no process", svc.Name, r.State)
		case op.wire.Verb == "reload" && svc.Reload.Signal == 0 && svc.Reload.Command == nil:
			return refused(`%s has no reload: write reload = "SIGHUP", or a command, into its definition`, svc.Name)
		}
	}
	s.announce(op, ids)
	var commands []engine.Run
	for _, id := range ids {
		number, _ := tree.ParseSignal(op.wire.Signal)
		if op.wire.Verb == "reload" {
			number = s.tree.Services[id].Reload.Signal
		}
		if run := s.engine.Run(id); number != 0 {
			s.procs.Signal(run, number, process.Main)
		} else {
			commands = append(commands, run)
		}
	}
	s.goes("reload", func() { s.reload(op, commands) })
	return nil
}

// reload has reload commands run, one after the other.
func (s *supervisor) reload(op *operation, runs []engine.Run) {
	state, reasons := control.OperationDone, []string(nil)
	for _, run := range runs {
		svc := &s.tree.Services[run.Service]
		if err := s.reloadOne(svc, run); err != nil {
			state, reasons = control.OperationFailed, append(reasons, fmt.Sprintf("%s: its reload: %s", svc.Name, err))
		}
	}
	op.end(state, reasons)
}

// reloadOne may take as long as a start, and no longer than the process lives; see
// asker.end.
func (s *supervisor) reloadOne(svc *tree.Service, run engine.Run) error {
	ctx := context.Background()
	if svc.StartTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, svc.StartTimeout)
		defer cancel()
	}
	return s.asker.ask(ctx, as(engine.RoleReload, run), svc.Reload.Command)
}

func refused(format string, args ...any) error {
	return &control.Problem{Status: http.StatusConflict, Detail: fmt.Sprintf(format, args...)}
}

// resolve finds the services that an action names, and sees that it makes sense.
func resolve(t *tree.Tree, a control.Action) (ids []tree.ID, err error) {
	bad := func(format string, args ...any) ([]tree.ID, error) {
		return nil, &control.Problem{Status: http.StatusBadRequest, Detail: fmt.Sprintf(format, args...)}
	}
	_, known := tree.ParseSignal(a.Signal)
	switch {
	case !slices.Contains(actions, a.Verb):
		return bad("there is no action %q; there are %s", a.Verb, strings.Join(actions, ", "))
	case len(a.Services) == 0:
		return bad("no service is named")
	case a.Verb == "signal" && !known:
		return bad("%q is no signal; for example HUP, USR1, TERM", a.Signal)
	case a.Verb != "signal" && a.Signal != "":
		return bad("a %s sends no signal", a.Verb)
	case a.Verb != "restart" && a.Dependents:
		return bad("dependents is for a restart; a stop stops them in any case")
	}
	for _, name := range a.Services {
		some, err := named(t, name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, some...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// unique leaves each name where it stands first.
func unique(names []string) (out []string) {
	for _, name := range names {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// named are a service, or the members of a bundle.
func named(t *tree.Tree, name string) ([]tree.ID, error) {
	if id, ok := t.Find(name); ok {
		return []tree.ID{id}, nil
	}
	for i := range t.Bundles {
		if t.Bundles[i].Name == name {
			return t.Bundles[i].Members, nil
		}
	}
	return nil, &control.Problem{Type: control.NoService, Status: http.StatusNotFound, Detail: fmt.Sprintf("there is no service %q", name), DidYouMean: t.Closest(name)}
}
