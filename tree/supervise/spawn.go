package supervise

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"bole/tree"
	"bole/tree/engine"
	"bole/tree/logs"
	"bole/tree/process"
)

// spawners is how many processes are made at once. An exec blocks the one that
// asks for it; several at a time gain a third even on two cores.
const spawners = 4

// outputs is where services write; tests give another one.
type outputs interface {
	Say(line string)
	SayOf(n int, line string)
	Open(name string, n int) (*logs.Pipes, error)
}

// A spawner makes processes, away from the loop.
type spawner struct {
	*guard
	tree  *tree.Tree
	procs processes
	jobs  chan engine.Run
	null  *os.File
	runs  [][]engine.Run // by tree.ID: those that the process table knows
}

// newSpawner: a service has one unanswered spawn at most, so jobs never fill up,
// and what is kept by service is only ever in one spawner's hands.
func newSpawner(g *guard, t *tree.Tree, p processes) (*spawner, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, fmt.Errorf("cannot open %s: %w", os.DevNull, err)
	}
	n := len(t.Services)
	return &spawner{g, t, p, make(chan engine.Run, n), null, make([][]engine.Run, n)}, nil
}

func (s *spawner) loop() {
	for {
		select {
		case run := <-s.jobs:
			ev := failed(run, errOwn)
			s.guarded("spawner", func() { ev = s.spawn(run) })
			s.mail.post(ev)
		case <-s.quit:
			return
		}
	}
}

// errOwn is why there is no process when spawn panics.
var errOwn = errors.New("a fault of bole's own")

// spawn makes one process and says what came of it.
func (s *spawner) spawn(run engine.Run) engine.Event {
	s.remember(run)
	svc := &s.tree.Services[run.Service]
	c := &process.Command{Argv: svc.Command, Dir: svc.Directory, Attr: &svc.Attr, Mark: svc.Name}
	if run.Role == engine.RoleDown {
		c.Argv = svc.Down
	}
	if err := s.start(run, svc, c); err != nil {
		return failed(run, err)
	}
	return engine.Spawned{Run: run}
}

// start gives the command what it needs of bole's, and has it run.
func (s *spawner) start(run engine.Run, svc *tree.Service, c *process.Command) error {
	var err error
	if c.User, c.Env, err = svc.Conditions(); err != nil {
		return err
	}
	in, err := s.stdin(svc)
	if err != nil {
		return err
	}
	if in != s.null && in != os.Stdin {
		defer in.Close()
	}
	c.Stdin = int(in.Fd())
	p, err := s.console.Open(svc.Name, int(svc.ID))
	if err != nil {
		return fmt.Errorf("cannot make its output: %w", err)
	}
	defer p.Close()
	c.Stdout, c.Stderr = p.Stdout, p.Stderr
	n, err := notify(svc, run.Role, c)
	if err != nil {
		return err
	}
	_, err = s.procs.Start(run, c)
	n.started(s.guard, run, err == nil)
	return err
}

// remember has the table forget the runs before, whose strays are of no concern
// once a service starts anew; those of a oneshot's up are, to its down.
func (s *spawner) remember(run engine.Run) {
	known := &s.runs[run.Service]
	if run.Role == engine.RoleMain {
		for _, old := range *known {
			s.procs.Forget(old)
		}
		*known = (*known)[:0]
	}
	*known = append(*known, run)
}

// failed tells the engine why there is no process.
func failed(run engine.Run, err error) engine.Event {
	ev := engine.SpawnFailed{Run: run, Reason: err.Error(), Code: 126}
	var start *process.StartError
	switch {
	case errors.As(err, &start):
		ev.Code, ev.Retry = uint8(start.Code()), start.Temporary()
	case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE), errors.Is(err, unix.ENOMEM), errors.Is(err, unix.ENOSPC):
		ev.Retry = true
	}
	return ev
}
