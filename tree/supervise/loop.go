package supervise

import (
	"time"

	"golang.org/x/sys/unix"

	"bole/tree/engine"
	"bole/tree/process"
)

// clearMost is how long bole tries to end what no SIGKILL has ended yet.
const clearMost = 200 * time.Millisecond

// loop owns the engine until its Exit, and then sees to it that nothing is left.
func (s *supervisor) loop() {
	defer close(s.quit)
	defer s.clear() // after a panic too
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var armed time.Duration
	var events []engine.Event
	for over := s.step(engine.Boot{}); !over; {
		armed = s.arm(timer, armed)
		select {
		case <-s.mail.filled:
			events = s.mail.take(events)
			over = s.step(events...)
		case <-timer.C:
			armed = 0
			over = s.step(engine.Tick{})
		case task := <-s.tasks:
			over = task()
		case <-s.report.patience:
			over = s.step() // what is said counts from now
			s.report.waiting()
		}
	}
	s.report.over()
}

// clear ends what belongs to no service any more: what one has left behind that
// hid itself well, or whom somebody started by docker exec.
func (s *supervisor) clear() {
	for end := time.Now().Add(clearMost); !s.procs.Childless() && time.Now().Before(end); {
		s.procs.KillAll()
		s.reapAll()
		time.Sleep(time.Millisecond)
	}
}

// arm sets the one timer there is to the engine's next deadline, unless that is
// what it is set to. It returns the deadline; 0 is none.
func (s *supervisor) arm(timer *time.Timer, armed time.Duration) time.Duration {
	at, ok := s.engine.Deadline()
	switch {
	case !ok:
		timer.Stop()
		return 0
	case at != armed:
		timer.Reset(at - time.Since(s.began))
	}
	return at
}

// step tells the engine what has happened, and does what it asks for. It
// reports whether that was the end.
func (s *supervisor) step(events ...engine.Event) (over bool) {
	s.steps.Add(1)
	effects := s.engine.Step(time.Since(s.began), events...)
	for _, ef := range effects {
		switch ef := ef.(type) {
		case engine.Spawn:
			s.spawner.jobs <- ef // never full: see newSpawner
		case engine.Kill:
			s.kill(ef)
		case engine.Sweep:
			s.sweeper.add(ef.Run, ef.Signal, true)
		case engine.Changed:
			s.report.changed(ef)
			s.history.changed(s.engine, ef)
			s.coroner.changed(s.engine, ef)
			if ef.To == engine.Ready {
				s.prober.watch(s.engine.Run(ef.Service))
			}
		case engine.Judged:
			s.report.judged(ef)
			s.history.judged(s.engine, ef)
		case engine.KillAll:
			s.report.killing()
			s.goes("kill all", s.procs.KillAll)
		case engine.Exit:
			s.code, over = int(ef.Code), true
		}
	}
	s.report.teardown()
	s.report.start()
	s.operator.look()
	return over
}

// scopes are whom the process table signals; strays are the sweeper's.
var scopes = map[engine.Scope]process.Scope{engine.ToMain: process.Main, engine.ToGroup: process.Group, engine.ToAll: process.Group}

// kill sends a signal, by the stop-command if the service has one. Finding strays
// takes a while, so the sweeper does it.
func (s *supervisor) kill(ef engine.Kill) {
	hard := ef.Signal == int(unix.SIGKILL)
	s.prober.stop(ef.Run)
	s.asker.end(as(engine.RoleReload, ef.Run))
	switch {
	case s.adopter.stop(ef.Run):
		return
	case hard:
		s.stopper.kill(ef.Run)
	case ef.Run.Role == engine.RoleMain && s.tree.Services[ef.Run.Service].StopCommand != nil:
		s.stopper.begin(ef)
		return
	}
	s.procs.Signal(ef.Run, ef.Signal, scopes[ef.To])
	if !hard {
		s.foreground.hangUp(ef.Run)
	}
	if ef.To == engine.ToAll {
		s.sweeper.add(ef.Run, ef.Signal, false)
	}
}
