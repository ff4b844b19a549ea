package logs

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A hundred services write lines in pieces of any size, all at once: each line
// comes out whole, and those of one service in their order.
func TestNoLineIsTorn(t *testing.T) {
	const services, each = 100, 100
	s := newScreen(t).look()
	c, pipes := open(t, s, services)
	var writers sync.WaitGroup
	for n, p := range pipes {
		writers.Go(func() {
			defer p.Close()
			writeInPieces(t, p.Stdout, script(n, each), rand.New(rand.NewPCG(1, uint64(n))))
		})
	}
	writers.Wait()
	c.Close(patience)
	got := bySender(s.text(t))
	for n := range services {
		if want := script(n, each); got[fmt.Sprintf("s%03d", n)] != want {
			t.Errorf("service %d wrote %d bytes, and %d came out, or others", n, len(want), len(got[fmt.Sprintf("s%03d", n)]))
		}
	}
}

// script is what a service writes: lines that name it, of many lengths.
func script(service, lines int) string {
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "service %d line %d %s\n", service, i, strings.Repeat("x", i*i%307))
	}
	return b.String()
}

func writeInPieces(t *testing.T, fd int, text string, random *rand.Rand) {
	for len(text) > 0 {
		n := min(1+random.IntN(3000), len(text))
		write(t, fd, text[:n])
		text = text[n:]
	}
}

// bySender takes the lines of a console apart.
func bySender(text string) map[string]string {
	parts := map[string]*strings.Builder{}
	for line := range strings.Lines(text) {
		name, rest, _ := strings.Cut(line, " | ")
		if parts[name] == nil {
			parts[name] = &strings.Builder{}
		}
		parts[name].WriteString(rest)
	}
	out := map[string]string{}
	for name, b := range parts {
		out[name] = b.String()
	}
	return out
}

// Nobody reads: the services wait, bole does not, and nothing piles up. Then
// somebody reads, and nothing is missing.
func TestSlowReader(t *testing.T) {
	const services, each = 50, 1000 // some 180 kB of each service, far more than there is room
	s := newScreen(t)
	c, pipes := open(t, s, services)
	var scripts [services]string
	for n := range scripts {
		scripts[n] = script(n, each)
	}
	before := heap()
	var writers sync.WaitGroup
	for n, p := range pipes {
		writers.Go(func() {
			defer p.Close()
			write(t, p.Stdout, scripts[n])
		})
	}
	await(t, "all pipes are full", func() bool {
		for _, p := range pipes {
			if !full(t, p.Stdout) {
				return false
			}
		}
		return true
	})
	within(t, "Say", func() {
		for i := range queueMost + 7 {
			c.Say(fmt.Sprint("message ", i))
		}
	})
	if more := heap() - before; more > 8<<20 {
		t.Errorf("%d services that wait hold %d KiB", services, more>>10)
	}
	s.look()
	writers.Wait()
	c.Close(patience)
	text := s.text(t)
	checkAll(t, text, services, each)
	if want := "bole | message 8191\nbole | 7 lines of bole's own were dropped: nobody read them\n"; !strings.Contains(text, want) {
		t.Errorf("not on the screen: %s", want)
	}
}

// heap is what is in use, without the garbage.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// checkAll wants every line of every service's script.
func checkAll(t *testing.T, text string, services, each int) {
	t.Helper()
	got := count(text)
	for n := range services {
		if name := fmt.Sprintf("s%03d", n); got[name] != each {
			t.Errorf("%d lines of %s, want %d", got[name], name, each)
		}
	}
}

// What a service wrote last has no end; it gets one when nobody can write any more.
func TestLastLineIsKept(t *testing.T) {
	s := newScreen(t).look()
	c, pipes := open(t, s, 1)
	write(t, pipes[0].Stdout, "one\ntwo")
	pipes[0].Close()
	await(t, "the end of the pipe", c.out.silent) // it is the end of the pipe that does it
	c.Close(patience)
	s.want(t, "s000 | one\ns000 | two\n")
}

// The same when bole ends while somebody could still write.
func TestLastLineIsKeptAtClose(t *testing.T) {
	s := newScreen(t).look()
	c, pipes := open(t, s, 1)
	defer pipes[0].Close()
	write(t, pipes[0].Stdout, "one\ntwo")
	within(t, "Close", func() { c.Close(time.Hour) })
	s.want(t, "s000 | one\ns000 | two\n")
}

// Close takes all that is in the pipes, however slowly that gets out.
func TestCloseTakesWhatIsLeft(t *testing.T) {
	s := newScreen(t)
	c, pipes := open(t, s, 20)
	for _, p := range pipes {
		defer p.Close()
		write(t, p.Stdout, strings.Repeat("line\n", 10_000))
	}
	closed := make(chan struct{})
	go func() { defer close(closed); c.Close(patience) }()
	s.look()
	<-closed
	checkAll(t, s.text(t), 20, 10_000)
}

// Close does not wait for a console that nobody reads.
func TestCloseGivesUp(t *testing.T) {
	s := newScreen(t)
	c, pipes := open(t, s, 1)
	unix.SetNonblock(pipes[0].Stdout, true)
	await(t, "screen and pipe are full", func() bool {
		unix.Write(pipes[0].Stdout, []byte(strings.Repeat("line\n", 800)))
		return full(t, s.write) && full(t, pipes[0].Stdout)
	})
	within(t, "Close", func() { c.Close(time.Millisecond) })
	pipes[0].Close()
	s.look()
	await(t, "the end of the pipe", c.out.silent) // it goes on where it was
	unix.Close(s.write)
}

// Nobody will ever read again: the services go on all the same.
func TestReaderGone(t *testing.T) {
	s := newScreen(t)
	c, pipes := open(t, s, 1)
	s.read.Close()
	within(t, "the service", func() {
		write(t, pipes[0].Stdout, strings.Repeat("line\n", 200_000))
		pipes[0].Close()
		c.Say("message")
		c.Close(time.Hour)
	})
	unix.Close(s.write)
}

// A standard output that does not block is waited for, and left as it is.
func TestNonBlockingConsole(t *testing.T) {
	s := newScreen(t)
	if err := unix.SetNonblock(s.write, true); err != nil {
		t.Fatal(err)
	}
	c, pipes := open(t, s, 1)
	go func() { write(t, pipes[0].Stdout, strings.Repeat("line\n", 50_000)); pipes[0].Close() }()
	await(t, "the screen is full", func() bool { return full(t, s.write) })
	s.look()
	await(t, "the end of the pipe", c.out.silent)
	c.Close(patience)
	if flags, err := unix.FcntlInt(uintptr(s.write), unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK == 0 {
		t.Errorf("the console's flags are now %#o (%v)", flags, err)
	}
	checkAll(t, s.text(t), 1, 50_000)
}

// A console that blocks is not made one that does not: others share it.
func TestBlockingConsoleStaysSo(t *testing.T) {
	s := newScreen(t).look()
	c, _ := open(t, s, 0)
	c.Say("hello")
	c.Close(patience)
	if flags, err := unix.FcntlInt(uintptr(s.write), unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK != 0 {
		t.Errorf("the console's flags are now %#o (%v)", flags, err)
	}
	s.want(t, "bole | hello\n")
}

// What bole says before a line is written stands before it.
func TestSayComesFirst(t *testing.T) {
	s := newScreen(t).look()
	c, pipes := open(t, s, 1)
	var want strings.Builder
	for i := range 300 {
		c.Say(fmt.Sprint("message ", i))
		write(t, pipes[0].Stdout, fmt.Sprintf("line %d\n", i))
		await(t, "the line is read", func() bool { return waiting(t, pipes[0].Stdout) == 0 })
		c.out.out.flush() // waits until it is written
		fmt.Fprintf(&want, "bole | message %d\ns000 | line %d\n", i, i)
	}
	pipes[0].Close()
	c.Close(patience)
	s.want(t, want.String())
}

// What a service has written comes before what bole says of it, the last line
// without an end too.
func TestSayOfComesAfter(t *testing.T) {
	s := newScreen(t).look()
	c, pipes := open(t, s, 2)
	c.out.out.writing.Lock()
	write(t, pipes[0].Stdout, "bye\nand thanks")
	write(t, pipes[1].Stdout, "half a ")
	pipes[0].Close()
	c.SayOf(0, "s000: down")
	c.SayOf(1, "s001: ready")
	c.SayOf(2, "s002: not started yet")
	c.out.out.writing.Unlock()
	await(t, "what was written is read", func() bool { return waiting(t, pipes[1].Stdout) == 0 })
	write(t, pipes[1].Stdout, "line\n")
	pipes[1].Close()
	c.Close(patience)
	s.want(t, "s000 | bye\ns000 | and thanks\nbole | s000: down\nbole | s001: ready\nbole | s002: not started yet\ns001 | half a line\n")
}

// What the processes of a service have written comes in the order in which they were
// made, whichever pipe is seen to hold something first.
func TestProcessesInTheirOrder(t *testing.T) {
	s := newScreen(t).look()
	c, pipes := open(t, s, 1)
	main, stop, finish := pipes[0], openPipes(t, c, 1)[0], openPipes(t, c, 1)[0]
	c.out.out.writing.Lock()
	write(t, finish.Stdout, "third\n")
	write(t, main.Stdout, "first\n")
	write(t, stop.Stdout, "second\n")
	c.out.out.writing.Unlock()
	await(t, "all is read", func() bool { return waiting(t, finish.Stdout) == 0 })
	c.out.out.writing.Lock()
	write(t, main.Stdout, "a stray\n")
	c.SayOf(0, "s000: down")
	c.out.out.writing.Unlock()
	for _, p := range []*Pipes{main, stop, finish} {
		p.Close()
	}
	c.Close(patience)
	s.want(t, "s000 | first\ns000 | second\ns000 | third\ns000 | a stray\nbole | s000: down\n")
}

// A message of several lines is several lines.
func TestSaySeveralLines(t *testing.T) {
	s := newScreen(t).look()
	c, _ := open(t, s, 0)
	c.Say("a fault:\n\there\n")
	c.Say("")
	c.Close(patience)
	s.want(t, "bole | a fault:\nbole | \there\nbole | \n")
}

// Output and error are apart if bole's are, and one slow reader of the one does not
// stop the other, nor bole.
func TestOutputAndErrorApart(t *testing.T) {
	out, err := newScreen(t), newScreen(t).look()
	c := testConsole(t, out.write, err.write, []string{"s000"})
	p := openPipes(t, c, 1)[0]
	if p.Stdout == p.Stderr {
		t.Fatal("both go through one pipe")
	}
	done := make(chan struct{})
	go func() { defer close(done); write(t, p.Stdout, strings.Repeat("line\n", 50_000)) }()
	await(t, "the screen is full", func() bool { return full(t, out.write) })
	write(t, p.Stderr, "error\n")
	await(t, "the error is read", func() bool { return waiting(t, p.Stderr) == 0 })
	c.Say("message")
	within(t, "bole", func() { c.err.out.flush() })
	err.want(t, "s000 | error\nbole | message\n")
	out.look()
	<-done
	p.Close()
	c.Close(patience)
	if got := c.Bytes(0); got != 5*50_000+6 {
		t.Errorf("%d bytes were counted", got)
	}
	checkAll(t, out.text(t), 1, 50_000)
}

// When both are one file, they go through one pipe, and keep their order.
func TestOutputAndErrorTogether(t *testing.T) {
	s := newScreen(t).look()
	c, pipes := open(t, s, 1)
	p := pipes[0]
	if p.Stdout != p.Stderr {
		t.Fatal("both have a pipe of their own")
	}
	for range 10 {
		write(t, p.Stdout, "out\n")
		write(t, p.Stderr, "err\n")
	}
	p.Close()
	c.Close(patience)
	s.want(t, strings.Repeat("s000 | out\ns000 | err\n", 10))
}

// What is given to a service blocks, as it expects, and is closed in its children.
func TestFlagsOfPipes(t *testing.T) {
	s := newScreen(t).look()
	c, pipes := open(t, s, 1)
	fd := uintptr(pipes[0].Stdout)
	if flags, err := unix.FcntlInt(fd, unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK != 0 {
		t.Errorf("flags %#o (%v): O_NONBLOCK is set", flags, err)
	}
	if flags, err := unix.FcntlInt(fd, unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("flags %#o (%v): FD_CLOEXEC is not set", flags, err)
	}
	pipes[0].Close()
	c.Close(patience)
	unix.Close(s.write)
}

// Nothing is left open, however many processes there were.
func TestNoFileIsLeft(t *testing.T) {
	s := newScreen(t).look()
	c := testConsole(t, s.write, s.write, make([]string, 20))
	before := openFiles(t)
	for range 50 {
		for _, p := range openPipes(t, c, 20) {
			p.Close()
		}
	}
	await(t, "the end of the pipes", c.out.silent)
	if after := openFiles(t); after > before {
		t.Errorf("%d files are open, %d were", after, before)
	}
	if n := len(c.out.readers); n != 0 {
		t.Errorf("%d pipes are still known", n)
	}
	c.Close(patience)
	s.want(t, "")
}

func openFiles(t *testing.T) int {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(fds)
}
