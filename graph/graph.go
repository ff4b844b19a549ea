// Package graph is the graph of who depends on whom: generic, pure, and without
// recursion, so that no depth of a chain overflows a stack.
//
//	g := graph.New[string, string]()
//	g.Connect("app", "db", "requires") // app depends on db
//	order, ok := g.Order()             // [db app], true
//
// Every result is the same for the same calls: where several would do, the node or
// the edge that was added first comes first. No result shares memory with the graph.
// Several goroutines may read a graph at once while none adds to it.
package graph

import "slices"

// A Graph is a directed graph. An edge From → To says that From depends on To. The
// zero value is an empty graph, ready to use.
type Graph[N comparable, E any] struct {
	nodes []N
	index map[N]int32
	edges []Edge[N, E]
	links links
}

// An Edge is one dependency, with whatever the caller knows of it.
type Edge[N comparable, E any] struct {
	From, To N
	Label    E
}

// New returns an empty graph.
func New[N comparable, E any]() *Graph[N, E] { return new(Graph[N, E]) }

// Add adds a node, unless it is there.
func (g *Graph[N, E]) Add(n N) { g.at(n) }

// Connect adds an edge, and its nodes where they are missing. Two nodes may have
// several edges, and a node one to itself.
func (g *Graph[N, E]) Connect(from, to N, label E) {
	g.links.connect(g.at(from), g.at(to), int32(len(g.edges)))
	g.edges = append(g.edges, Edge[N, E]{from, to, label})
}

// at is the index of a node, which is added if need be.
func (g *Graph[N, E]) at(n N) int32 {
	if i, ok := g.index[n]; ok {
		return i
	}
	if g.index == nil {
		g.index = map[N]int32{}
	}
	i := int32(len(g.nodes))
	g.index[n] = i
	g.nodes = append(g.nodes, n)
	g.links.grow()
	return i
}

// Len returns the number of nodes.
func (g *Graph[N, E]) Len() int { return len(g.nodes) }

// Has tells whether a node is there.
func (g *Graph[N, E]) Has(n N) bool {
	_, ok := g.index[n]
	return ok
}

// Nodes returns the nodes in the order in which they were added.
func (g *Graph[N, E]) Nodes() []N { return slices.Clone(g.nodes) }

// Edges returns the edges in the order in which they were added.
func (g *Graph[N, E]) Edges() []Edge[N, E] { return slices.Clone(g.edges) }

// From returns the edges from a node: what it depends on. An unknown node has none.
func (g *Graph[N, E]) From(n N) []Edge[N, E] { return g.touching(g.links.from, n) }

// To returns the edges to a node: who depends on it. An unknown node has none.
func (g *Graph[N, E]) To(n N) []Edge[N, E] { return g.touching(g.links.to, n) }

func (g *Graph[N, E]) touching(lists [][]link, n N) []Edge[N, E] {
	i, ok := g.index[n]
	if !ok {
		return nil
	}
	var out []Edge[N, E]
	for _, l := range lists[i] {
		out = append(out, g.edges[l.edge])
	}
	return out
}

// pick gives back edges for their indices; nil for none.
func (g *Graph[N, E]) pick(indices []int32) []Edge[N, E] {
	var out []Edge[N, E]
	for _, e := range indices {
		out = append(out, g.edges[e])
	}
	return out
}

// name gives back nodes for their indices; nil for none.
func (g *Graph[N, E]) name(indices []int32) []N {
	if len(indices) == 0 {
		return nil
	}
	out := make([]N, len(indices))
	for k, i := range indices {
		out[k] = g.nodes[i]
	}
	return out
}
