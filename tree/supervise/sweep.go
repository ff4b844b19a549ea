package supervise

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"bole/tree/engine"
)

// sweepEvery is how often strays are looked for at most: those that are nobody's
// children of ours tell us nothing by their end.
const sweepEvery = 50 * time.Millisecond

// A sweeper ends strays, away from the loop: finding them means reading /proc. It
// reads that once for all services, however many of them stop.
type sweeper struct {
	*guard
	procs processes
	poked chan struct{} // there is something to do, or an orphan has ended: somebody may be gone now

	mu       sync.Mutex
	jobs     map[engine.Run]int // signals to be sent once
	watching map[engine.Run]int // sweeps under way, with the last signal of each
}

func newSweeper(g *guard, p processes) *sweeper {
	return &sweeper{guard: g, procs: p, poked: make(chan struct{}, 1), jobs: map[engine.Run]int{}, watching: map[engine.Run]int{}}
}

// add has the strays of a run signaled; 0 is no signal. They are then watched, if
// asked for, until none is left. It never waits.
func (s *sweeper) add(run engine.Run, signal int, watch bool) {
	s.mu.Lock()
	s.jobs[run] = signal
	if watch {
		s.watching[run] = signal
	}
	s.mu.Unlock()
	s.poke()
}

func (s *sweeper) poke() {
	select {
	case s.poked <- struct{}{}:
	default:
	}
}

// loop looks when there is reason to, but not again at once: whoever has just been
// signaled needs a moment too.
func (s *sweeper) loop() {
	for {
		var again <-chan time.Time // never, while there is nothing to watch
		if s.busy() {
			again = time.After(sweepEvery)
		}
		select {
		case <-s.poked:
		case <-again:
		case <-s.quit:
			return
		}
		begin := time.Now()
		s.guarded("sweeper", s.look)
		time.Sleep(min(4*time.Since(begin), sweepEvery)) // never most of a processor
	}
}

func (s *sweeper) busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.watching) > 0
}

// look sends what is to be sent, and tells of every sweep that has nothing left.
func (s *sweeper) look() {
	signals := s.take()
	found := s.procs.Sweep(signals)
	for _, run := range s.gone(signals, found) {
		s.mail.post(engine.StraysGone{Run: run})
	}
}

// take returns the signal for each run, 0 for those that are only looked at. What
// has appeared since SIGKILL gets it too.
func (s *sweeper) take() map[engine.Run]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	signals := s.jobs
	s.jobs = map[engine.Run]int{}
	for run, last := range s.watching {
		if _, ok := signals[run]; !ok && last == int(unix.SIGKILL) {
			signals[run] = last
		} else if !ok {
			signals[run] = 0
		}
	}
	return signals
}

// gone takes those out of the watched that were looked at and have nothing left.
func (s *sweeper) gone(looked, found map[engine.Run]int) (runs []engine.Run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for run := range looked {
		if _, ok := s.watching[run]; ok && found[run] == 0 {
			delete(s.watching, run)
			runs = append(runs, run)
		}
	}
	return runs
}
