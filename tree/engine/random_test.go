package engine

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"bole/tree"
)

var (
	seed = flag.Uint64("seed", 0, "the one seed of the random runs; 0: several")
	long = flag.Int("steps", 4000, "steps of a random run")
)

// TestRandom runs large trees through long rows of random events. The
// invariants hold after every step; in the end an obliging world settles all
// that is wanted, and a teardown ends, however the processes take it.
func TestRandom(t *testing.T) {
	seeds := []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	if *seed != 0 {
		seeds = []uint64{*seed}
	} else if testing.Short() || slow {
		seeds = seeds[:3]
	}
	for _, n := range seeds {
		t.Run(fmt.Sprint("seed=", n), func(t *testing.T) {
			w := newWanderer(n, 50)
			if broken := w.run(*long); broken != nil {
				t.Fatalf("%v\n-seed %d; the last steps:\n%s", broken, n, w.tail(30))
			}
			w.replay(t)
		})
	}
}

// A wanderer runs one tree through random events, and keeps a log of them.
type wanderer struct {
	*rand.Rand
	n    uint64
	tree *tree.Tree
	m    *monitor
	now  time.Duration
	log  []entry
}

// An entry is one step: what came in, and what came out.
type entry struct {
	at     time.Duration
	events []Event
	out    string
}

func newWanderer(n uint64, services int) *wanderer {
	w := &wanderer{Rand: rand.New(rand.NewPCG(n, 1)), n: n}
	w.tree = w.makeTree(services)
	w.m = newMonitor(w.tree, n)
	return w
}

func (w *wanderer) run(steps int) *violation {
	if broken := w.step(Boot{}); broken != nil {
		return broken
	}
	for range steps {
		if broken := w.wander(); broken != nil {
			return broken
		}
	}
	if broken := settles(w.m, w.jump); broken != nil {
		return broken
	}
	for range steps / 10 { // the teardown shall find it as it comes
		if broken := w.wander(); broken != nil {
			return broken
		}
	}
	if w.m.e.Snapshot().Over { // an essential service has ended it
		return nil
	}
	if w.tree.ShutdownTimeout == 0 {
		return obeysTeardown(w.m, w.jump)
	}
	ends := []func(*monitor, func(Event) *violation) *violation{obeysTeardown, resistsTeardown, ignoresTeardown}
	return ends[w.n%3](w.m, w.jump)
}

// step has events happen now.
func (w *wanderer) step(events ...Event) *violation {
	effects, broken := w.m.step(w.now, events...)
	w.log = append(w.log, entry{w.now, events, describe(w.tree, effects)})
	return broken
}

// jump is step, where a Tick comes when it is due.
func (w *wanderer) jump(ev Event) *violation {
	if at, ok := w.m.e.Deadline(); ok && (ev == Tick{}) {
		w.now = max(w.now, at)
	}
	return w.step(ev)
}

// wander is one random step. What processes do is likely to be good, so that
// the tree is up for the most part; commands are rare.
func (w *wanderer) wander() *violation {
	at, due := w.m.e.Deadline()
	if due && at <= w.now {
		return w.step(Tick{})
	}
	switch dice := w.IntN(100); {
	case dice < 10 && due:
		return w.jump(Tick{})
	case dice < 20 && due: // some time passes, but not all
		w.now += time.Duration(w.Int64N(int64(at - w.now)))
		return nil
	case dice < 28:
		return w.step(w.command())
	case dice < 31:
		return w.step(w.late())
	case dice < 35: // much at once: a signal, a reaped burst
		return w.step(w.happens(), w.command(), w.happens())
	}
	return w.step(w.happens())
}

func (w *wanderer) command() Event {
	id := tree.ID(w.IntN(len(w.tree.Services)))
	switch w.IntN(8) {
	case 0, 1:
		return Stop{id}
	case 2:
		return Restart{id, false}
	case 3:
		return Restart{id, true}
	}
	return Start{id}
}

// late is a report of a run that is over, or of none at all.
func (w *wanderer) late() Event {
	run := w.m.world[w.IntN(len(w.m.world))].run
	run.Gen -= uint32(w.IntN(2))
	return []Event{Spawned{run}, SpawnFailed{Run: run}, BecameReady{run}, NotifyClosed{run}, StraysGone{run},
		Exited{Run: run, Strays: w.IntN(2) == 0}}[w.IntN(6)]
}

// happens is a report of some run that can give one.
func (w *wanderer) happens() Event {
	first := w.IntN(len(w.m.world))
	for i := range w.m.world {
		p := &w.m.world[(first+i)%len(w.m.world)]
		s := &w.tree.Services[(first+i)%len(w.m.world)]
		if ev := p.answer(s); ev != nil {
			if w.IntN(10) == 0 && p.life != strays {
				return w.bad(p)
			}
			return ev
		}
	}
	if p := &w.m.world[first]; p.life == running {
		return w.bad(p)
	}
	return Tick{}
}

func (w *wanderer) bad(p *proc) Event {
	if p.life == asked && w.IntN(2) == 0 {
		return SpawnFailed{p.run, "no", 127, w.IntN(2) == 0}
	}
	switch w.IntN(12) {
	case 0:
		return NotifyClosed{p.run}
	case 1, 2, 3:
		return w.word(p)
	}
	status := []tree.Status{{}, {Code: 1}, {Code: 1}, {Code: 125}, {Signal: 9}, {Signal: 15}}[w.IntN(6)]
	return Exited{p.run, status, w.IntN(3) == 0}
}

// word is what a process says, or is found out, beside its readiness.
func (w *wanderer) word(p *proc) Event {
	return pick[Event](w, Says{p.run, "busy", false}, Says{p.run, "", true}, Extend{p.run, 7 * time.Second}, Alive{p.run, 0},
		Alive{p.run, 9 * time.Second}, Hung{p.run}, Failing{p.run, "HTTP 503"}, Failing{p.run, "no answer"}, Healthy{p.run})
}

// makeTree makes a tree in which every key has every value somewhere.
func (w *wanderer) makeTree(n int) *tree.Tree {
	var services []tree.Service
	settings := tree.Settings{ShutdownTimeout: pick[time.Duration](w, 9, 9, 4, 30, 0) * time.Second}
	for i := range n {
		s := newLongrun(fmt.Sprint("s", i))
		if w.IntN(4) == 0 {
			s = newOneshot(s.Name)
			s.Down = pick(w, nil, []string{"down"})
			s.Restart.Policy = pick(w, tree.Never, tree.OnFailure)
		} else {
			s.ReadyFD = pick(w, 0, 3)
			s.Health = pick(w, nil, nil, &tree.Health{}, &tree.Health{Restart: true})
			s.Watchdog = pick[time.Duration](w, 0, 0, 10) * time.Second
			s.Finish, s.FinishTimeout = pick(w, nil, nil, []string{"finish"}), pick[time.Duration](w, 0, 1, 5)*time.Second
			s.Restart.Policy = pick(w, tree.Always, tree.Always, tree.OnFailure, tree.Never)
		}
		s.OnlyIf, s.Prepare = pick(w, nil, nil, nil, []string{"only-if"}), pick(w, nil, nil, []string{"prepare"})
		s.StartTimeout = pick[time.Duration](w, 0, 3, 60) * time.Second
		s.StopTimeout = pick[time.Duration](w, 1, 5, 5, 20, 0) * time.Second
		s.Kill = pick(w, tree.KillMixed, tree.KillMixed, tree.KillGroup, tree.KillProcess)
		s.Restart.Limit, s.Restart.Within = pick(w, -1, -1, 0, 3), pick[time.Duration](w, 0, 60)*time.Second
		s.Restart.Delay = pick[time.Duration](w, 0, 200, 2000) * time.Millisecond
		s.Enabled = w.IntN(8) > 0
		s.Essential = w.n%4 == 0 && w.IntN(200) == 0
		s.Needs = w.needs(i)
		services = append(services, s)
		if s.Enabled {
			settings.Start = append(settings.Start, tree.ID(i))
		}
	}
	return tree.Assemble(services, nil, settings)
}

func (w *wanderer) needs(i int) (out []tree.Dep) {
	for _, on := range w.Perm(i)[:min(i, w.IntN(4))] {
		out = append(out, tree.Dep{On: tree.ID(on), Kind: tree.DepKind(w.IntN(4)), Until: pick(w, tree.UntilReady, tree.UntilReady, tree.UntilStarted)})
	}
	slices.SortFunc(out, func(a, b tree.Dep) int { return int(a.On - b.On) })
	return out
}

func pick[T any](w *wanderer, from ...T) T { return from[w.IntN(len(from))] }

func describe(t *tree.Tree, effects []Effect) string {
	var lines []string
	for _, ef := range effects {
		lines = append(lines, Describe(t, ef))
	}
	return strings.Join(lines, "; ")
}

func (w *wanderer) tail(n int) string {
	var b strings.Builder
	for _, e := range w.log[max(0, len(w.log)-n):] {
		for _, ev := range e.events {
			fmt.Fprintf(&b, "+%s %s\n", e.at, Describe(w.tree, ev))
		}
		fmt.Fprintf(&b, "    %s\n", e.out)
	}
	return b.String()
}

// replay gives the log to a second engine, and to a third that is written out
// and read back now and then: both do what the first one did.
func (w *wanderer) replay(t *testing.T) {
	same, restored := New(w.tree, w.n), New(w.tree, w.n)
	for i, e := range w.log {
		if w.IntN(20) == 0 {
			restored = reread(t, w.tree, restored)
		}
		if got := describe(w.tree, same.Step(e.at, e.events...)); got != e.out {
			t.Fatalf("step %d differs when it is repeated:\n%s\n%s", i, e.out, got)
		}
		if got := describe(w.tree, restored.Step(e.at, e.events...)); got != e.out {
			t.Fatalf("step %d differs after the engine was restored:\n%s\n%s", i, e.out, got)
		}
	}
}

func reread(t *testing.T, tr *tree.Tree, e *Engine) *Engine {
	data, err := json.Marshal(e.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	var s Snapshot
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return Restore(tr, s)
}
