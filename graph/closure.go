package graph

// Below returns the nodes given and all that they depend on, directly or not, in
// the order in which they were added. It follows only edges whose label follow
// accepts; nil accepts all. Unknown nodes are left out.
func (g *Graph[N, E]) Below(follow func(E) bool, from ...N) []N {
	return g.closure(g.links.from, follow, from)
}

// Above returns the nodes given and all that depend on them, directly or not;
// otherwise it is as Below.
func (g *Graph[N, E]) Above(follow func(E) bool, from ...N) []N {
	return g.closure(g.links.to, follow, from)
}

func (g *Graph[N, E]) closure(lists [][]link, follow func(E) bool, from []N) []N {
	seen := make([]bool, g.Len())
	var todo []int32
	visit := func(i int32) {
		if !seen[i] {
			seen[i] = true
			todo = append(todo, i)
		}
	}
	for _, n := range from {
		if i, ok := g.index[n]; ok {
			visit(i)
		}
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, l := range lists[i] {
			if !seen[l.node] && (follow == nil || follow(g.edges[l.edge].Label)) {
				visit(l.node)
			}
		}
	}
	return g.marked(seen)
}

// marked returns the nodes that have a mark, in the order in which they were added.
func (g *Graph[N, E]) marked(mark []bool) []N {
	var out []N
	for i, n := range g.nodes {
		if mark[i] {
			out = append(out, n)
		}
	}
	return out
}
