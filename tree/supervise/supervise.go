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
	"sync"
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
	Version string  // of bole, for those who ask
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
	s.console, s.doors = console, []member{{"control", s.control}, {"http", s.http}}
	return s.run()
}

// processes is what a supervisor needs of package process; tests give a fake one.
type processes interface {
	Start(engine.Run, *process.Command) (int, error)
	Adopt(run engine.Run, pid int, nameless bool) error
	Belongs(run engine.Run, pid, uid int) bool
	Akin(run engine.Run, pid, uid int) bool
	Reap() []process.Exit[engine.Run]
	Again() <-chan struct{}
	Signal(engine.Run, int, process.Scope)
	Suspended(engine.Run) (ctrlZ, behind bool)
	Resume(engine.Run) (front bool)
	Sweep(map[engine.Run]int) map[engine.Run]int
	Forget(engine.Run)
	EndSession(engine.Run)
	EndOrphans(run engine.Run, variable string) int
	PID(engine.Run) int
	Usage() map[engine.Run]process.Usage
	KillAll()
	Childless() bool
}

// A supervisor is one run of a tree.
type supervisor struct {
	*guard
	*crew
	*viewer
	tree     *tree.Tree
	procs    processes
	engine   *engine.Engine // the loop's alone
	signals  Signals
	spawner  *spawner
	sweeper  *sweeper
	report   *reporter
	operator *operator
	writing  sync.WaitGroup // what is to be on disk before bole ends
	doors    []member       // by which others come in; tests have none
	began    time.Time
	code     int
}

// A crew are those who know of one matter each in the life of a process, from before it
// is made until after its end. The spawner, the reaper and the loop tell them.
type crew struct {
	giver      *giver
	stopper    *stopper
	adopter    *adopter
	asker      *asker
	prober     *prober
	announcer  *announcer
	listener   *listener
	matcher    *matcher
	foreground *foreground
	coroner    *coroner
}

func newCrew(g *guard, t *tree.Tree, p processes, jobs chan<- engine.Spawn) *crew {
	asker, adopter := newAsker(g, t, p, jobs), newAdopter(g, p)
	return &crew{
		giver:      newGiver(g, t),
		stopper:    newStopper(g, p, jobs),
		adopter:    adopter,
		asker:      asker,
		prober:     newProber(g, asker),
		announcer:  newAnnouncer(g),
		listener:   newListener(g, p, adopter),
		matcher:    newMatcher(g),
		foreground: newForeground(t, p),
	}
}

func newSupervisor(o Options, procs processes) *supervisor {
	g, e, began := &guard{mail: newMailbox(), quit: make(chan struct{})}, engine.New(o.Tree, o.Seed), time.Now()
	v := newViewer(g, o, e, procs, began)
	return &supervisor{
		guard:    g,
		viewer:   v,
		tree:     o.Tree,
		procs:    procs,
		engine:   e,
		signals:  o.Signals,
		operator: newOperator(o.Tree, e),
		began:    began,
	}
}

// A member of the run group works until the loop has ended.
type member struct {
	name string
	f    func()
}

// run has everyone work until the loop ends, and nothing is left.
func (s *supervisor) run() int {
	var err error
	if s.spawner, err = newSpawner(s.guard, s.tree, s.procs); err != nil {
		fmt.Fprintf(os.Stderr, "bole: %s\n", err)
		return 1
	}
	s.sweeper, s.report = newSweeper(s.guard, s.procs), newReporter(s.guard, s.tree, s.engine, s.history, s.began)
	s.crew = newCrew(s.guard, s.tree, s.procs, s.spawner.jobs)
	s.coroner = newCoroner(s.guard, s.tree, s.viewer, s.keep)
	s.spawner.crew = s.crew
	defer s.giver.clear()
	s.report.quiet = s.foreground.alone()
	var g run.Group
	for _, m := range append([]member{{"loop", s.loop}, {"signals", s.forward}, {"reaper", s.reap}}, s.doors...) {
		g.Add(s.actor(m.name, m.f))
	}
	s.work()
	g.Run()
	s.written()
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
	s.goes("signals", s.catchRare)
	s.goes("memory", func() { s.coroner.oom.look() }) // what is killed from now on counts
}

func names(t *tree.Tree) []string {
	var out []string
	for i := range t.Services {
		out = append(out, t.Services[i].Name)
	}
	return out
}
