package supervise

import (
	"time"

	"golang.org/x/sys/unix"

	"bole/tree/engine"
	"bole/tree/process"
)

// sweepEvery is how often strays are looked for that are nobody's children of
// ours, whose end therefore tells us nothing.
const sweepEvery = 50 * time.Millisecond

// A sweep is a signal for processes that have to be found first. To is Strays
// for those of a run that is over, which are then watched until none is left, or
// All for a run whose own process still lives.
type sweep struct {
	run    engine.Run
	signal int
	to     process.Scope
}

// A sweeper ends strays, away from the loop: finding them means reading /proc.
type sweeper struct {
	*supervisor
	jobs     chan sweep
	poked    chan struct{}      // an orphan has ended: somebody may be gone now
	watching map[engine.Run]int // the loop's alone: the last signal of each sweep
}

// newSweeper: a run has one sweep, its repetition with SIGKILL, and one kill of
// all, so jobs never fill up.
func newSweeper(s *supervisor) *sweeper {
	return &sweeper{s, make(chan sweep, 3*len(s.tree.Services)), make(chan struct{}, 1), map[engine.Run]int{}}
}

func (s *sweeper) poke() {
	select {
	case s.poked <- struct{}{}:
	default:
	}
}

func (s *sweeper) loop() {
	for {
		var again <-chan time.Time // never, while there is nothing to watch
		if len(s.watching) > 0 {
			again = time.After(sweepEvery)
		}
		select {
		case job := <-s.jobs:
			s.guarded("sweeper", func() { s.take(job) })
		case <-s.poked:
			s.guarded("sweeper", s.look)
		case <-again:
			s.guarded("sweeper", s.look)
		case <-s.quit:
			return
		}
	}
}

func (s *sweeper) take(job sweep) {
	if job.signal != 0 {
		s.procs.Signal(job.run, job.signal, job.to)
	}
	if job.to == process.Strays {
		s.watching[job.run] = job.signal
		s.look()
	}
}

// look tells of every sweep that has nothing left. What has appeared since
// SIGKILL gets it too.
func (s *sweeper) look() {
	for run, sig := range s.watching {
		if len(s.procs.Strays(run)) == 0 {
			delete(s.watching, run)
			s.mail.post(engine.StraysGone{Run: run})
		} else if sig == int(unix.SIGKILL) {
			s.procs.Signal(run, sig, process.Strays)
		}
	}
}
