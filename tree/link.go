package tree

import (
	"fmt"
	"slices"
	"strings"

	"bole/graph"
)

// An Arrow is an edge of a tree's graph: From depends on To.
type Arrow struct {
	Kind  DepKind
	Until Until
}

// Graph returns the tree's services and who depends on whom.
func (t *Tree) Graph() *graph.Graph[ID, Arrow] {
	g := graph.New[ID, Arrow]()
	for i := range t.Services {
		g.Add(ID(i))
	}
	for i := range t.Services {
		for _, d := range t.Services[i].Needs {
			g.Connect(ID(i), d.On, Arrow{d.Kind, d.Until})
		}
	}
	return g
}

// A linker makes a graph of definitions that name each other.
type linker struct {
	report    *Report
	allowance *allowance
	services  []*definition
	bundles   []*definition
	byName    map[string]int   // of services, by index
	inBundle  map[string][]int // what a bundle stands for, by index, bundles inside it resolved
	names     []string         // of everything, for suggestions; made when needed
	compared  int              // names, for suggestions
	g         *graph.Graph[int, *arrow]
}

// link resolves every name, and returns the services in topological order, as
// indices; ok is false if there is none.
func (l *linker) link() (order []int, ok bool) {
	for i, d := range l.services {
		if j, twice := l.byName[d.Name]; twice {
			other := l.services[j]
			if other.instance != "" {
				other, d = d, other
			}
			other.fault(other.l.in, other.l.at, "", "give it another name", "%s is an instance of %s", d.Name, d.l.name)
		}
		l.byName[d.Name] = i
	}
	l.resolveBundles()
	l.g = graph.New[int, *arrow]()
	for i := range l.services {
		l.g.Add(i)
	}
	for i, d := range l.services {
		for k := range d.arrows {
			l.connect(i, &d.arrows[k])
		}
	}
	order, ok = l.g.Order()
	if !ok {
		l.cycles()
	}
	return order, ok
}

// connect adds the edges that one entry of a dependency key means. A service in a
// bundle that it depends on is no fault, nor is one that the defaults name.
func (l *linker) connect(i int, a *arrow) {
	_, single := l.byName[a.text]
	found := l.find(l.services[i], a.name)
	if !l.allowance.spend(perEdge*len(found), a.in, a.at) {
		return
	}
	for _, j := range found {
		from, to := i, j
		if a.mirror {
			from, to = j, i
		}
		switch {
		case from != to:
			l.g.Connect(from, to, a)
		case single && !a.standard:
			l.services[i].fault(a.in, a.at, a.key, "", "depends on itself")
		}
	}
}

// find looks a name up: one service, or all of a bundle.
func (l *linker) find(d *definition, n name) []int {
	if i, ok := l.byName[n.text]; ok {
		return []int{i}
	}
	if members, ok := l.inBundle[n.text]; ok {
		return members
	}
	d.fault(n.in, n.at, n.key, l.suggest(n.text), "%s names %s, which is no service, oneshot or bundle", n.key, quoted(n.text))
	return nil
}

// comparedMost bounds the work of looking for similar names.
const comparedMost = 200_000

// suggest is a hint for a name that nothing has.
func (l *linker) suggest(name string) string {
	if l.names == nil {
		for _, d := range append(l.services[:len(l.services):len(l.services)], l.bundles...) {
			l.names = append(l.names, d.l.name)
		}
	}
	if l.compared += len(l.names); l.compared > comparedMost {
		return ""
	}
	return didYouMean(name, l.names, "no file defines it")
}

// resolveBundles finds the services of every bundle. Bundles hold bundles, in any
// order of definition, so it goes by the order of their own graph.
func (l *linker) resolveBundles() {
	g := graph.New[string, name]()
	byName := map[string]*definition{}
	for _, b := range l.bundles {
		g.Add(b.l.name)
		byName[b.l.name] = b
		l.inBundle[b.l.name] = nil
	}
	for _, b := range l.bundles {
		for _, m := range b.members {
			if byName[m.text] != nil {
				g.Connect(b.l.name, m.text, m)
			}
		}
	}
	order, ok := g.Order()
	if !ok {
		l.bundleCycle(g, byName)
		return
	}
	for _, name := range order {
		l.fill(byName[name])
	}
}

func (l *linker) fill(b *definition) {
	var members []int
	for _, m := range b.members {
		found := l.find(b, m)
		if !l.allowance.spend(perValue*len(found), m.in, m.at) {
			return
		}
		members = append(members, found...)
	}
	slices.Sort(members)
	l.inBundle[b.l.name] = slices.Compact(members)
}

func (l *linker) bundleCycle(g *graph.Graph[string, name], byName map[string]*definition) {
	var names []string
	var spots []Spot
	for _, e := range g.Cycle() {
		names = append(names, e.From)
		spot := e.Label.in.spot(e.Label.at)
		spot.Note = fmt.Sprintf("%s contains %s", e.From, e.To)
		spots = append(spots, spot)
	}
	l.report.add(Fault{Spot: spots[0], Service: names[0], kind: "bundle", Key: "contains",
		Message: "contains itself: " + round(names), Related: abridge(spots[1:], Spot{})})
}

// cyclesMost is how many cycles are reported in one go.
const cyclesMost = 8

// cycles reports the shortest cycle, then the shortest that shares no service with
// it, and so on.
func (l *linker) cycles() {
	g := l.g
	for range cyclesMost {
		cycle := g.Cycle()
		if len(cycle) == 0 {
			return
		}
		l.cycle(cycle)
		g = without(g, cycle)
	}
}

// without is the graph without the services of a cycle.
func without(g *graph.Graph[int, *arrow], cycle []graph.Edge[int, *arrow]) *graph.Graph[int, *arrow] {
	gone := map[int]bool{}
	for _, e := range cycle {
		gone[e.From] = true
	}
	rest := graph.New[int, *arrow]()
	for _, e := range g.Edges() {
		if !gone[e.From] && !gone[e.To] {
			rest.Connect(e.From, e.To, e.Label)
		}
	}
	return rest
}

// cycle reports one, with the place of each of its edges.
func (l *linker) cycle(cycle []graph.Edge[int, *arrow]) {
	var names []string
	var spots []Spot
	for _, e := range cycle {
		names = append(names, l.services[e.From].Name)
		spot := e.Label.in.spot(e.Label.at)
		spot.Note = fmt.Sprintf("%s %s %s", l.services[e.From].Name, e.Label.phrase(), l.services[e.To].Name)
		spots = append(spots, spot)
	}
	first := l.services[cycle[0].From]
	l.report.add(Fault{Spot: spots[0], Service: first.Name, kind: first.l.kind, Key: cycle[0].Label.key,
		Message: "the dependencies go round in a circle: " + round(names), Related: abridge(spots[1:], Spot{}),
		Hint: "one of them must go; none of these services could ever start"})
}

// phrase is the arrow as a verb; after is none.
func (a *arrow) phrase() string {
	if a.kind == After {
		return "comes after"
	}
	return a.kind.String()
}

// round is a way back to where it began.
func round(names []string) string {
	return strings.Join(abridge(append(names, names[0]), fmt.Sprintf("(%d more)", len(names)+1-abridged)), " → ")
}

// abridged is how many things of a long list are told.
const abridged = 10

// abridge leaves out the middle of a long list; what stands for it is left out too
// if it is empty.
func abridge[T comparable](list []T, middle T) []T {
	if len(list) <= abridged+1 {
		return list
	}
	var none T
	out := slices.Clone(list[:abridged/2])
	if middle != none {
		out = append(out, middle)
	}
	return append(out, list[len(list)-abridged/2:]...)
}

// needs are the dependencies of each service, with the IDs that its neighbours
// have got. Several that name the same service become the strictest of them.
func (l *linker) needs(i int, ids []ID) []Dep {
	edges := l.g.From(i)
	if len(edges) == 0 {
		return nil
	}
	all := make([]Dep, len(edges))
	for k, e := range edges {
		all[k] = Dep{On: ids[e.To], Kind: e.Label.kind, Until: e.Label.until}
	}
	slices.SortFunc(all, func(a, b Dep) int { return int(a.On - b.On) })
	out := all[:1]
	for _, d := range all[1:] {
		if last := &out[len(out)-1]; last.On == d.On {
			last.Kind, last.Until = max(last.Kind, d.Kind), max(last.Until, d.Until)
		} else {
			out = append(out, d)
		}
	}
	return out
}
