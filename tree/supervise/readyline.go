package supervise

import (
	"sync/atomic"

	"bole/readiness"
	"bole/tree"
	"bole/tree/engine"
)

// seen looks for the line that says that a service is ready, if it is such a line; each
// that matches does, the first one counts.
func (s *spawner) seen(run engine.Run, svc *tree.Service) func(line []byte) {
	if svc.ReadyLine == "" || run.Role != engine.RoleMain {
		return nil
	}
	matches, err := readiness.Line(svc.ReadyLine)
	if err != nil { // it is known to be right
		return nil
	}
	var said atomic.Bool // standard output and error may be read at the same time
	return func(line []byte) {
		if !said.Load() && matches(line) {
			said.Store(true)
			s.mail.post(engine.BecameReady{Run: run})
		}
	}
}
