package tree

import (
	"fmt"
	"slices"

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
	report   *Report
	services []*definition
	bundles  []*definition
	byName   map[string]int   // of services, by index
	inBundle map[string][]int // what a bundle stands for, by index, bundles inside it resolved
	names    []string         // of everything, for suggestions; made when needed
	g        *graph.Graph[int, arrow]
}

// link resolves every name, and returns the services in topological order, as
// indices; ok is false if there is none.
func (l *linker) link() (order []int, ok bool) {
	for i, d := range l.services {
		l.byName[d.Name] = i
	}
	l.resolveBundles()
	l.g = graph.New[int, arrow]()
	for i := range l.services {
		l.g.Add(i)
	}
	for i, d := range l.services {
		for _, a := range d.arrows {
			l.connect(i, a)
		}
	}
	order, ok = l.g.Order()
	if !ok {
		l.cycle()
	}
	return order, ok
}

// connect adds the edges that one entry of a dependency key means.
func (l *linker) connect(i int, a arrow) {
	_, single := l.byName[a.text]
	for _, j := range l.find(l.services[i], a.name) {
		from, to := i, j
		if a.mirror {
			from, to = j, i
		}
		switch {
		case from != to:
			l.g.Connect(from, to, a)
		case single: // a service in a bundle that it depends on is no fault
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
	if l.names == nil {
		for _, d := range append(l.services[:len(l.services):len(l.services)], l.bundles...) {
			l.names = append(l.names, d.l.name)
		}
	}
	d.fault(n.in, n.at, n.key, didYouMean(n.text, l.names, "no file defines it"), "%s names %s, which is no service, oneshot or bundle", n.key, quoted(n.text))
	return nil
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
		members = append(members, l.find(b, m)...)
	}
	slices.Sort(members)
	l.inBundle[b.l.name] = slices.Compact(members)
}

func (l *linker) bundleCycle(g *graph.Graph[string, name], byName map[string]*definition) {
	cycle := g.Cycle()
	var path string
	var spots []Spot
	for _, e := range cycle {
		path += e.From + " → "
		spot := e.Label.in.spot(e.Label.at)
		spot.Note = fmt.Sprintf("%s contains %s", e.From, e.To)
		spots = append(spots, spot)
	}
	first := cycle[0]
	f := Fault{Spot: first.Label.in.spot(first.Label.at), Service: first.From, kind: "bundle", Key: "contains",
		Message: "contains itself: " + path + first.From, Related: spots[1:]}
	l.report.add(f)
}

// cycle reports the shortest cycle, with the place of each of its edges.
func (l *linker) cycle() {
	cycle := l.g.Cycle()
	var path string
	var spots []Spot
	for _, e := range cycle {
		path += l.services[e.From].Name + " → "
		spot := e.Label.in.spot(e.Label.at)
		spot.Note = fmt.Sprintf("%s %s %s", l.services[e.From].Name, e.Label.kind, l.services[e.To].Name)
		spots = append(spots, spot)
	}
	first := l.services[cycle[0].From]
	l.report.add(Fault{Spot: spots[0], Service: first.Name, kind: first.l.kind, Key: cycle[0].Label.key,
		Message: "the dependencies go round in a circle: " + path + first.Name, Related: spots[1:],
		Hint: "one of them must go; none of these services could ever start"})
}

// needs are the dependencies of each service, with the IDs that its neighbours
// have got. Several that name the same service become the strictest of them.
func (l *linker) needs(i int, ids []ID) []Dep {
	var out []Dep
	for _, e := range l.g.From(i) {
		d := Dep{On: ids[e.To], Kind: e.Label.kind, Until: e.Label.until}
		if k := slices.IndexFunc(out, func(x Dep) bool { return x.On == d.On }); k >= 0 {
			out[k].Kind, out[k].Until = max(out[k].Kind, d.Kind), max(out[k].Until, d.Until)
		} else {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b Dep) int { return int(a.On - b.On) })
	return out
}
