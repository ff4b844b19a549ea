package graph

// Reduce returns a graph without cycles less every edge that a longer way says
// too: what is left is enough to draw. Several edges between the same two nodes stay
// or go together.
func (g *Graph[N, E]) Reduce() *Graph[N, E] {
	out := New[N, E]()
	for _, n := range g.nodes {
		out.Add(n)
	}
	rank := make([]int, len(g.nodes))
	for k, i := range g.order() {
		rank[i] = k
	}
	keep := make([]bool, len(g.edges))
	for i := range g.nodes {
		far := g.beyond(int32(i), rank)
		for _, e := range g.from[i] {
			keep[e] = !far[g.ends[e][1]]
		}
	}
	for e, x := range g.edges {
		if keep[e] {
			out.Connect(x.From, x.To, x.Label)
		}
	}
	return out
}

// beyond finds what a node reaches by two edges or more. It does not look below
// the lowest of what the node reaches by one.
func (g *Graph[N, E]) beyond(i int32, rank []int) map[int32]bool {
	far, lowest := map[int32]bool{}, len(g.nodes)
	var todo []int32
	for _, e := range g.from[i] {
		j := g.ends[e][1]
		lowest = min(lowest, rank[j])
		todo = append(todo, j)
	}
	if len(todo) < 2 {
		return nil
	}
	for len(todo) > 0 {
		j := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, e := range g.from[j] {
			if k := g.ends[e][1]; !far[k] && rank[k] >= lowest {
				far[k] = true
				todo = append(todo, k)
			}
		}
	}
	return far
}
