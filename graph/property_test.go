package graph_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"bole/graph"
)

// draw makes a small graph: nodes come in any order, edges too.
func draw(t *rapid.T, acyclic bool) *numbered {
	g := graph.New[int, int]()
	n := rapid.IntRange(1, 7).Draw(t, "nodes")
	for _, i := range rapid.Permutation(count(n)).Draw(t, "added") {
		g.Add(i)
	}
	for e := range rapid.IntRange(0, 2*n).Draw(t, "edges") {
		from, to := rapid.IntRange(0, n-1).Draw(t, "from"), rapid.IntRange(0, n-1).Draw(t, "to")
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

func count(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func equal(t *rapid.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

func TestOrderProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := draw(t, rapid.Bool().Draw(t, "acyclic"))
		order, ok := g.Order()
		want := ordered(g)
		equal(t, "order", order, want)
		equal(t, "ok", ok, len(want) == g.Len())
		r := reach(g, all)
		cyclic := slices.ContainsFunc(g.Nodes(), func(n int) bool { return r[[2]int{n, n}] })
		equal(t, "ok if and only if nothing leads back to itself", ok, !cyclic)
	})
}

func TestLevelsProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := draw(t, rapid.Bool().Draw(t, "acyclic"))
		order := ordered(g)
		var want [][]int
		for _, n := range g.Nodes() {
			if !slices.Contains(order, n) {
				continue
			}
			level := 0
			for _, c := range chains(g, n) {
				level = max(level, len(c)-1)
			}
			for len(want) <= level {
				want = append(want, nil)
			}
			want[level] = append(want[level], n)
		}
		equal(t, "levels", g.Levels(), want)
	})
}

func TestClosureProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := draw(t, false)
		from := rapid.SliceOfN(rapid.IntRange(0, 7), 0, 3).Draw(t, "from")
		odd := func(label int) bool { return label%2 == 1 }
		for _, follow := range []func(int) bool{all, odd} {
			var below, above []int
			r := reach(g, follow)
			for _, n := range g.Nodes() {
				if slices.ContainsFunc(from, func(f int) bool { return f == n || r[[2]int{f, n}] }) {
					below = append(below, n)
				}
				if slices.ContainsFunc(from, func(f int) bool { return f == n || r[[2]int{n, f}] }) {
					above = append(above, n)
				}
			}
			equal(t, "below", g.Below(follow, from...), below)
			equal(t, "above", g.Above(follow, from...), above)
		}
	})
}

func TestCycleProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := draw(t, false)
		var found [][]arc
		for _, n := range g.Nodes() {
			found = append(found, ways(g, n, n)...)
		}
		isCycle(t, g, len(shortest(found)))
	})
}

// Larger graphs with long cycles, whose components fall apart during the search.
func TestLongCycleProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graph.New[int, int]()
		n := rapid.IntRange(2, 60).Draw(t, "nodes")
		added := rapid.Permutation(count(n)).Draw(t, "added")
		for _, i := range added {
			g.Add(i)
		}
		back := rapid.IntRange(1, n).Draw(t, "back")
		for e := range rapid.IntRange(n, 2*n).Draw(t, "edges") {
			from := rapid.IntRange(0, n-1).Draw(t, "from")
			to := rapid.IntRange(from+1, from+3).Draw(t, "to")
			if to >= n {
				to = max(0, to-back)
			}
			g.Connect(from, to, e)
		}
		isCycle(t, g, girth(g))
	})
}

// isCycle fails unless Cycle is a cycle of so many edges of the graph, begins at the
// node that was added first, and is the same again.
func isCycle(t *rapid.T, g *numbered, length int) {
	t.Helper()
	cycle := g.Cycle()
	equal(t, "length", len(cycle), length)
	for k, e := range cycle {
		equal(t, "the edge of that label", e, g.Edges()[slices.IndexFunc(g.Edges(), func(x arc) bool { return x.Label == e.Label })])
		equal(t, "the next edge's beginning", cycle[(k+1)%length].From, e.To)
	}
	if length > 0 {
		first := slices.IndexFunc(g.Nodes(), func(n int) bool {
			return slices.ContainsFunc(cycle, func(e arc) bool { return e.From == n })
		})
		equal(t, "beginning", cycle[0].From, g.Nodes()[first])
	}
	equal(t, "the cycle once more", g.Cycle(), cycle)
}

// girth is the length of a shortest cycle, 0 for none: a search from every node.
func girth(g *numbered) int {
	best := 0
	for _, n := range g.Nodes() {
		at, seen := []int{n}, map[int]bool{}
		for steps := 1; len(at) > 0 && !seen[n]; steps++ {
			var next []int
			for _, i := range at {
				for _, e := range g.From(i) {
					if !seen[e.To] {
						seen[e.To] = true
						next = append(next, e.To)
					}
				}
			}
			if at = next; seen[n] && (best == 0 || steps < best) {
				best = steps
			}
		}
	}
	return best
}

func TestPathProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := draw(t, false)
		from, to := rapid.SampledFrom(g.Nodes()).Draw(t, "a"), rapid.SampledFrom(g.Nodes()).Draw(t, "b")
		var want []arc
		if from != to {
			want = shortest(ways(g, from, to))
		}
		equal(t, "path", g.Path(from, to), want)
	})
}

func TestCriticalPathProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := draw(t, rapid.Bool().Draw(t, "acyclic"))
		weights := rapid.SliceOfN(rapid.IntRange(0, 4), 7, 7).Draw(t, "weights")
		var want []int
		most := -1
		for _, end := range ordered(g) {
			for _, c := range chains(g, end) {
				sum := 0
				for _, n := range c {
					sum += weights[n]
				}
				if sum > most {
					want, most = c, sum
				}
			}
		}
		chain, sum := graph.CriticalPath(g, func(n int) int { return weights[n] })
		equal(t, "chain", chain, want)
		equal(t, "sum", sum, max(most, 0))
	})
}

func TestReduceProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := draw(t, rapid.Bool().Draw(t, "acyclic"))
		order := ordered(g)
		var want []arc
		for _, e := range g.Edges() {
			longer := slices.ContainsFunc(ways(g, e.From, e.To), func(p []arc) bool { return len(p) > 1 })
			if !longer || !slices.Contains(order, e.From) {
				want = append(want, e)
			}
		}
		reduced := g.Reduce()
		equal(t, "nodes", reduced.Nodes(), g.Nodes())
		equal(t, "edges", reduced.Edges(), want)
		equal(t, "who leads where", reach(reduced, all), reach(g, all))
	})
}

// Graphs of more nodes than a word has bits.
func TestWideReduceProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(60, 140).Draw(t, "nodes")
		g := random(rapid.Uint64().Draw(t, "seed"), n, rapid.IntRange(n, 3*n).Draw(t, "edges"), true)
		below := map[int][]int{}
		for _, i := range g.Nodes() {
			below[i] = g.Below(nil, i)
		}
		var want []arc
		for _, e := range g.Edges() {
			if !slices.ContainsFunc(g.From(e.From), func(x arc) bool { return x.To != e.To && slices.Contains(below[x.To], e.To) }) {
				want = append(want, e)
			}
		}
		equal(t, "edges", g.Reduce().Edges(), want)
	})
}
