package logs

import (
	"fmt"
	"strings"
	"sync"
)

// queueMost is how many of bole's own lines wait at most for a console that nobody
// reads. The start of a thousand services says two or three thousand.
const queueMost = 8192

// A queue holds what bole has said until the console has room for it. Nobody who
// uses it ever waits for the console.
type queue struct {
	mu       sync.Mutex
	messages []message
	dropped  int
	filled   chan struct{} // holds one token while there may be messages
}

// A message is what bole says, in one line or several.
type message struct {
	text  string
	after []*reader // what is in these pipes comes first
	then  func()    // nil, or called when that has been taken in; it must not wait
}

// put adds a message, or counts it when too many are there.
func (q *queue) put(m message) {
	q.mu.Lock()
	if len(q.messages) < queueMost {
		q.messages = append(q.messages, m)
	} else {
		q.dropped++
	}
	q.mu.Unlock()
	select {
	case q.filled <- struct{}{}:
	default:
	}
}

// take returns what is there, and forgets it.
func (q *queue) take() (messages []message, dropped int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	messages, dropped = q.messages, q.dropped
	q.messages, q.dropped = nil, 0
	return messages, dropped
}

// add appends each line of what bole says, after the prefix.
func (m message) add(text, prefix []byte) []byte {
	for line := range strings.SplitSeq(strings.TrimSuffix(m.text, "\n"), "\n") {
		text = append(append(append(text, prefix...), line...), '\n')
	}
	return text
}

// addDropped appends how many messages there was no room for.
func addDropped(text, prefix []byte, n int) []byte {
	if n == 0 {
		return text
	}
	return fmt.Appendf(text, "%s%d lines of bole's own were dropped: nobody read them\n", prefix, n)
}
