package supervise

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

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
	Open(name string, n int, seen func(line []byte)) (*logs.Pipes, error)
	Bytes(n int) uint64
	After(n int, f func())
	Tail(services []int, from []uint64, most int) (lines []logs.Line, end []uint64)
	More(ctx context.Context, services []int, from []uint64)
}

// A spawner makes processes, away from the loop.
type spawner struct {
	*guard
	*crew
	tree  *tree.Tree
	procs processes
	jobs  chan engine.Spawn
	null  *os.File
	runs  [][]engine.Run // by tree.ID: those that the process table knows
	pids  []int          // by tree.ID: of the service's own process, the last one, for its finish
}

// newSpawner: a service has one unanswered spawn at most, one stop-command, one
// probe and one reload, so jobs never fill up, and what is kept by service is only ever in one spawner's hands.
func newSpawner(g *guard, t *tree.Tree, p processes) (*spawner, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, fmt.Errorf("cannot open %s: %w", os.DevNull, err)
	}
	n := len(t.Services)
	return &spawner{guard: g, tree: t, procs: p, jobs: make(chan engine.Spawn, 4*n), null: null, runs: make([][]engine.Run, n), pids: make([]int, n)}, nil
}

func (s *spawner) loop() {
	for {
		select {
		case job := <-s.jobs:
			err := errOwn
			s.guarded("spawner", func() { err = s.spawn(job) })
			s.answer(job.Run, err)
		case <-s.quit:
			return
		}
	}
}

// errOwn is why there is no process when spawn panics.
var errOwn = errors.New("a fault of bole's own")

// answer says what came of a spawn.
func (s *spawner) answer(run engine.Run, err error) {
	switch {
	case err != nil && run.Role == engine.RoleStop:
		s.say(run, err)
		s.stopper.ended(run.Service)
	case run.Role == engine.RoleStop:
		s.stopper.spawned(run)
	case err != nil && run.Role.Answers():
		s.asker.ended(run, err)
	case run.Role.Answers():
		s.asker.spawned(run)
	case err != nil:
		if run.Role == engine.RoleFinish {
			s.say(run, err) // to the engine it is over
		}
		s.mail.post(failed(run, err))
	default:
		s.mail.post(engine.Spawned{Run: run})
	}
}

func (s *spawner) say(run engine.Run, err error) {
	svc := &s.tree.Services[run.Service]
	s.console.SayOf(int(svc.ID), fmt.Sprintf("%s: its %s: %s", svc.Name, run.Role, err))
}

// spawn makes one process.
func (s *spawner) spawn(job engine.Spawn) error {
	run := job.Run
	if !run.Role.Answers() { // its asker does
		s.remember(run)
	}
	svc := &s.tree.Services[run.Service]
	c := &process.Command{Argv: svc.Command, Dir: svc.Directory, Attr: &svc.Attr, Mark: svc.Name}
	var err error
	if c.User, c.Env, err = svc.Conditions(); err != nil {
		return err
	}
	var given []string
	c.Env, given = s.giver.receive(svc, c.Env)
	s.giver.offer(svc, run.Role, c)
	switch run.Role {
	case engine.RoleDown:
		c.Argv = svc.Down
	case engine.RoleOnlyIf:
		c.Argv = svc.OnlyIf
	case engine.RolePrepare:
		c.Argv = svc.Prepare
	case engine.RoleStop:
		c.Argv, c.Env = svc.StopCommand, s.mainPID(run, c.Env)
	case engine.RoleProbe:
		c.Argv, c.Env = s.asker.question(run).argv, with(c.Env, s.asker.mark)
	case engine.RoleReload:
		c.Argv, c.Env = s.asker.question(run).argv, s.mainPID(run, c.Env)
	case engine.RoleFinish:
		s.finish(svc, job.After, c)
	}
	if err := s.directories(svc, run.Role, c); err != nil {
		return err
	}
	if run.Role == engine.RoleMain {
		s.coroner.spawns(svc, c, given)
	}
	return s.start(run, svc, c, given)
}

// mainPID tells a command for which process it is, unless that has just ended.
func (s *spawner) mainPID(run engine.Run, env []string) []string {
	pid := s.procs.PID(as(engine.RoleMain, run))
	if pid == 0 {
		return env
	}
	return with(env, fmt.Sprint("MAINPID=", pid))
}

// finish tells a service's finish how the process has ended, as s6 does, and in
// words. 256 is no exit code.
func (s *spawner) finish(svc *tree.Service, end tree.Status, c *process.Command) {
	code, word, result := int(end.Code), fmt.Sprint(end.Code), "exit-code"
	switch {
	case end.Signal != 0:
		code, word, result = 256, "", "signal"
	case svc.OnSuccess.Has(end):
		result = "success"
	}
	c.Argv = append(slices.Clone(svc.Finish), fmt.Sprint(code), fmt.Sprint(end.Signal), svc.Name, fmt.Sprint(s.pids[svc.ID]))
	name := ""
	if end.Signal != 0 {
		name = tree.SignalName(int(end.Signal))
	}
	c.Env = with(c.Env, "BOLE_RESULT="+result, "BOLE_EXIT_CODE="+word, "BOLE_EXIT_SIGNAL="+name)
}

func with(env []string, more ...string) []string { return append(slices.Clone(env), more...) }

// start gives the command what it needs of bole's, and has it run.
func (s *spawner) start(run engine.Run, svc *tree.Service, c *process.Command, given []string) error {
	in, err := s.stdin(svc)
	if err != nil {
		return err
	}
	if in != s.null && in != os.Stdin {
		defer in.Close()
	}
	c.Stdin = int(in.Fd())
	switch {
	case run.Role.Answers():
		out := s.asker.question(run).output
		defer out.Close()
		c.Stdout, c.Stderr = int(out.Fd()), int(out.Fd())
	case svc.Foreground:
		c.Stdout, c.Stderr, c.Foreground = 1, 2, s.foreground.terminal
	default:
		p, err := s.console.Open(svc.Name, int(svc.ID), s.matcher.seen(run, svc))
		if err != nil {
			return fmt.Errorf("cannot make its output: %w", err)
		}
		defer p.Close()
		c.Stdout, c.Stderr = p.Stdout, p.Stderr
	}
	said, err := s.announcer.expect(run, svc, c)
	if err != nil {
		return err
	}
	forks := run.Role == engine.RoleMain && svc.PIDFile != ""
	if forks {
		s.adopter.expect(run, svc.PIDFile)
	}
	heard, err := s.listener.expect(run, svc, c)
	if err != nil {
		said.begin(false)
		return err
	}
	asked := s.prober.expect(run, svc, c.Env, given)
	s.foreground.starts(run)
	pid, err := s.procs.Start(run, c)
	s.foreground.started(run, err == nil)
	said.begin(err == nil)
	s.prober.begin(asked, err == nil)
	heard.begin(err == nil)
	switch {
	case forks && err != nil:
		s.adopter.stop(run)
	case forks:
		s.adopter.begin(run, pid, svc.PIDFile)
	}
	if run.Role == engine.RoleMain && err == nil {
		s.pids[svc.ID] = pid
	}
	return err
}

// remember has the table forget the runs before, whose strays are of no concern
// once a service starts anew; those of a oneshot's up are, to its down.
func (s *spawner) remember(run engine.Run) {
	known := &s.runs[run.Service]
	if run.Role.Starts() {
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
