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
	mu      sync.Mutex
	lines   []string
	dropped int
	filled  chan struct{} // holds one token while there may be lines
}

// put adds what may be several lines, or counts it when too much is there.
func (q *queue) put(text string) {
	q.mu.Lock()
	if len(q.lines) < queueMost {
		q.lines = append(q.lines, text)
	} else {
		q.dropped++
	}
	q.mu.Unlock()
	select {
	case q.filled <- struct{}{}:
	default:
	}
}

// take returns what is there, each line after the prefix, and forgets it.
func (q *queue) take(text, prefix []byte) []byte {
	q.mu.Lock()
	said, dropped := q.lines, q.dropped
	q.lines, q.dropped = nil, 0
	q.mu.Unlock()
	for _, s := range said {
		for line := range strings.SplitSeq(strings.TrimSuffix(s, "\n"), "\n") {
			text = append(append(append(text, prefix...), line...), '\n')
		}
	}
	if dropped > 0 {
		text = fmt.Appendf(text, "%s%d lines of bole's own were dropped: nobody read them\n", prefix, dropped)
	}
	return text
}
