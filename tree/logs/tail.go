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
	when int64 // in nanoseconds since 1970: there are as many marks as there are lines, at most
}

// markEvery is how exact the times of lines are: those that come together share one.
const markEvery = time.Millisecond

// staleMost is how many marks of what is not kept any more there may be.
const staleMost = 1024

// keptMost is how much of one line is kept, so that a long one does not drive out all
// others.
const keptMost = 8 << 10

// add keeps one line, or its beginning.
func (t *tail) add(line []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mark(time.Now())
	if len(line) > keptMost {
		t.write(line[:keptMost])
		line = []byte(" …")
	}
	t.write(line)
	t.write([]byte{'\n'})
}

// mark keeps when the next line came.
func (t *tail) mark(now time.Time) {
	if n := len(t.marks); n > 0 && now.UnixNano()-t.marks[n-1].when < int64(markEvery) {
		return
	}
	if len(t.marks)%staleMost == staleMost-1 {
		oldest := t.end - uint64(len(t.ring))
		stale, _ := slices.BinarySearchFunc(t.marks, oldest, func(m mark, at uint64) int { return cmp.Compare(m.at, at) })
		t.marks = slices.Delete(t.marks, 0, max(0, stale-1)) // the last of them is the first line's
	}
	t.marks = append(t.marks, mark{t.end, now.UnixNano()})
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

// A copied tail is what was written from a position on, as far as it is kept, in whole
// lines.
type copied struct {
	text  []byte
	at    uint64 // where it begins
	lost  uint64 // bytes before it, that are not kept
	marks []mark
}

// since copies, and where that ends. Whoever writes waits for no more than that.
func (t *tail) since(from uint64) (c copied, end uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	from = min(from, t.end)
	c.at = max(from, t.end-uint64(len(t.ring)))
	c.text, c.marks = make([]byte, t.end-c.at), slices.Clone(t.marks)
	for i := 0; i < len(c.text); {
		i += copy(c.text[i:], t.ring[(c.at+uint64(i))%tailMost:])
	}
	if c.at > from { // in the middle of a line
		cut := bytes.IndexByte(c.text, '\n') + 1
		c.text, c.at = c.text[cut:], c.at+uint64(cut)
	}
	c.lost = c.at - from
	return c, t.end
}

// last leaves so many lines.
func (c *copied) last(most int) {
	end := max(0, len(c.text)-1)
	for ; most > 0 && end > 0; most-- {
		end = bytes.LastIndexByte(c.text[:end], '\n')
	}
	if cut := end + 1; most == 0 && cut <= len(c.text) {
		c.text, c.at, c.lost = c.text[cut:], c.at+uint64(cut), 0
	}
}

// lines splits it.
func (c *copied) lines(service int) (out []Line) {
	at, lost := c.at, c.lost
	for line := range bytes.Lines(c.text) {
		out = append(out, Line{service, c.when(at), string(bytes.TrimSuffix(line, []byte{'\n'})), lost})
		at, lost = at+uint64(len(line)), 0
	}
	return out
}

func (c *copied) when(at uint64) time.Time {
	i, found := slices.BinarySearchFunc(c.marks, at, func(m mark, at uint64) int { return cmp.Compare(m.at, at) })
	if !found && i > 0 {
		i--
	}
	return time.Unix(0, c.marks[min(i, len(c.marks)-1)].when)
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
// and how much they have written by now. There are so many lines at most, the last ones; of
// those that are left out nothing is said.
func (c *Console) Tail(services []int, from []uint64, most int) (out []Line, end []uint64) {
	end = make([]uint64, len(services))
	for i, n := range services {
		var x copied
		x, end[i] = c.tails[n].since(from[i])
		x.last(most)
		out = append(out, x.lines(n)...)
		if i > 0 {
			slices.SortStableFunc(out, func(a, b Line) int { return a.When.Compare(b.When) })
			out = slices.Delete(out, 0, max(0, len(out)-most))
		}
	}
	return out, end
}

// gather is how long More waits for what comes together: who follows a service that
// writes all the time is not to be woken for each line.
const gather = 10 * time.Millisecond

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
		select {
		case <-time.After(gather):
		case <-ctx.Done():
		}
	}
}

func (t *tail) written() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.end
}
