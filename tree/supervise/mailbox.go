package supervise

import (
	"sync"

	"bole/tree/engine"
)

// A mailbox takes events from everybody and gives them to the one who owns the
// engine, all that are there at once and in the order in which they came. It
// has no bound, so that no sender ever waits: the reaper must go on whatever the
// engine does. What fills it is bounded by the number of processes.
type mailbox struct {
	mu     sync.Mutex
	events []engine.Event
	filled chan struct{} // holds one token while there may be events
}

func newMailbox() *mailbox { return &mailbox{filled: make(chan struct{}, 1)} }

func (m *mailbox) post(events ...engine.Event) {
	if len(events) == 0 {
		return
	}
	m.mu.Lock()
	m.events = append(m.events, events...)
	m.mu.Unlock()
	select {
	case m.filled <- struct{}{}:
	default:
	}
}

// take returns what is there. The slice given is reused for what comes next.
func (m *mailbox) take(spare []engine.Event) []engine.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	taken := m.events
	m.events = spare[:0]
	return taken
}
