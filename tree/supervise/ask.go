package supervise

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"bole/readiness"
	"bole/tree"
	"bole/tree/engine"
	"bole/tree/process"
)

// An asker has commands run that are asked whether a service is ready, or well, with all that
// the service has: its user, environment, directory. Of what they write the last line is
// kept, as the reason. The engine knows nothing of them.
type asker struct {
	*guard
	tree  *tree.Tree
	procs processes
	jobs  chan<- engine.Spawn
	mark  string // in the environment of all probes, and of what they leave behind

	mu     sync.Mutex
	active map[engine.Run]*question
	untidy map[tree.ID]bool // of whom it was told that they leave something behind
}

// A question is a command that was asked for, and has not ended.
type question struct {
	argv   []string
	output *os.File
	ended  chan error // nil is yes
	hard   bool       // it is to be killed as soon as it is there
}

func newAsker(g *guard, t *tree.Tree, p processes, jobs chan<- engine.Spawn) *asker {
	return &asker{
		guard: g, tree: t, procs: p, jobs: jobs, active: map[engine.Run]*question{}, untidy: map[tree.ID]bool{},
		mark: "BOLE_PROBE=" + rand.Text(), // a bole below this one has another
	}
}

// as is the run of a command that goes with a service's process.
func as(role engine.Role, main engine.Run) engine.Run {
	return engine.Run{Service: main.Service, Role: role, Gen: main.Gen}
}

// tailMost is how long is waited for the last words of a command that has ended, while
// a daemon that it has left behind keeps its output open.
const tailMost = 50 * time.Millisecond

// ask asks once. When it is over no process of the command's session is left.
func (a *asker) ask(ctx context.Context, run engine.Run, argv []string) error {
	program := argv[0]
	if ctx.Err() != nil {
		return ctx.Err()
	}
	read, write, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("%s: cannot make a pipe for it: %w", program, err)
	}
	defer read.Close()
	defer write.Close() // where it was not even tried
	last := make(chan string, 1)
	a.goes("probe's output", func() { last <- readiness.LastLine(read) })
	q := &question{argv: argv, output: write, ended: make(chan error, 1)}
	if !a.begin(run, q) {
		return fmt.Errorf("%s: an earlier one still runs", program)
	}
	defer a.forget(run)
	a.jobs <- engine.Spawn{Run: run} // never full: see newSpawner
	err = a.answer(ctx, run, q)
	a.procs.EndSession(run)
	a.tidy(run)
	a.procs.Forget(run)
	read.SetReadDeadline(time.Now().Add(tailMost))
	line := <-last
	switch {
	case err != nil && ctx.Err() != nil:
		return readiness.Refused(program, "no answer in time", line)
	case errors.As(err, new(refusal)):
		return readiness.Refused(program, err.Error(), line)
	}
	return err
}

// tidy ends what the service's probes have left behind outside their sessions: one comes
// after the other, and would leave some each time.
func (a *asker) tidy(run engine.Run) {
	svc := &a.tree.Services[run.Service]
	if run.Role != engine.RoleProbe || a.procs.EndOrphans(run, a.mark) == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.untidy[svc.ID] {
		a.untidy[svc.ID] = true
		a.console.SayOf(int(svc.ID), svc.Name+": the command that is asked how it is leaves processes behind; they are ended")
	}
}

// begin reports whether the run is not under way already.
func (a *asker) begin(run engine.Run, q *question) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.active[run] != nil {
		return false
	}
	a.active[run] = q
	return true
}

func (a *asker) forget(run engine.Run) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.active, run)
}

// A refusal is the end of a command that says no.
type refusal string

func (r refusal) Error() string { return string(r) }

// answer waits for the end, and brings it about when the time is over.
func (a *asker) answer(ctx context.Context, run engine.Run, q *question) error {
	select {
	case err := <-q.ended:
		return err
	case <-ctx.Done():
		a.end(run)
		return <-q.ended
	}
}

// end ends a command that is under way, if it is: nobody waits for its answer any more, or
// the process is to end that it goes with.
func (a *asker) end(run engine.Run) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if q := a.active[run]; q != nil {
		q.hard = true
		a.procs.Signal(run, int(unix.SIGKILL), process.Group)
	}
}

// question is what the spawner is to run.
func (a *asker) question(run engine.Run) *question {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.active[run]
}

// spawned tells that the command is there.
func (a *asker) spawned(run engine.Run) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if q := a.active[run]; q != nil && q.hard {
		a.procs.Signal(run, int(unix.SIGKILL), process.Group)
	}
}

// exited tells how it has ended.
func (a *asker) exited(run engine.Run, status tree.Status) {
	switch {
	case status == tree.Status{}:
		a.ended(run, nil)
	case status.Signal != 0:
		a.ended(run, refusal("ended by "+status.String()))
	default:
		a.ended(run, refusal(fmt.Sprint("exited with code ", status.Code)))
	}
}

// ended tells what came of it, also that it could not be run.
func (a *asker) ended(run engine.Run, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if q := a.active[run]; q != nil {
		q.ended <- err // once: a run ends once
	}
}
