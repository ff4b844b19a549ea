package supervise

import (
	"sync"

	"golang.org/x/sys/unix"

	"bole/tree"
	"bole/tree/engine"
	"bole/tree/process"
)

// A stopper sends the stop signals of services that have a stop-command: it has that
// run first. The engine knows nothing of it. For that, the end of a process is held
// back while its stop-command still runs: until then the service is not down.
type stopper struct {
	*guard
	procs processes
	jobs  chan<- engine.Spawn

	mu     sync.Mutex
	active map[tree.ID]*stopCommand
}

// A stopCommand is one that was asked for, and has not ended.
type stopCommand struct {
	kill engine.Kill    // what follows it
	held []engine.Event // the end of the process, which came first
	hard bool           // it is to be killed as soon as it is there
}

func newStopper(g *guard, p processes, jobs chan<- engine.Spawn) *stopper {
	return &stopper{guard: g, procs: p, jobs: jobs, active: map[tree.ID]*stopCommand{}}
}

// begin has the stop-command run, and then the signal sent.
func (s *stopper) begin(ef engine.Kill) {
	s.mu.Lock()
	s.active[ef.Run.Service] = &stopCommand{kill: ef}
	s.mu.Unlock()
	s.jobs <- engine.Spawn{Run: stopRun(ef.Run)} // never full: see newSpawner
}

func stopRun(main engine.Run) engine.Run { return as(engine.RoleStop, main) }

// kill ends a stop-command, with all else of its service.
func (s *stopper) kill(main engine.Run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.active[main.Service]; c != nil {
		c.hard = true
		s.procs.Signal(stopRun(main), int(unix.SIGKILL), process.Group)
	}
}

// spawned tells that a stop-command is there.
func (s *stopper) spawned(run engine.Run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.active[run.Service]; c != nil && c.hard {
		s.procs.Signal(run, int(unix.SIGKILL), process.Group)
	}
}

// ended does what was to follow a stop-command.
func (s *stopper) ended(id tree.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.active[id]
	if c == nil {
		return
	}
	delete(s.active, id)
	if c.held != nil {
		s.mail.post(c.held...)
		return
	}
	s.procs.Signal(c.kill.Run, c.kill.Signal, scopes[c.kill.To])
}

// holds keeps the end of a process whose stop-command still runs.
func (s *stopper) holds(ev engine.Exited) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.active[ev.Run.Service]
	if c == nil || c.kill.Run != ev.Run {
		return false
	}
	c.held = append(c.held, ev)
	return true
}
