// Package graph is the graph of who depends on whom: generic, pure, and without
// recursion, so that no depth of a chain overflows a stack.
//
//	g := graph.New[string, string]()
//	g.Connect("app", "db", "requires") // app depends on db
//	order, ok := g.Order()             // [db app], true
//
// Every result is the same for the same calls: where several would do, the node that
// was added first comes first.
package graph

// A Graph is a directed graph. An edge From → To says that From depends on To.
type Graph[N comparable, E any] struct {
	nodes []N
	index map[N]int32
	edges []Edge[N, E]
	ends  [][2]int32 // of each edge, as indices
	from  [][]int32  // by node: the edges that begin there
	to    [][]int32  // by node: the edges that end there
}

// An Edge is one dependency, with whatever the caller knows of it.
type Edge[N comparable, E any] struct {
	From, To N
	Label    E
}

// New returns an empty graph.
func New[N comparable, E any]() *Graph[N, E] {
	return &Graph[N, E]{index: map[N]int32{}}
}

// Add adds a node, unless it is there.
func (g *Graph[N, E]) Add(n N) { g.at(n) }

// at is the index of a node, which is added if need be.
func (g *Graph[N, E]) at(n N) int32 {
	if i, ok := g.index[n]; ok {
		return i
	}
	i := int32(len(g.nodes))
	g.index[n] = i
	g.nodes = append(g.nodes, n)
	g.from, g.to = append(g.from, nil), append(g.to, nil)
	return i
}

// Connect adds an edge, and its nodes. Two nodes may have several edges.
func (g *Graph[N, E]) Connect(from, to N, label E) {
	i, j, e := g.at(from), g.at(to), int32(len(g.edges))
	g.edges = append(g.edges, Edge[N, E]{from, to, label})
	g.ends = append(g.ends, [2]int32{i, j})
	g.from[i] = append(g.from[i], e)
	g.to[j] = append(g.to[j], e)
}

// Len returns the number of nodes.
func (g *Graph[N, E]) Len() int { return len(g.nodes) }

// Nodes returns the nodes in the order in which they were added.
func (g *Graph[N, E]) Nodes() []N { return append([]N(nil), g.nodes...) }

// Edges returns the edges in the order in which they were added.
func (g *Graph[N, E]) Edges() []Edge[N, E] { return append([]Edge[N, E](nil), g.edges...) }

// From returns the edges from a node: what it depends on. An unknown node has none.
func (g *Graph[N, E]) From(n N) []Edge[N, E] { return g.touching(g.from, n) }

// To returns the edges to a node: who depends on it.
func (g *Graph[N, E]) To(n N) []Edge[N, E] { return g.touching(g.to, n) }

func (g *Graph[N, E]) touching(lists [][]int32, n N) []Edge[N, E] {
	i, ok := g.index[n]
	if !ok {
		return nil
	}
	return g.pick(lists[i])
}

func (g *Graph[N, E]) pick(edges []int32) []Edge[N, E] {
	out := make([]Edge[N, E], len(edges))
	for k, e := range edges {
		out[k] = g.edges[e]
	}
	return out
}

func (g *Graph[N, E]) name(indices []int32) []N {
	out := make([]N, len(indices))
	for k, i := range indices {
		out[k] = g.nodes[i]
	}
	return out
}
