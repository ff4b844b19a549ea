package supervise

import (
	"fmt"
	"net/http"
	"slices"
	"sync"

	"bole/tree"
	"bole/tree/control"
	"bole/tree/engine"
)

// operationsMost is how many operations are remembered.
const operationsMost = 256

// An operator follows what people have asked for until it is done. What is asked for is
// the engine's alone: an operation only looks whether it has come about.
type operator struct {
	tree   *tree.Tree
	engine *engine.Engine
	active []*operation // the loop's alone

	mu    sync.Mutex
	last  uint64
	known map[uint64]*operation
}

// An operation is an action that is under way, or over.
type operation struct {
	named   []tree.ID          // the services that were asked for
	touches []tree.ID          // the services that are to come to rest
	gens    map[tree.ID]uint32 // of restart: the runs that are to be over
	over    chan struct{}      // closed when it is
	history *history

	mu   sync.Mutex
	wire control.Operation
}

func newOperator(t *tree.Tree, e *engine.Engine) *operator {
	return &operator{tree: t, engine: e, known: map[uint64]*operation{}}
}

// remember makes an operation known to others. The oldest is forgotten, and, if it still
// waits for something, at its end: nobody could ask for it any more.
func (o *operator) remember(op *operation) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.known[op.wire.ID] = op
	oldest := op.wire.ID - operationsMost
	delete(o.known, oldest)
	o.active = slices.DeleteFunc(o.active, func(old *operation) bool {
		forgotten := old.wire.ID <= oldest && op.wire.ID > operationsMost
		if forgotten {
			old.end(control.OperationSuperseded, []string{"too many newer ones"})
		}
		return forgotten
	})
}

// follow looks at an operation from now on until it is over.
func (o *operator) follow(op *operation) {
	o.active = append(o.active, op)
	o.look()
}

// number is that of the next operation.
func (o *operator) number() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last++
	return o.last
}

// newest is the action that was taken last.
func (o *operator) newest() *operation {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.known[o.last]
}

func (o *operator) find(id uint64) (*operation, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if op := o.known[id]; op != nil {
		return op, nil
	}
	return nil, &control.Problem{Status: http.StatusNotFound, Detail: fmt.Sprintf("there is no operation %d, or it is forgotten", id)}
}

// look ends the operations that have come to rest.
func (o *operator) look() {
	o.active = slices.DeleteFunc(o.active, func(op *operation) bool {
		state, reasons := o.outcome(op)
		if state != control.OperationRunning {
			op.end(state, reasons)
		}
		return state != control.OperationRunning
	})
}

// end says what has become of an operation.
func (op *operation) end(state string, reasons []string) {
	op.mu.Lock()
	defer op.mu.Unlock()
	op.wire.State, op.wire.Reasons, op.wire.Last = state, append([]string{}, reasons...), op.history.last()
	close(op.over)
}

// asked is what was asked for, and by whom.
func (op *operation) asked() string {
	return fmt.Sprintf("%s, asked for by %s", op.wire.Action, op.wire.By)
}

// now is the operation as it stands.
func (op *operation) now() *control.Operation {
	op.mu.Lock()
	defer op.mu.Unlock()
	w := op.wire
	return &w
}

// outcome is what has become of an operation by now. One that starts something is over
// when all has settled, or has failed at least once and will be tried again; whatever then
// still waits, waits for that.
func (o *operator) outcome(op *operation) (state string, reasons []string) {
	if by := o.overtakes(op); by != "" {
		return control.OperationSuperseded, []string{by}
	}
	stop, waiting := op.wire.Verb == "stop", 0
	for _, id := range op.touches {
		r := o.engine.Record(id)
		switch {
		case stop && r.State != engine.Down, op.renews(id, r), r.State == engine.Starting || r.State == engine.Stopping:
			return control.OperationRunning, nil
		case !stop && (r.State == engine.Waiting || r.State == engine.Down):
			waiting++
		case !stop && r.State != engine.Ready && r.State != engine.Done:
			reasons = append(reasons, fmt.Sprintf("%s is %s: %s", o.name(id), r.State, o.engine.Why(id)))
		}
	}
	switch {
	case len(reasons) > 0:
		return control.OperationFailed, reasons
	case waiting > 0:
		return control.OperationRunning, nil
	}
	return control.OperationDone, nil
}

// overtakes says what an operation that is under way has to give way to; "" is nothing. It
// is called in the very step in which that begins, so it is the newest action.
func (o *operator) overtakes(op *operation) string {
	stop, ending := op.wire.Verb == "stop", o.engine.Snapshot().Ending
	if ending && !stop {
		return "the tree is being torn down"
	}
	for _, id := range op.touches {
		if o.engine.Record(id).Wanted == stop && !ending {
			return fmt.Sprintf("%s: superseded by %s", o.name(id), o.newest().asked())
		}
	}
	return ""
}

// renews reports whether a restart still has to end a service's old run.
func (op *operation) renews(id tree.ID, r *engine.Record) bool {
	gen, restarts := op.gens[id]
	return restarts && (r.Again || r.Gen == gen && r.State != engine.Failed && r.State != engine.Blocked)
}

func (o *operator) name(id tree.ID) string { return o.tree.Services[id].Name }

// touched are the services that a step of the engine has made go where an operation wants
// them, and those that were named, in the order of the tree. Others may go another way by
// it: a stop lets those start that have only waited for its service.
func (o *operator) touched(before []engine.Record, op *operation) (ids []tree.ID) {
	for i := range before {
		id := tree.ID(i)
		was, is := &before[i], o.engine.Record(id)
		changed := was.Wanted != is.Wanted || was.Again != is.Again || was.State != is.State
		if slices.Contains(op.named, id) || changed && is.Wanted == (op.wire.Verb != "stop") {
			ids = append(ids, id)
		}
	}
	return ids
}
