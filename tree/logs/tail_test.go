package logs

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func texts(lines []Line) string {
	var out []string
	for _, l := range lines {
		text := l.Text
		if l.Lost > 0 {
			text = fmt.Sprintf("(%d lost) %s", l.Lost, text)
		}
		out = append(out, text)
	}
	return strings.Join(out, "|")
}

// Whatever has been written, the last of it is kept, in whole lines, and a reader who comes
// back gets each line once, or is told how much he has missed.
func TestTail(t *testing.T) {
	var tl tail
	var all []string
	r := rand.New(rand.NewPCG(1, 2))
	var at, read uint64
	for range 2000 {
		line := strings.Repeat("x", r.IntN(300)) + fmt.Sprint(len(all))
		if r.IntN(200) == 0 {
			line += strings.Repeat("y", r.IntN(2*tailMost))
		}
		tl.add([]byte(line))
		if len(line) > keptMost {
			line = line[:keptMost] + " …"
		}
		all = append(all, line)
		if r.IntN(20) > 0 {
			continue
		}
		var lines []Line
		var c copied
		c, at = tl.since(at)
		lines = c.lines(7)
		size := 0
		for _, l := range lines {
			read += l.Lost + uint64(len(l.Text)) + 1
			size += len(l.Text) + 1
		}
		want := strings.Join(all[len(all)-len(lines):], "|")
		if got := texts(lines); strings.TrimLeft(got, "(0123456789lost) ") != strings.TrimLeft(want, "(0123456789lost) ") || size > tailMost {
			t.Fatalf("after %d lines: %d bytes: %.100s, want %.100s", len(all), size, got, want)
		}
		if len(lines) > 0 && read != at {
			t.Fatalf("%d bytes read or lost, %d written", read, at)
		}
	}
	if cap(tl.ring) > 2*tailMost || len(tl.ring) > tailMost || len(tl.marks) > len(all) {
		t.Errorf("it has grown to %d, %d marks", cap(tl.ring), len(tl.marks))
	}
}

func TestTailOfNothing(t *testing.T) {
	var tl tail
	c, end := tl.since(99)
	if c.last(3); c.lines(0) != nil || end != 0 || tl.ring != nil {
		t.Errorf("%v %d", c, end)
	}
}

// Services' lines come in the order in which they were read; whoever waits is woken.
func TestConsoleTail(t *testing.T) {
	s := newScreen(t).look()
	c, pipes := open(t, s, 2)
	both := []int{0, 1}
	for i := range 3 {
		write(t, pipes[i%2].Stdout, fmt.Sprintf("line %d\n", i))
		await(t, "it is kept", func() bool { return c.tails[i%2].written() == uint64(7*(i/2+1)) })
		time.Sleep(2 * markEvery) // lines of one moment stand in the services' order
	}
	lines, at := c.Tail(both, []uint64{0, 0}, 99)
	if got := texts(lines); got != "line 0|line 1|line 2" {
		t.Error(got)
	}
	for most, want := range []string{"", "line 2", "line 1|line 2", "line 0|line 1|line 2"} {
		if lines, _ := c.Tail(both, []uint64{0, 0}, most); texts(lines) != want {
			t.Errorf("the last %d: %s", most, texts(lines))
		}
	}
	woken := make(chan struct{})
	go func() { defer close(woken); c.More(t.Context(), both, at) }()
	write(t, pipes[1].Stdout, "more\n")
	within(t, "it wakes", func() { <-woken })
	if lines, _ = c.Tail(both, at, 99); texts(lines) != "more" || lines[0].Service != 1 {
		t.Errorf("%v", lines)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	within(t, "it ends", func() { c.More(ctx, []int{0}, at[:1]) })
	for _, p := range pipes {
		p.Close()
	}
	c.Close(patience)
	s.text(t)
}

// After comes when all that was written before is kept, on both outputs, though nobody
// has woken the reader.
func TestAfter(t *testing.T) {
	for name, apart := range map[string]bool{"together": false, "apart": true} {
		out, err := newScreen(t).look(), newScreen(t).look()
		stderr := out
		if apart {
			stderr = err
		}
		c := testConsole(t, out.write, stderr.write, []string{"s000"})
		for i := range 50 {
			p := openPipes(t, c, 1)[0]
			write(t, p.Stdout, "out\n")
			write(t, p.Stderr, "err\n")
			done := make(chan uint64, 1)
			c.After(0, func() { done <- c.tails[0].written() })
			within(t, name, func() {
				if got := <-done; got != uint64(8*(i+1)) {
					t.Errorf("%s: %d bytes", name, got)
				}
			})
			p.Close()
		}
		c.Close(patience)
		out.text(t)
		err.text(t)
	}
}

// A line's time is that at which it came, also of one of many thousands.
func TestTimesOfLines(t *testing.T) {
	for _, every := range []time.Duration{time.Millisecond, 10 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			var tl tail
			begin := time.Now()
			for i := range 20_000 {
				tl.add(fmt.Appendf(nil, "%d", i))
				time.Sleep(every)
			}
			c, _ := tl.since(0)
			worst := time.Duration(0)
			for _, l := range c.lines(0) {
				i, err := strconv.Atoi(l.Text)
				if err != nil {
					t.Fatal(err)
				}
				worst = max(worst, begin.Add(time.Duration(i)*every).Sub(l.When).Abs())
			}
			if worst > 0 {
				t.Errorf("every %s: a line is wrong by %s", every, worst)
			}
		})
	}
}
