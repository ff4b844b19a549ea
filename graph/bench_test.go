package graph_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"bole/graph"
)

// A tree of the size that the budgets name.
const nodes, arcs = 10_000, 100_000

// random connects nodes at random; without cycles if so wished. The nodes are added
// in random order too, so that nothing is in order from the start.
func random(seed uint64, nodes, arcs int, acyclic bool) *numbered {
	r := rand.New(rand.NewPCG(seed, 0))
	g := graph.New[int, int]()
	for _, n := range r.Perm(nodes) {
		g.Add(n)
	}
	for e := range arcs {
		from, to := r.IntN(nodes), r.IntN(nodes)
		if acyclic && from == to {
			continue
		}
		if acyclic {
			from, to = max(from, to), min(from, to)
		}
		g.Connect(from, to, e)
	}
	return g
}

// ring connects layers of nodes in a circle, each node with some of the next layer:
// one component, whose shortest cycle is as long as there are layers. shuffled adds
// the nodes in random order, the worst for a search that takes one after the other.
func ring(layers, width, degree int, shuffled bool) *numbered {
	r := rand.New(rand.NewPCG(1, 2))
	g := graph.New[int, int]()
	if shuffled {
		for _, n := range r.Perm(layers * width) {
			g.Add(n)
		}
	}
	for n := range layers * width {
		next := (n/width + 1) % layers * width
		for d := range degree {
			g.Connect(n, next+(n+d)%width, d)
		}
	}
	return g
}

func BenchmarkBuild(b *testing.B) {
	edges, names := random(1, nodes, arcs, true).Edges(), random(1, nodes, 0, true).Nodes()
	b.ReportAllocs()
	for b.Loop() {
		g := graph.New[int, int]()
		for _, n := range names {
			g.Add(n)
		}
		for _, e := range edges {
			g.Connect(e.From, e.To, e.Label)
		}
	}
}

func BenchmarkOrder(b *testing.B) {
	g := random(1, nodes, arcs, true)
	for b.Loop() {
		g.Order()
	}
}

func BenchmarkLevels(b *testing.B) {
	g := random(1, nodes, arcs, true)
	for b.Loop() {
		g.Levels()
	}
}

func BenchmarkBelow(b *testing.B) {
	g := random(1, nodes, arcs, true)
	for b.Loop() {
		g.Below(func(int) bool { return true }, nodes-1)
	}
}

func BenchmarkPath(b *testing.B) {
	g := ring(nodes, 1, 1, false)
	for b.Loop() {
		g.Path(0, nodes-1)
	}
}

func BenchmarkCycle(b *testing.B) {
	acyclic := random(1, nodes, arcs, true)
	late := random(1, nodes, arcs, true)
	late.Connect(0, nodes-1, 0)
	for _, bb := range []struct {
		name  string
		graph *numbered
	}{
		{"none", acyclic},
		{"one edge back", late},
		{"random", random(1, nodes, arcs, false)},
		{"random sparse", random(1, nodes, 2*nodes, false)},
		{"one ring", ring(nodes, 1, 1, false)},
		{"1000 layers of 10", ring(1000, 10, 10, false)},
		{"1000 layers of 10 shuffled", ring(1000, 10, 10, true)},
		{"100 layers of 100 shuffled", ring(100, 100, 10, true)},
		{"10 layers of 1000", ring(10, 1000, 10, false)},
		{"10 layers of 1000 shuffled", ring(10, 1000, 10, true)},
		{"3 layers of 3333 shuffled", ring(3, 3333, 30, true)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			for b.Loop() {
				bb.graph.Cycle()
			}
		})
	}
}

func BenchmarkCriticalPath(b *testing.B) {
	g := random(1, nodes, arcs, true)
	for b.Loop() {
		graph.CriticalPath(g, func(n int) time.Duration { return time.Duration(n) })
	}
}

func BenchmarkReduce(b *testing.B) {
	for _, bb := range []struct {
		name  string
		graph *numbered
	}{
		{"1000 nodes", random(1, 1000, 10_000, true)},
		{"10000 nodes", random(1, nodes, arcs, true)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bb.graph.Reduce()
			}
		})
	}
}
