package supervise

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

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
	Open(name string) (*logs.Pipes, error)
}

// A spawner makes processes, away from the loop.
type spawner struct {
	*supervisor
	jobs  chan engine.Run
	null  *os.File
	pipes []*logs.Pipes  // by tree.ID, made at the first spawn
	runs  [][]engine.Run // by tree.ID: those that the process table knows
}

// newSpawner: a service has one unanswered spawn at most, so jobs never fill up,
// and what is kept by service is only ever in one spawner's hands.
func newSpawner(s *supervisor) (*spawner, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, fmt.Errorf("cannot open %s: %w", os.DevNull, err)
	}
	n := len(s.tree.Services)
	return &spawner{s, make(chan engine.Run, n), null, make([]*logs.Pipes, n), make([][]engine.Run, n)}, nil
}

func (s *spawner) loop() {
	for {
		select {
		case run := <-s.jobs:
			s.mail.post(s.spawn(run))
		case <-s.quit:
			return
		}
	}
}

// spawn makes one process and says what came of it.
func (s *spawner) spawn(run engine.Run) engine.Event {
	s.remember(run)
	c, err := s.command(run)
	if err != nil {
		return failed(run, err)
	}
	n, err := notify(s.service(run.Service), c)
	if err != nil {
		return failed(run, err)
	}
	_, err = s.procs.Start(run, c)
	n.started(s.supervisor, run, err == nil)
	if err != nil {
		return failed(run, err)
	}
	return engine.Spawned{Run: run}
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

// command is how the service wants its process.
func (s *spawner) command(run engine.Run) (*process.Command, error) {
	svc := s.service(run.Service)
	p, err := s.open(svc)
	if err != nil {
		return nil, fmt.Errorf("cannot make its output: %w", err)
	}
	c := &process.Command{
		Argv: svc.Command, Env: svc.Env, Dir: svc.Directory, Mark: svc.Name,
		Stdin: int(s.null.Fd()), Stdout: p.Stdout, Stderr: p.Stderr,
	}
	if run.Role == engine.RoleDown {
		c.Argv = svc.Down
	}
	return c, become(svc, c)
}

func (s *spawner) open(svc *tree.Service) (*logs.Pipes, error) {
	if s.pipes[svc.ID] == nil {
		p, err := s.console.Open(svc.Name)
		if err != nil {
			return nil, err
		}
		s.pipes[svc.ID] = p
	}
	return s.pipes[svc.ID], nil
}

// become has the command run as its service's user. The user is looked for at
// each start: something that ran before may have made it.
func become(svc *tree.Service, c *process.Command) error {
	if svc.User == "" && svc.Group == "" && svc.Groups == nil {
		return nil
	}
	a, err := process.LookupUser(svc.User, svc.Group, svc.Groups)
	if err != nil {
		return err
	}
	if !a.Own() {
		c.User = &a.Credential
	}
	c.Env = withAccount(c.Env, svc.UserEnv, a)
	return nil
}

// withAccount adds what the password file says to an environment that leaves it
// to it.
func withAccount(env, names []string, a *process.Account) []string {
	values := map[string]string{"HOME": a.Home, "USER": a.Name, "LOGNAME": a.Name, "SHELL": a.Shell}
	env = slices.Clone(env)
	for _, name := range names {
		if v := values[name]; v != "" && !hasVariable(env, name) {
			env = append(env, name+"="+v)
		}
	}
	return env
}

func hasVariable(env []string, name string) bool {
	return slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, name+"=") })
}

// failed tells the engine why there is no process.
func failed(run engine.Run, err error) engine.Event {
	ev := engine.SpawnFailed{Run: run, Reason: err.Error(), Code: 126}
	var start *process.StartError
	switch {
	case errors.As(err, &start):
		ev.Code, ev.Retry = uint8(start.Code()), start.Temporary()
	case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE), errors.Is(err, unix.ENOMEM):
		ev.Retry = true
	}
	return ev
}
