package supervise

import (
	"errors"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"bole/tree"
	"bole/tree/control"
	"bole/tree/engine"
	"bole/tree/process"
)

// A viewer shows the tree to those who ask from outside. The loop is asked for no more
// than a copy of its state; what people read is made of that elsewhere. Of any number that
// ask at the same time, one has it made.
type viewer struct {
	*guard
	tree    *tree.Tree
	procs   processes
	engine  *engine.Engine // the loop's alone
	history *history
	began   time.Time
	version string

	tasks chan func() (over bool) // the loop's, from others
	steps atomic.Uint64           // that the loop has taken

	mu   sync.Mutex
	last *control.Status // or err
	err  error
	step uint64    // after which last was made
	at   time.Time // and when

	usage usage
}

func newViewer(g *guard, o Options, e *engine.Engine, p processes, began time.Time) *viewer {
	v := &viewer{guard: g, tree: o.Tree, engine: e, procs: p, began: began, version: o.Version, tasks: make(chan func() bool)}
	v.history = newHistory(o.Tree, v.wall)
	return v
}

// fresh is how old a view may be while nothing happens: what it says of times grows old.
const fresh = 20 * time.Millisecond

// loopMost is how long the loop may take until it does something for others.
const loopMost = 2 * time.Second

var (
	errEnding error = &control.Problem{Type: control.Ending, Status: http.StatusServiceUnavailable, Detail: "bole ends"}
	errStuck        = errors.New("bole does not answer; its log may say why")
)

// Status is where everything stands. Who has seen the end of a step sees what it has
// changed.
func (v *viewer) Status() (*control.Status, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	step := v.steps.Load()
	if !v.at.IsZero() && v.step == step && time.Since(v.at) < fresh {
		return v.last, v.err
	}
	snapshot, event, err := v.copy()
	v.last, v.err = nil, err
	if err == nil {
		v.last = v.status(snapshot)
		v.last.Tree.Event = event
	}
	v.step, v.at = step, time.Now()
	return v.last, v.err
}

// copy has the loop copy its state. event is the last that has led to it.
func (v *viewer) copy() (s engine.Snapshot, event uint64, err error) {
	err = v.inLoop(func() bool {
		s, event = v.engine.Copy(), v.history.last()
		return false
	})
	s.Now = time.Since(v.began)
	return s, event, err
}

// inLoop has the loop do something for somebody else. over says that it was the last.
func (v *viewer) inLoop(task func() (over bool)) error {
	done, late := make(chan struct{}), time.NewTimer(loopMost)
	defer late.Stop()
	select {
	case v.tasks <- func() bool { defer close(done); return task() }:
		<-done
		return nil
	case <-v.quit:
		return errEnding
	case <-late.C:
		return errStuck
	}
}

// status says of a copy of the engine's state what people want to know.
func (v *viewer) status(s engine.Snapshot) *control.Status {
	e := engine.Restore(v.tree, s)
	out := &control.Status{
		Tree:     control.Tree{State: e.Tree().String(), PID: os.Getpid(), Since: v.wall(0), Version: v.version},
		Services: make([]control.Service, len(v.tree.Services)),
		Bundles:  v.bundles(),
	}
	for i := range v.tree.Services {
		out.Services[i] = v.service(e, tree.ID(i))
	}
	return out
}

func (v *viewer) service(e *engine.Engine, id tree.ID) control.Service {
	s, r := &v.tree.Services[id], e.Record(id)
	x := control.Service{
		Name: s.Name, Kind: s.Kind.String(), Description: s.Description,
		State: r.State.String(), Wanted: r.Wanted, Since: v.wall(r.Since),
		Ready:    r.State == engine.Ready || r.State == engine.Done && e.Served(id),
		Restarts: r.Restarts, Why: e.Why(id), LogBytes: v.console.Bytes(int(id)),
		Exit: exit(&r.Last), PID: v.procs.PID(engine.Run{Service: id, Role: engine.RoleMain, Gen: r.Gen}),
	}
	v.times(&x, s, r)
	if s.Health != nil && r.State == engine.Ready {
		well := r.Sick == ""
		x.Healthy = &well
	}
	v.needs(&x, s)
	return x
}

func (v *viewer) bundles() map[string][]string {
	out := map[string][]string{}
	for i := range v.tree.Bundles {
		b := &v.tree.Bundles[i]
		out[b.Name] = []string{}
		for _, id := range b.Members {
			out[b.Name] = append(out[b.Name], v.tree.Services[id].Name)
		}
	}
	return out
}

// times are how long the last start took, and since when it is ready.
func (v *viewer) times(x *control.Service, s *tree.Service, r *engine.Record) {
	took := (r.SaidAt - r.Began).Seconds()
	if s.Kind == tree.Oneshot {
		took = r.Last.Ran.Seconds()
	}
	if r.Said || s.Kind == tree.Oneshot && r.State == engine.Done && !r.Skip {
		x.StartSeconds = &took
	}
	if r.State == engine.Ready {
		since := v.wall(r.SaidAt)
		x.ReadySince = &since
	}
}

// wall is a moment of the engine's as a clock on the wall shows it.
func (v *viewer) wall(at time.Duration) time.Time {
	return v.began.Add(at).UTC().Truncate(time.Millisecond)
}

// needs says on whom a service depends, and how.
func (v *viewer) needs(x *control.Service, s *tree.Service) {
	lists := [...]*[]string{tree.After: &x.After, tree.Wants: &x.Wants, tree.Requires: &x.Requires, tree.Binds: &x.Binds}
	for _, d := range s.Needs {
		name, list := v.tree.Services[d.On].Name, lists[d.Kind]
		*list = append(*list, name)
		if d.Until == tree.UntilStarted {
			x.Started = append(x.Started, name)
		}
	}
}

// exit is how a run ended, if one did.
func exit(end *engine.End) *control.Exit {
	if end.Cause == engine.NoCause {
		return nil
	}
	x := &control.Exit{Status: end.Status.ExitCode()}
	switch {
	case end.Status.Signal != 0:
		name := tree.SignalName(int(end.Status.Signal))
		x.Signal = &name
	case end.Cause != engine.NotSpawned:
		code := int(end.Status.Code)
		x.Code = &code
	}
	return x
}

// Own is what bole itself uses.
func (v *viewer) Own() control.Usage {
	u := process.SelfUsage()
	return control.Usage{Processes: u.Processes, Resident: u.Resident, CPUSeconds: u.CPU.Seconds()}
}

// Fault takes a fault of bole's own that cost no more than an answer.
func (v *viewer) Fault(text string) { v.console.Say("a fault of bole's own: " + text) }
