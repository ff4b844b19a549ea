package engine

import (
	"encoding/binary"
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"bole/tree"
)

var depth = flag.Int("depth", 0, "events in a row that the search tries on trees of three services (two and four more on smaller ones); 0: two, on each other such tree one")

var every = flag.Int("every", 64, "the search holds each state of small trees to its promises, and each so many-th of trees of three services")

// TestSearch tries every sequence of events, up to a depth, on every tree of up
// to three services, from two beginnings: just booted, and all settled. States
// that differ in nothing that matters are tried once. After every step the
// invariants hold; and from the states met, an obliging world settles all that
// is wanted, and a teardown ends, in whatever way the processes behave.
func TestSearch(t *testing.T) {
	d, share := *depth, 1
	switch {
	case d > 0:
	case testing.Short(), slow:
		d, share = 1, 8
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

// The trees.

// searchKinds are the services that the trees are made of. Their limits are
// low, so that every way to give up is near; nothing is forgiven by time. The
// last one is for the smaller trees alone: what it adds is the end of all.
var searchKinds = []tree.Service{searchKind("plain"), searchKind("fd"), searchKind("oneshot"), searchKind("undone"), searchKind("vital")}

func searchKind(kind string) tree.Service {
	s := newLongrun("")
	if kind == "oneshot" || kind == "undone" {
		s = newOneshot("")
	}
	s.Restart.Reset = time.Hour
	switch kind {
	case "plain":
		s.Restart.Limit = 1
	case "fd":
		s.ReadyFD, s.Kill = 3, tree.KillGroup
		s.Restart.Policy, s.Restart.Limit, s.Restart.Delay = tree.OnFailure, 1, 0
	case "undone":
		s.Down = []string{"down"}
		s.Restart.Policy, s.Restart.Limit = tree.OnFailure, 1
		s.StartTimeout = time.Minute
	case "vital":
		s.Essential, s.Kill = true, tree.KillProcess
		s.Restart.Policy = tree.OnFailure
		s.Restart.Limit, s.Restart.Within = 1, time.Minute
	}
	return s
}

// arrows are the ways to depend on a service. One that is ready as soon as it
// is started has no until of its own.
func arrows(on *tree.Service) []*tree.Dep {
	out := []*tree.Dep{nil, {Kind: tree.After, Until: tree.UntilReady}, {Kind: tree.Wants, Until: tree.UntilReady},
		{Kind: tree.Requires, Until: tree.UntilReady}, {Kind: tree.Binds, Until: tree.UntilReady}}
	if on.Kind == tree.Oneshot || on.ReadyFD != 0 {
		out = append(out, &tree.Dep{Kind: tree.Wants}, &tree.Dep{Kind: tree.Requires}, &tree.Dep{Kind: tree.Binds})
	}
	return out
}

// smallTrees returns every tree of one, two and three services that does not
// fall into parts, each once up to the order of services that have none.
func smallTrees() (out []*tree.Tree) {
	for a := range searchKinds {
		out = append(out, makeTree([]int{a}, nil))
		for b := range searchKinds {
			for _, ba := range arrows(&searchKinds[a])[1:] {
				out = append(out, makeTree([]int{a, b}, []*tree.Dep{ba}))
			}
		}
	}
	slices.SortStableFunc(out, func(x, y *tree.Tree) int { return len(x.Services) - len(y.Services) })
	few := len(searchKinds) - 1
	for a := range few {
		for b := range few {
			for c := range few {
				out = append(out, threes(a, b, c)...)
			}
		}
	}
	return out
}

func threes(a, b, c int) (out []*tree.Tree) {
	for i, ba := range arrows(&searchKinds[a]) {
		for j, ca := range arrows(&searchKinds[a]) {
			for k, cb := range arrows(&searchKinds[b]) {
				parts := ba == nil && (ca == nil || cb == nil) || ca == nil && cb == nil
				twin := cb == nil && (c < b || c == b && j < i) || // c and b trade places
					ba == nil && (b < a || b == a && k < j) // b and a trade places
				if !parts && !twin {
					out = append(out, makeTree([]int{a, b, c}, []*tree.Dep{ba, ca, cb}))
				}
			}
		}
	}
	return out
}

// makeTree makes a tree of kinds and the arrows b→a, c→a, c→b.
func makeTree(kinds []int, deps []*tree.Dep) *tree.Tree {
	var services []tree.Service
	settings := tree.Settings{ShutdownTimeout: 9 * time.Second}
	for i, kind := range kinds {
		s := searchKinds[kind]
		s.Name = string(rune('a' + i))
		services = append(services, s)
		settings.Start = append(settings.Start, tree.ID(i))
	}
	for i, at := range [][2]int{{1, 0}, {2, 0}, {2, 1}}[:len(deps)] {
		if deps[i] != nil {
			d := *deps[i]
			d.On = tree.ID(at[1])
			services[at[0]].Needs = append(services[at[0]].Needs, d)
		}
	}
	return tree.Assemble(services, nil, settings)
}

// The search.

// search tries all trees, as many at a time as there are processors, and of those
// of three services only each share-th to the last depth. It returns the
// counter-example of the first tree that has one.
func search(trees []*tree.Tree, depth, share int) (found string, states, steps int64) {
	var next, st, sp atomic.Int64
	var mutex sync.Mutex
	first := len(trees)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				mutex.Lock()
				done := i >= first
				mutex.Unlock()
				if done {
					return
				}
				x, deep := newExplorer(trees[i]), depth
				if smaller := 3 - len(trees[i].Services); smaller > 0 {
					deep += 2 * smaller
				} else if i%share != 0 {
					deep--
				}
				broken := x.run(deep)
				st.Add(int64(len(x.seen)))
				sp.Add(x.steps)
				mutex.Lock()
				if broken != "" && i < first {
					first, found = i, broken
				}
				mutex.Unlock()
			}
		})
	}
	wg.Wait()
	return found, st.Load(), sp.Load()
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
		add(StraysGone{p.run})
	case running:
		if s.ReadyFD != 0 && !p.said && !p.closed {
			add(BecameReady{p.run}, NotifyClosed{p.run})
		}
		add(Exited{p.run, tree.Status{}, false}, Exited{p.run, tree.Status{}, true}, Exited{p.run, tree.Status{Code: 1}, true},
			Exited{p.run, tree.Status{Code: 125}, false}, Exited{p.run, tree.Status{Signal: uint8(unix.SIGTERM)}, false})
	}
}

// The promises: what holds of every state, however it came about.

// spared says which states are not held to their promises: of the trees of three
// services, that are so many, most.
func (x *explorer) spared(n int) bool { return len(x.tree.Services) == 3 && n%*every != 0 }

func (x *explorer) promises(i int) string {
	if x.nodes[i].snapshot.Over || !x.last && x.spared(i) {
		return ""
	}
	for _, promise := range []func(*monitor, func(Event) *violation) *violation{settles, obeysTeardown, resistsTeardown, ignoresTeardown} {
		x.load(i)
		x.tail = x.tail[:0]
		if broken := promise(x.m, x.step); broken != nil {
			return x.report(i, broken)
		}
	}
	return ""
}

// drive answers for the world, and ticks when it has nothing to say, until
// neither has anything more to say.
func drive(m *monitor, step func(Event) *violation, answer func() (Event, bool)) *violation {
	for range 100 * len(m.world) {
		ev, ok := answer()
		if !ok {
			ev = Tick{}
			_, ok = m.e.Deadline()
		}
		if !ok || m.e.Snapshot().Over {
			return nil
		}
		if broken := step(ev); broken != nil {
			return broken
		}
	}
	return &violation{name: "liveness", what: "it never comes to rest"}
}

func (m *monitor) obliging() (Event, bool) { return m.world.answer(m.e.tree) }

// settles: in a world that does what it is asked to, all that is wanted settles
// and all else goes down.
func settles(m *monitor, step func(Event) *violation) *violation {
	if broken := drive(m, step, m.obliging); broken != nil {
		return broken
	}
	s := m.e.Snapshot()
	for i := range s.Services {
		r := &s.Services[i]
		settled := r.State == Ready || r.State == Done || r.State == Failed || r.State == Blocked
		if s.Ending && !s.Over || !s.Ending && (r.Wanted != settled || !r.Wanted && r.State != Down || r.Again) {
			return &violation{name: "liveness", what: fmt.Sprintf("%s ends up %s", m.e.tree.Services[i].Name, r.State)}
		}
		if r.State == Failed && r.Reason == NoReason || r.State == Blocked && m.e.Why(tree.ID(i)) == "" {
			return &violation{name: "liveness", what: m.e.tree.Services[i].Name + " has given up without a reason"}
		}
	}
	return nil
}

// obeysTeardown: in such a world a teardown ends at once, with everything down
// and nothing left of it.
func obeysTeardown(m *monitor, step func(Event) *violation) *violation {
	if broken := tearDown(m, step, m.obliging); broken != nil {
		return broken
	}
	s := m.e.Snapshot()
	for i, p := range m.world {
		if s.Services[i].State != Down || p.life != nothing {
			return &violation{name: "liveness", what: m.e.tree.Services[i].Name + " outlives the teardown"}
		}
	}
	return nil
}

// resistsTeardown: where SIGTERM is ignored and SIGKILL works, everyone has had
// the stop signal and a time to obey before the last step.
func resistsTeardown(m *monitor, step func(Event) *violation) *violation {
	return tearDown(m, func(ev Event) *violation {
		broken := step(ev)
		if s := m.e.Snapshot(); broken == nil && s.Final && !m.move.before.Final && (ev == Tick{}) {
			for i, p := range m.move.was {
				if p.life == running && p.run.Role == RoleMain && p.told == untold {
					return &violation{name: "liveness", what: m.e.tree.Services[i].Name + " is killed without a word"}
				}
			}
		}
		return broken
	}, m.world.killed)
}

// ignoresTeardown: where nothing answers, bole ends all the same.
func ignoresTeardown(m *monitor, step func(Event) *violation) *violation {
	return tearDown(m, step, func() (Event, bool) { return nil, false })
}

// tearDown begins the teardown, if it has not begun, and drives it to its end.
func tearDown(m *monitor, step func(Event) *violation, answer func() (Event, bool)) *violation {
	if !m.e.Snapshot().Ending {
		if broken := step(Shutdown{}); broken != nil {
			return broken
		}
	}
	began := m.e.Snapshot().Now
	if broken := drive(m, step, answer); broken != nil {
		return broken
	}
	if s := m.e.Snapshot(); !s.Over || s.Now > began+m.e.tree.ShutdownTimeout {
		return &violation{name: "liveness", what: "the teardown does not end"}
	}
	return nil
}

// key is all of a state that decides what can come of it, times relative to now.
type key [112]byte

func (m *monitor) key() (k key) {
	s := m.e.Snapshot()
	b := k[:0]
	b = append(b, flags(s.Ending, s.Asked, s.Final, s.Over), s.Code)
	b = m.relative(b, s.KillAt)
	b = m.relative(b, s.ExitAt)
	for i := range s.Services {
		r, p := &s.Services[i], &m.world[i]
		b = append(b, byte(r.State)<<4|byte(r.Phase), byte(r.Cause)<<4|byte(r.Role), byte(r.Tries),
			flags(r.Wanted, r.Again, r.Hard, r.Shut, r.Left, r.Said, len(r.Window) > 0), byte(p.life)<<4|byte(p.told), flags(p.said, p.closed, p.left))
		b = m.relative(b, r.Due)
		if len(r.Window) > 0 {
			b = m.relative(b, r.Window[0])
		}
		if r.Phase == Sweeping {
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
