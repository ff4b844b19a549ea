package supervise

import (
	"bole/tree"
	"bole/tree/engine"
	"bole/tree/process"
)

// reap waits for the ends of children and tells them, until the loop has ended:
// longer than anything of the tree lives.
func (s *supervisor) reap() {
	for {
		select {
		case <-s.signals.Child:
			s.guarded("reaper", s.reapAll)
		case <-s.procs.Again():
			s.guarded("reaper", s.reapAll)
		case <-s.quit:
			return
		}
	}
}

// reapAll takes in every child that has ended by now: one SIGCHLD may stand for
// many of them.
func (s *supervisor) reapAll() {
	var events []engine.Event
	orphans := false
	for _, x := range s.procs.Reap() {
		switch {
		case !x.Known:
			orphans = true
			continue
		case x.Key.Role == engine.RoleStop:
			s.stopper.ended(x.Key.Service)
			continue
		case x.Key.Role.Answers():
			s.asker.exited(x.Key, status(x))
			continue
		}
		s.coroner.reaped(x)
		s.announcer.drain(x.Key) // what was said before the end counts before it
		s.listener.drain(x.Key)
		ev := engine.Exited{Run: x.Key, Status: status(x), Strays: x.Strays}
		if s.adopter.holds(ev) {
			continue // the run goes on
		}
		s.foreground.ended(x.Key)
		s.prober.stop(x.Key)
		s.asker.end(as(engine.RoleReload, x.Key))
		s.listener.ended(x.Key)
		s.giver.ended(x.Key, ev.Status)
		if !s.stopper.holds(ev) && !s.matcher.holds(ev) {
			events = append(events, ev)
		}
	}
	s.mail.post(events...)
	s.foreground.suspended()
	if orphans {
		s.sweeper.poke()
	}
}

func status(x process.Exit[engine.Run]) tree.Status {
	return tree.Status{Code: uint8(x.Code), Signal: uint8(x.Signal)}
}
