package supervise

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"bole/tree/engine"
	"bole/tree/logs"
	"bole/tree/process"
)

// A world is a fake of package process: processes that exist in a table alone, and
// end as they are told. It is what makes a supervisor testable without a clock.
type world struct {
	t       *testing.T
	mu      sync.Mutex
	runs    map[engine.Run]*fake
	started []string // argv[0] of each start, in order
	signals []string // "NAME SIGNAL" of each signal, in order
	exits   []process.Exit[engine.Run]
	died    func() // tells the supervisor of SIGCHLD
	pid     int

	start  func(c *process.Command) error     // nil: every start works
	onKill func(f *fake, sig int) (ends bool) // nil: every signal ends the process
	strays map[string]int                     // by service: how many it leaves behind
	swept  int                                // Sweep was called that often
	killed int                                // KillAll was called that often
	again  chan struct{}
}

type fake struct {
	run   engine.Run
	name  string
	pid   int
	alive bool
}

func (w *world) Start(run engine.Run, c *process.Command) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.start != nil {
		if err := w.start(c); err != nil {
			return 0, err
		}
	}
	w.pid++
	w.runs[run] = &fake{run, c.Mark, w.pid, true}
	w.started = append(w.started, c.Mark)
	return w.pid, nil
}

// end makes a process end by itself.
func (w *world) end(name string, code, sig int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.runs {
		if f.name == name && f.alive {
			w.endLocked(f, code, sig)
			return
		}
	}
	w.t.Errorf("no process of %s to end", name)
}

func (w *world) endLocked(f *fake, code, sig int) {
	f.alive = false
	w.exits = append(w.exits, process.Exit[engine.Run]{Key: f.run, Known: true, Code: code, Signal: sig, Strays: w.strays[f.name] > 0})
	go w.died()
}

func (w *world) Reap() []process.Exit[engine.Run] {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.exits
	w.exits = nil
	return out
}

func (w *world) Again() <-chan struct{} { return w.again }

func (w *world) Signal(run engine.Run, sig int, to process.Scope) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.runs[run]
	if f == nil {
		return
	}
	w.signals = append(w.signals, f.name+" "+unix.SignalName(unix.Signal(sig)))
	if f.alive && (sig == int(unix.SIGKILL) || w.onKill == nil || w.onKill(f, sig)) {
		w.endLocked(f, 0, sig)
	}
}

// Sweep: every stray ends by its first signal.
// Sweep takes a moment, as reading /proc does.
func (w *world) Sweep(signals map[engine.Run]int) map[engine.Run]int {
	time.Sleep(time.Millisecond)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.swept++
	found := map[engine.Run]int{}
	for run, sig := range signals {
		name := w.runs[run].name
		found[run] = w.strays[name]
		if sig != 0 && w.strays[name] > 0 {
			w.signals = append(w.signals, name+" strays "+unix.SignalName(unix.Signal(sig)))
			w.strays[name] = 0
		}
	}
	return found
}

func (w *world) Adopt(engine.Run, int, bool) error { return errors.New("nobody") }

func (w *world) Suspended(engine.Run) (ctrlZ, behind bool) { return false, false }

func (w *world) Resume(engine.Run) (front bool) { return true }

func (w *world) Belongs(run engine.Run, _, _ int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.runs[run] != nil
}

func (w *world) Akin(engine.Run, int, int) bool { return true }

func (w *world) PID(run engine.Run) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f := w.runs[run]; f != nil && f.alive {
		return f.pid
	}
	return 0
}

func (w *world) Usage() map[engine.Run]process.Usage { return nil }

func (w *world) Forget(engine.Run) {}

func (w *world) EndSession(engine.Run) {}

func (w *world) EndOrphans(engine.Run, string) int { return 0 }

func (w *world) KillAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.killed++
	for _, f := range w.runs {
		if f.alive {
			w.endLocked(f, 0, int(unix.SIGKILL))
		}
	}
}

func (w *world) Childless() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.runs {
		if f.alive {
			return false
		}
	}
	return true
}

// A transcript keeps what bole says. Services write nowhere.
type transcript struct {
	mu    sync.Mutex
	lines []string
}

func (c *transcript) SayOf(_ int, line string) { c.Say(line) }

func (c *transcript) Say(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = append(c.lines, line)
}

func (c *transcript) Bytes(int) uint64 { return 0 }

func (c *transcript) After(_ int, f func()) { go f() }

func (c *transcript) Tail(_ []int, from []uint64, _ int) ([]logs.Line, []uint64) { return nil, from }

func (c *transcript) More(ctx context.Context, _ []int, _ []uint64) { <-ctx.Done() }

func (c *transcript) Open(string, int, func([]byte)) (*logs.Pipes, error) {
	return &logs.Pipes{Stdout: -1, Stderr: -1}, nil
}
