package supervise

import (
	"sync"
	"sync/atomic"
	"time"

	"bole/readiness"
	"bole/tree"
	"bole/tree/engine"
)

// A matcher looks in what services write for the line that says that they are ready. The
// end of one that has not written it yet is held back until what it wrote has been read.
type matcher struct {
	*guard

	mu      sync.Mutex
	awaited map[tree.ID]*awaited
}

// An awaited line is that of a run.
type awaited struct {
	run  engine.Run
	said atomic.Bool // standard output and error may be read at the same time
}

func newMatcher(g *guard) *matcher { return &matcher{guard: g, awaited: map[tree.ID]*awaited{}} }

// seen takes the lines of a run, if one of them is to be such a line; each that matches
// is, the first one counts.
func (m *matcher) seen(run engine.Run, svc *tree.Service) func(line []byte) {
	if svc.ReadyLine == "" || run.Role != engine.RoleMain {
		return nil
	}
	matches, err := readiness.Line(svc.ReadyLine)
	if err != nil { // it is known to be right
		return nil
	}
	x := &awaited{run: run}
	m.mu.Lock()
	m.awaited[svc.ID] = x
	m.mu.Unlock()
	return func(line []byte) {
		if !x.said.Load() && matches(line) {
			x.said.Store(true)
			m.mail.post(engine.BecameReady{Run: run})
		}
	}
}

// readMost is how long an end is held back: longer would only be good for something while
// nobody reads bole's own output.
const readMost = 50 * time.Millisecond

// holds keeps the end of a run whose line may be among those that are not read yet.
func (m *matcher) holds(ev engine.Exited) bool {
	m.mu.Lock()
	x := m.awaited[ev.Run.Service]
	m.mu.Unlock()
	if x == nil || x.run != ev.Run || x.said.Load() {
		return false
	}
	read := make(chan struct{})
	m.console.After(int(ev.Run.Service), func() { close(read) })
	m.goes("last lines", func() {
		select {
		case <-read:
		case <-time.After(readMost):
		}
		m.mail.post(ev)
	})
	return true
}
