package graph

// Below returns the nodes given and all that they depend on, directly or not, in
// the order in which they were added. follow says which edges count; nil is all.
func (g *Graph[N, E]) Below(follow func(Edge[N, E]) bool, from ...N) []N {
	return g.closure(g.from, 1, follow, from)
}

// Above returns the nodes given and all that depend on them, directly or not.
func (g *Graph[N, E]) Above(follow func(Edge[N, E]) bool, from ...N) []N {
	return g.closure(g.to, 0, follow, from)
}

func (g *Graph[N, E]) closure(lists [][]int32, end int, follow func(Edge[N, E]) bool, from []N) []N {
	seen := make([]bool, len(g.nodes))
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
	for k := 0; k < len(todo); k++ {
		for _, e := range lists[todo[k]] {
			if follow == nil || follow(g.edges[e]) {
				visit(g.ends[e][end])
			}
		}
	}
	var out []N
	for i, n := range g.nodes {
		if seen[i] {
			out = append(out, n)
		}
	}
	return out
}

// Path returns a shortest path of dependencies from one node to another; nil if
// there is none, or if they are the same.
func (g *Graph[N, E]) Path(from, to N) []Edge[N, E] {
	i, ok := g.index[from]
	j, ok2 := g.index[to]
	if !ok || !ok2 || i == j {
		return nil
	}
	return g.pick(g.search(i, j, nil, len(g.nodes)))
}

// search goes breadth first from one node to another, over nodes that are in the
// component given (nil is all), and returns the edges of a path of at most that
// many.
func (g *Graph[N, E]) search(from, to int32, component []int32, most int) []int32 {
	came := map[int32]int32{} // node → the edge it was reached by
	layer := []int32{from}
	for steps := 0; len(layer) > 0 && steps < most; steps++ {
		var next []int32
		for _, i := range layer {
			for _, e := range g.from[i] {
				j := g.ends[e][1]
				if component != nil && component[j] != component[from] {
					continue
				}
				if _, seen := came[j]; seen || j == from && j != to {
					continue
				}
				came[j] = e
				if j == to {
					return g.back(from, to, came)
				}
				next = append(next, j)
			}
		}
		layer = next
	}
	return nil
}

// back follows the edges that led to a node.
func (g *Graph[N, E]) back(from, to int32, came map[int32]int32) []int32 {
	var path []int32
	for j := to; ; {
		e := came[j]
		path = append(path, e)
		if j = g.ends[e][0]; j == from {
			break
		}
	}
	for a, b := 0, len(path)-1; a < b; a, b = a+1, b-1 {
		path[a], path[b] = path[b], path[a]
	}
	return path
}
