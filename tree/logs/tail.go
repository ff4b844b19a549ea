package logs

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// tailMost is how much of what a service has written is kept in memory, in bytes.
const tailMost = 64 << 10

// marksMost is how many moments are kept with it.
const marksMost = 512

// A tail is the last of what a service has written, whole lines with their ends: a ring
// that grows until it is full. One that is silent takes up nothing.
type tail struct {
	mu    sync.Mutex
	ring  []byte
	end   uint64 // bytes since the start; the next goes to end % tailMost
	marks []mark // the oldest first
}

// A mark says when what follows a position was read.
type mark struct {
	at   uint64
	when time.Time
}

// markEvery is how exact the times of lines are.
const markEvery = time.Millisecond

// add keeps one line.
func (t *tail) add(line []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mark(time.Now())
	t.write(line[max(0, len(line)-tailMost+1):])
	t.write([]byte{'\n'})
}

func (t *tail) mark(now time.Time) {
	if n := len(t.marks); n > 0 && now.Sub(t.marks[n-1].when) < markEvery {
		return
	}
	if len(t.marks) >= marksMost {
		t.marks = slices.Delete(t.marks, 0, marksMost/2)
	}
	t.marks = append(t.marks, mark{t.end, now})
}

func (t *tail) write(text []byte) {
	t.end += uint64(len(text))
	n := min(len(text), tailMost-len(t.ring))
	t.ring = append(t.ring, text[:n]...)
	for text = text[n:]; len(text) > 0; {
		n := copy(t.ring[(t.end-uint64(len(text)))%tailMost:], text)
		text = text[n:]
	}
}

// A Line is one that a service has written.
type Line struct {
	Service int // its number
	When    time.Time
	Text    string
	Lost    uint64 // bytes between the one before and this, that are not kept any more
}

// since returns the lines from a position on, and where they end. Lines that are not
// kept as a whole any more count as lost.
func (t *tail) since(service int, from uint64) (out []Line, end uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	from = min(from, t.end)
	at := max(from, t.end-uint64(len(t.ring)))
	text := make([]byte, t.end-at)
	for i := 0; i < len(text); {
		i += copy(text[i:], t.ring[(at+uint64(i))%tailMost:])
	}
	if at > from {
		cut := bytes.IndexByte(text, '\n') + 1
		text, at = text[cut:], at+uint64(cut)
	}
	lost := at - from
	for line := range bytes.Lines(text) {
		out = append(out, Line{service, t.when(at), string(bytes.TrimSuffix(line, []byte{'\n'})), lost})
		at, lost = at+uint64(len(line)), 0
	}
	return out, t.end
}

func (t *tail) when(at uint64) time.Time {
	i, found := slices.BinarySearchFunc(t.marks, at, func(m mark, at uint64) int { return cmp.Compare(m.at, at) })
	if !found && i > 0 {
		i--
	}
	return t.marks[min(i, len(t.marks)-1)].when
}

// A bell wakes those who wait for something new, if there are any.
type bell struct {
	mu sync.Mutex
	ch chan struct{} // nil: nobody waits
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}

// next is closed when the bell rings the next time.
func (b *bell) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}

// Tail returns the lines that are kept of what some services have written since they had
// written so many bytes each (0: all that is kept), in the order in which they were read,
// and how much they have written by now.
func (c *Console) Tail(services []int, from []uint64) (out []Line, end []uint64) {
	end = make([]uint64, len(services))
	for i, n := range services {
		var lines []Line
		lines, end[i] = c.tails[n].since(n, from[i])
		out = append(out, lines...)
	}
	if len(services) > 1 {
		slices.SortStableFunc(out, func(a, b Line) int { return a.When.Compare(b.When) })
	}
	return out, end
}

// More waits until one of the services has written something since, or the context ends.
func (c *Console) More(ctx context.Context, services []int, from []uint64) {
	for {
		next := c.bell.next()
		for i, n := range services {
			if c.tails[n].written() != from[i] {
				return
			}
		}
		select {
		case <-next:
		case <-ctx.Done():
			return
		}
	}
}

func (t *tail) written() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.end
}
