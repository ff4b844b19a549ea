package engine

import (
	"encoding/binary"
	"flag"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"bole/tree"
)

var depth = flag.Int("depth", 0, "events in a row that the search tries on trees of three services (two and four more on smaller ones); 0: two, on each other such tree one")

var every = flag.Int("every", 64, "the search holds each state of small trees to its promises, and each so many-th of trees of three services")

// TestSearch tries every sequence of events, up to a depth, on every tree of up
// to three services, from each state on the way from the boot to where all is
// settled. States that differ in nothing that matters are tried once. After every
// step the invariants hold; and from the states met, an obliging world settles
// all that is wanted, and a teardown ends, in whatever way the processes behave.
func TestSearch(t *testing.T) {
	d, share := *depth, 1
	switch {
	case d > 0:
	case testing.Short(), slow:
		d, share = 1, 32
	default:
		d, share = 2, 2
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	trees := smallTrees()
	found, states, steps := search(trees, d, share)
	if found != "" {
		t.Fatalf("a counter-example, to be kept in testdata/scenarios:\n\n%s", found)
	}
	t.Logf("%d trees, %d states, %d steps", len(trees), states, steps)
}

// BenchmarkSearch gives the speed of the search on one tree.
func BenchmarkSearch(b *testing.B) {
	trees := smallTrees()
	states, steps := int64(0), int64(0)
	for b.Loop() {
		_, st, sp := search(trees[len(trees)-1:], 3, 1)
		states, steps = states+st, steps+sp
	}
	b.ReportMetric(float64(states)/b.Elapsed().Seconds(), "states/s")
	b.ReportMetric(float64(steps)/b.Elapsed().Seconds(), "steps/s")
}

// search tries all trees, as many at a time as there are processors, and of those
// of three services only each share-th to the last depth, the others to one less. It returns the
// counter-example of the first tree that has one.
func search(trees []*tree.Tree, depth, share int) (found string, states, steps int64) {
	var mutex sync.Mutex // guards all of these, and what is returned
	next, first := 0, len(trees)
	take := func() (int, bool) {
		mutex.Lock()
		defer mutex.Unlock()
		next++
		return next - 1, next <= first
	}
	give := func(i int, x *explorer, broken string) {
		mutex.Lock()
		defer mutex.Unlock()
		states, steps = states+int64(len(x.seen)), steps+x.steps
		if broken != "" && i < first {
			first, found = i, broken
		}
	}
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i, ok := take(); ok; i, ok = take() {
				x := newExplorer(trees[i])
				give(i, x, x.run(deep(i, trees[i], depth, share)))
			}
		})
	}
	wg.Wait()
	return found, states, steps
}

// deep is how deep the search goes into a tree: two more for each service less,
// unless it is in a hurry.
func deep(i int, t *tree.Tree, depth, share int) int {
	switch smaller := 3 - len(t.Services); {
	case smaller == 0 && i%share != 0:
		return depth - 1
	case depth < 2:
		return depth + smaller
	default:
		return depth + 2*smaller
	}
}

// A node is a state that was met, and the way there.
type node struct {
	snapshot Snapshot
	world    world
	parent   int // -1: none
	event    Event
}

// An explorer searches one tree, breadth first: the first counter-example is a
// shortest one.
type explorer struct {
	tree  *tree.Tree
	m     *monitor
	nodes []node
	seen  map[key]bool
	steps int64
	tail  []Event // what came after the node, of a counter-example
	offer []Event
	one   [1]Event
	last  bool // nothing is tried beyond the states that are found now
}

func newExplorer(t *tree.Tree) *explorer {
	return &explorer{tree: t, m: newMonitor(t, 1), seen: map[key]bool{}}
}

func (x *explorer) run(depth int) string {
	if broken := x.begin(); broken != "" {
		return broken
	}
	from := 0
	for d := range depth {
		to := len(x.nodes)
		x.last = d == depth-1
		for i := from; i < to; i++ {
			if broken := x.expand(i); broken != "" {
				return broken
			}
		}
		from = to
	}
	for i := from; i < len(x.nodes); i++ {
		if broken := x.promises(i); broken != "" {
			return broken
		}
	}
	return ""
}

// begin makes the first nodes: the tree just booted, and along the way to where
// it is settled.
func (x *explorer) begin() string {
	if broken := x.try(-1, Boot{}); broken != "" {
		return broken
	}
	at := 0
	for {
		x.load(at)
		ev, ok := x.m.world.answer(x.tree)
		if !ok {
			break
		}
		if broken := x.try(at, ev); broken != "" {
			return broken
		}
		at = len(x.nodes) - 1
	}
	return ""
}

// expand tries every event on a node, and holds the node to its promises.
func (x *explorer) expand(i int) string {
	if x.nodes[i].snapshot.Over {
		return ""
	}
	x.load(i)
	x.offers()
	for _, ev := range slices.Clone(x.offer) {
		if broken := x.try(i, ev); broken != "" {
			return broken
		}
	}
	return x.promises(i)
}

// try steps from a node by one event, and keeps where that leads if it is new.
func (x *explorer) try(from int, ev Event) string {
	if from >= 0 {
		x.load(from)
	}
	x.tail = x.tail[:0]
	if broken := x.step(ev); broken != nil {
		return x.report(from, broken)
	}
	if k := x.m.key(); !x.seen[k] {
		x.seen[k] = true
		if x.last && x.spared(len(x.seen)) {
			return "" // nothing more is done with it
		}
		n := node{parent: from, event: ev, world: slices.Clone(x.m.world)}
		copySnapshot(&n.snapshot, x.m.e.Snapshot())
		x.nodes = append(x.nodes, n)
	}
	return ""
}

// step is one step of the monitor; a Tick comes when it is due.
func (x *explorer) step(ev Event) *violation {
	x.steps++
	x.tail = append(x.tail, ev)
	now := x.m.e.Snapshot().Now
	if (ev == Tick{}) {
		at, _ := x.m.e.Deadline()
		now = max(now, at)
	}
	x.one[0] = ev
	_, broken := x.m.step(now, x.one[:]...)
	return broken
}

// load makes the monitor's engine and world those of a node.
func (x *explorer) load(i int) {
	n := &x.nodes[i]
	copySnapshot(&x.m.e.state, &n.snapshot)
	x.m.e.state.Random = 1 // the same jitter everywhere: else few states would be the same
	x.m.e.resume()
	copy(x.m.world, n.world)
}

func (x *explorer) report(i int, broken *violation) string {
	var walk []Event
	for at := i; at >= 0; at = x.nodes[at].parent {
		walk = append(walk, x.nodes[at].event)
	}
	slices.Reverse(walk)
	return scenario(broken.Error(), x.tree, append(walk, x.tail...))
}

// offers lists all that can happen in the present state.
func (x *explorer) offers() {
	x.offer = x.offer[:0]
	for i := range x.m.world {
		x.offerReports(&x.m.world[i], &x.tree.Services[i])
	}
	if _, ok := x.m.e.Deadline(); ok {
		x.offer = append(x.offer, Tick{})
	}
	for i := range x.m.world {
		id := tree.ID(i)
		x.offer = append(x.offer, Start{id}, Stop{id}, Restart{id, false})
		if len(x.m.users[i]) > 0 {
			x.offer = append(x.offer, Restart{id, true})
		}
		if gen := x.m.world[i].run.Gen; gen > 1 {
			late := x.m.world[i].run
			late.Gen--
			x.offer = append(x.offer, BecameReady{late}, Exited{late, tree.Status{}, false})
		}
	}
	x.offer = append(x.offer, Shutdown{})
}

func (x *explorer) offerReports(p *proc, s *tree.Service) {
	add := func(events ...Event) { x.offer = append(x.offer, events...) }
	switch p.life {
	case asked:
		add(Spawned{p.run}, SpawnFailed{Run: p.run, Code: 127}, SpawnFailed{Run: p.run, Code: 1, Retry: true}, Exited{p.run, tree.Status{Code: 1}, false})
	case strays:
		add(StraysGone{p.run}, Exited{p.run, tree.Status{}, false}) // the second cannot have happened
	case running:
		if (s.ReadyFD != 0 || s.Health != nil) && p.run.Role == RoleMain && !p.said && !p.closed {
			add(BecameReady{p.run}, NotifyClosed{p.run})
		}
		if s.Health != nil && p.run.Role == RoleMain {
			add(Says{Run: p.run, Leaves: true}, Extend{p.run, 90 * time.Second}, Alive{Run: p.run}, Hung{p.run}, Failing{Run: p.run, Why: "no"}, Healthy{p.run})
		}
		add(Exited{p.run, tree.Status{}, false}, Exited{p.run, tree.Status{}, true}, Exited{p.run, tree.Status{Code: 1}, true},
			Exited{p.run, tree.Status{Code: 125}, false}, Exited{p.run, tree.Status{Signal: uint8(unix.SIGTERM)}, false})
	}
}

// key is all of a state that decides what can come of it, times relative to now.
type key [112]byte

func (m *monitor) key() (k key) {
	s := m.e.Snapshot()
	b := k[:0]
	b = append(b, flags(s.Ending, s.Requested, s.Final, s.Over), s.Code)
	b = m.relative(b, s.KillAt)
	b = m.relative(b, s.ExitAt)
	for i := range s.Services {
		r, p := &s.Services[i], &m.world[i]
		b = append(b, byte(r.State)<<4|byte(r.Phase), byte(r.Cause)<<4|byte(r.Role), byte(r.Tries),
			flags(r.Wanted, r.Again, r.Hard, r.Shut, r.Left, r.Said, len(r.Window) > 0, r.Skip), byte(p.life)<<4|byte(p.told), flags(p.said, p.closed, p.left, r.GaveUp, p.quiet, r.Watch != 0, r.Sick != ""))
		b = m.relative(b, r.Due)
		if len(r.Window) > 0 {
			b = m.relative(b, r.Window[0])
		}
		if r.Phase == Sweeping || r.Phase != NoRun && r.Role == RoleFinish {
			b = append(b, byte(r.Last.Cause), r.Last.Status.Code, r.Last.Status.Signal, flags(r.Last.Ready))
		}
	}
	if len(b) > len(k) {
		panic("the key is too short")
	}
	return k
}

func (m *monitor) relative(b []byte, at time.Duration) []byte {
	if at == 0 {
		return binary.LittleEndian.AppendUint32(b, 0)
	}
	return binary.LittleEndian.AppendUint32(b, uint32(1<<31+(at-m.e.Snapshot().Now)/time.Millisecond))
}

func flags(set ...bool) (b byte) {
	for i, f := range set {
		if f {
			b |= 1 << i
		}
	}
	return b
}
