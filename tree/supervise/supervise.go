// Package supervise runs a tree: it carries out what the engine asks for, and
// tells the engine what comes of it.
//
// One goroutine, the loop, owns the engine. Everybody else sends it events by a
// mailbox that never makes the sender wait:
//
//	signals ──┐                        ┌─→ spawners: fork and exec
//	reaper ───┤            ┌────────┐  │
//	readiness ┼─→ mailbox ─→  loop  ├──┼─→ kill, at once
//	spawners ─┤            └────────┘  │
//	sweeper ──┘            engine.Step └─→ sweeper: strays
//
// The loop never waits for anything else: whatever can take long (an exec from a
// cold disk, a search through /proc, a console that nobody reads) is done by
// somebody else, and comes back as an event or not at all.
package supervise

import (
	"fmt"
	"os"
	"time"

	"github.com/oklog/run"

	"bole/tree"
	"bole/tree/engine"
	"bole/tree/logs"
	"bole/tree/process"
)

// drain is how long bole waits at its end for a console that is not read.
const drain = 500 * time.Millisecond

// Options are what Run needs.
type Options struct {
	Tree    *tree.Tree
	Signals Signals // see CatchSignals
	Seed    uint64  // for the jitter of back-off delays
}

// Run starts the tree, keeps it running, and tears it down when a signal says
// so, or a service that the tree cannot be without has ended. It returns bole's
// exit code when nothing of the tree is left.
func Run(o Options) int {
	s := newSupervisor(o, process.NewTable[engine.Run]())
	console, err := logs.NewConsole(names(o.Tree), s.goes)
	if err != nil {
		fmt.Fprintf(os.Stderr, "bole: %s\n", err)
		return 1
	}
	defer console.Close(drain)
	s.console = console
	return s.run()
}

// processes is what a supervisor needs of package process; tests give a fake one.
type processes interface {
	Start(engine.Run, *process.Command) (int, error)
	Adopt(engine.Run, int) error
	Belongs(run engine.Run, pid, uid int) bool
	Reap() []process.Exit[engine.Run]
	Again() <-chan struct{}
	Signal(engine.Run, int, process.Scope)
	Suspended(engine.Run) (ctrlZ, behind bool)
	Resume(engine.Run) (front bool)
	Sweep(map[engine.Run]int) map[engine.Run]int
	Forget(engine.Run)
	EndSession(engine.Run)
	KillAll()
	Childless() bool
}

// A supervisor is one run of a tree.
type supervisor struct {
	*guard
	tree       *tree.Tree
	procs      processes
	engine     *engine.Engine // the loop's alone
	signals    Signals
	spawner    *spawner
	sweeper    *sweeper
	giver      *giver
	stopper    *stopper
	adopter    *adopter
	asker      *asker
	prober     *prober
	listener   *listener
	foreground *foreground
	report     *reporter
	began      time.Time
	code       int
}

func newSupervisor(o Options, procs processes) *supervisor {
	return &supervisor{
		guard:   &guard{mail: newMailbox(), quit: make(chan struct{})},
		tree:    o.Tree,
		procs:   procs,
		engine:  engine.New(o.Tree, o.Seed),
		signals: o.Signals,
		began:   time.Now(),
	}
}

// run has everyone work until the loop ends, and nothing is left.
func (s *supervisor) run() int {
	var err error
	if s.spawner, err = newSpawner(s.guard, s.tree, s.procs); err != nil {
		fmt.Fprintf(os.Stderr, "bole: %s\n", err)
		return 1
	}
	s.sweeper, s.report = newSweeper(s.guard, s.procs), newReporter(s.guard, s.tree, s.engine, s.began)
	s.stopper, s.adopter = newStopper(s.guard, s.procs, s.spawner.jobs), newAdopter(s.guard, s.procs)
	s.asker = newAsker(s.guard, s.procs, s.spawner.jobs)
	s.prober = newProber(s.guard, s.asker)
	s.foreground = newForeground(s.tree, s.procs)
	s.spawner.stopper, s.spawner.adopter, s.spawner.foreground = s.stopper, s.adopter, s.foreground
	s.listener = newListener(s.guard, s.procs)
	s.spawner.asker, s.spawner.prober, s.spawner.listener = s.asker, s.prober, s.listener
	s.giver = newGiver(s.guard, s.tree)
	s.spawner.giver = s.giver
	defer s.giver.clear()
	s.report.quiet = s.foreground.alone()
	var g run.Group
	for _, a := range []struct {
		name string
		f    func()
	}{{"loop", s.loop}, {"signals", s.forward}, {"reaper", s.reap}} {
		g.Add(s.actor(a.name, a.f))
	}
	s.work()
	g.Run()
	if s.crashed.Load() {
		return exitBug
	}
	return s.code
}

// work starts those whom nobody waits for at the end: a fork, or a look at /proc,
// may hang for ever on a file system that does not answer.
func (s *supervisor) work() {
	for range spawners {
		s.goes("spawner", s.spawner.loop)
	}
	s.goes("sweeper", s.sweeper.loop)
}

func names(t *tree.Tree) []string {
	var out []string
	for i := range t.Services {
		out = append(out, t.Services[i].Name)
	}
	return out
}
