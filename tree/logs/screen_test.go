package logs

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// patience is how long tests wait for what has to happen.
const patience = 20 * time.Second

func goes(_ string, f func()) { go f() }

func testConsole(t testing.TB, stdout, stderr int, names []string) *Console {
	t.Helper()
	c, err := newConsole(stdout, stderr, names, goes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// silent reports whether no pipe is open.
func (p *poller) silent() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.readers) == 0
}

// A screen stands for a standard output that is a pipe. Nobody reads it until look.
type screen struct {
	read  *os.File
	write int
	seen  chan string
}

func newScreen(t *testing.T) *screen {
	t.Helper()
	fds := pipe(t)
	s := &screen{os.NewFile(uintptr(fds[0]), "screen"), fds[1], make(chan string, 1)}
	t.Cleanup(func() { s.read.Close() })
	return s
}

func pipe(t *testing.T) (fds [2]int) {
	t.Helper()
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	return fds
}

// look reads from now on.
func (s *screen) look() *screen {
	go func() {
		text, _ := io.ReadAll(s.read)
		s.seen <- string(text)
	}()
	return s
}

// text is all that was written: nobody writes any more.
func (s *screen) text(t *testing.T) string {
	t.Helper()
	unix.Close(s.write)
	select {
	case text := <-s.seen:
		return text
	case <-time.After(patience):
		t.Fatal("the screen has not come to its end")
		return ""
	}
}

// want compares all that was written.
func (s *screen) want(t *testing.T, want string) {
	t.Helper()
	if diff := cmp.Diff(want, s.text(t)); diff != "" {
		t.Errorf("on the screen (-want +got):\n%s", diff)
	}
}

// open makes a console of one screen for a number of services.
func open(t *testing.T, s *screen, services int) (*Console, []*Pipes) {
	t.Helper()
	var names []string
	for n := range services {
		names = append(names, serviceName(n))
	}
	c := testConsole(t, s.write, s.write, names)
	return c, openPipes(t, c, services)
}

func serviceName(n int) string { return fmt.Sprintf("s%03d", n) }

func openPipes(t *testing.T, c *Console, services int) []*Pipes {
	t.Helper()
	var all []*Pipes
	for n := range services {
		p, err := c.Open(serviceName(n), n, nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// pieceMost is what a service of the tests writes at once: stdio's buffer.
const pieceMost = 4096

// write writes all of it as a service does: it waits for room.
func write(t *testing.T, fd int, text string) {
	t.Helper()
	for len(text) > 0 {
		n, err := unix.Write(fd, []byte(text[:min(len(text), pieceMost)]))
		if err != nil && err != unix.EINTR {
			t.Errorf("write: %s", err)
			return
		}
		text = text[max(n, 0):]
	}
}

// await waits until a condition holds.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not in %s: %s", patience, what)
		}
	}
}

// within fails if f takes as long as something that hangs.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("%s hangs", what)
	}
}

// waiting is how much is in a pipe, by either of its ends.
func waiting(t *testing.T, fd int) int {
	t.Helper()
	n, err := unix.IoctlGetInt(fd, unix.TIOCINQ)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// full reports whether nobody could write much to a pipe. Whoever has many of them has
// smaller ones: see pipe(7).
func full(t *testing.T, fd int) bool {
	t.Helper()
	size, err := unix.FcntlInt(uintptr(fd), unix.F_GETPIPE_SZ, 0)
	if err != nil {
		t.Fatal(err)
	}
	return waiting(t, fd) >= size-size/16
}

// count is how many lines are whole, by what stands in front of them.
func count(text string) map[string]int {
	n := map[string]int{}
	for line := range strings.Lines(text) {
		name, _, _ := strings.Cut(line, " |")
		n[name]++
	}
	return n
}
