package graph_test

import (
	"cmp"
	"slices"

	"bole/graph"
)

// A numbered graph has edges whose labels are their numbers, so that a result says
// which of several parallel edges it took.
type (
	numbered = graph.Graph[int, int]
	arc      = graph.Edge[int, int]
)

// reach tells by the simplest means (Warshall 1962) who leads where by one edge of
// those that follow accepts, or more.
func reach(g *numbered, follow func(int) bool) map[[2]int]bool {
	r := map[[2]int]bool{}
	for _, e := range g.Edges() {
		if follow(e.Label) {
			r[[2]int{e.From, e.To}] = true
		}
	}
	for _, k := range g.Nodes() {
		for _, i := range g.Nodes() {
			for _, j := range g.Nodes() {
				if r[[2]int{i, k}] && r[[2]int{k, j}] {
					r[[2]int{i, j}] = true
				}
			}
		}
	}
	return r
}

func all(int) bool { return true }

// ordered returns the nodes that lead to no cycle, by looking again and again for
// the first one whose dependencies are all there.
func ordered(g *numbered) []int {
	var out []int
	ready := func(n int) bool {
		return !slices.Contains(out, n) &&
			!slices.ContainsFunc(g.From(n), func(e arc) bool { return !slices.Contains(out, e.To) })
	}
	for {
		k := slices.IndexFunc(g.Nodes(), ready)
		if k < 0 {
			return out
		}
		out = append(out, g.Nodes()[k])
	}
}

// ways returns every path from a node to another that comes nowhere twice, in the
// order of its edges' numbers; from a node to itself, every cycle.
func ways(g *numbered, from, to int) [][]arc {
	var out [][]arc
	var path []arc
	var walk func(n int)
	walk = func(n int) {
		for _, e := range g.From(n) {
			path = append(path, e)
			if e.To == to {
				out = append(out, slices.Clone(path))
			} else if e.To != from && !slices.ContainsFunc(path[:len(path)-1], func(p arc) bool { return p.To == e.To }) {
				walk(e.To)
			}
			path = path[:len(path)-1]
		}
	}
	walk(from)
	return out
}

// shortest returns the first of the shortest.
func shortest(paths [][]arc) []arc {
	if len(paths) == 0 {
		return nil
	}
	return slices.MinFunc(paths, func(a, b []arc) int { return cmp.Compare(len(a), len(b)) })
}

// chains returns every chain that ends at a node and begins where nothing is
// depended on, what is depended on first.
func chains(g *numbered, end int) [][]int {
	var out [][]int
	for _, e := range g.From(end) {
		for _, c := range chains(g, e.To) {
			out = append(out, append(c, end))
		}
	}
	if out == nil {
		return [][]int{{end}}
	}
	return out
}
