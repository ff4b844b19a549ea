package graph

import (
	"math"
	"slices"
)

// Cycle returns a shortest cycle of the whole graph as its edges, beginning at the
// node of it that was added first; nil if there is none. Of several it is the same
// one for the same calls. An edge from a node to itself is a cycle of one.
func (g *Graph[N, E]) Cycle() []Edge[N, E] {
	cycle := g.pick(g.links.cycle())
	first := 0
	for k, e := range cycle {
		if g.index[e.From] < g.index[cycle[first].From] {
			first = k
		}
	}
	return slices.Concat(cycle[first:], cycle[:first])
}

// cycle searches for the shortest way back to a node, from so many nodes that no
// cycle misses all of them. Three more things bound the work: a search stays within
// a strongly connected component, it ends where it could no longer beat the best
// cycle so far, and a node that was searched from is taken out, for all that leads
// through it is known. What is left falls apart into smaller components: they are
// found anew whenever the searches cost as much as finding them, so that they never
// make up more than half of the work.
func (l *links) cycle() []int32 {
	w := newWalk(l)
	t := newTarjan(l, w.room)
	t.components()
	var best []int32
	for _, gate := range w.gates() {
		if w.room[gate] == gone {
			continue
		}
		if found := w.path(gate, gate, shorter(best)); found != nil {
			best = found
		}
		w.room[gate] = gone
		if w.work > t.work {
			w.work = 0
			t.components()
		}
	}
	return best
}

// shorter is how many edges a cycle may have to beat the best one.
func shorter(best []int32) int {
	if best == nil {
		return math.MaxInt
	}
	return len(best) - 1
}

// gates returns nodes, in the order in which they were added, of which every cycle
// has one. Each node of a component gets a level: how far it is from the node of the
// component that was added first. A cycle comes back to the level where it began, so
// not all of its edges can lead one level up, and a gate is where another one leads.
// The longer the shortest cycle, the fewer the gates; with many, searches are short.
func (w *walk) gates() []int32 {
	level := w.levels()
	gate := make([]bool, w.links.len())
	for i, edges := range w.links.from {
		for _, l := range edges {
			if w.room[i] != gone && w.room[l.node] == w.room[i] && level[l.node] != level[i]+1 {
				gate[l.node] = true
			}
		}
	}
	var gates []int32
	for i := range gate {
		if gate[i] {
			gates = append(gates, int32(i))
		}
	}
	return gates
}

func (w *walk) levels() []int32 {
	level := make([]int32, w.links.len())
	w.turn++
	for root := range level {
		if w.room[root] == gone || w.seen[root] == w.turn {
			continue
		}
		w.seen[root] = w.turn
		w.came = append(w.came[:0], step{int32(root), -1, -1})
		for k := 0; k < len(w.came); k++ {
			if s := w.came[k]; s.before >= 0 {
				level[s.node] = level[w.came[s.before].node] + 1
			}
			w.expand(k, -1)
		}
	}
	return level
}

const (
	gone   = -1            // the room of nodes that are on no further cycle
	closed = math.MaxInt32 // the number of nodes whose component is complete: below nothing
)

// A tarjan finds strongly connected components (Tarjan 1972), with a stack of its
// own instead of recursion.
type tarjan struct {
	links  *links
	room   []int32 // by node: its component's number, or gone
	number []int32 // by node: when the search came there, from 1; 0: not yet
	low    []int32 // by node: the least number that it is known to lead back to
	next   []int32 // by node: the next edge to follow
	path   []int32 // from the root to the node at hand
	open   []int32 // nodes seen whose component is not complete yet
	count  int32   // nodes seen
	work   int     // edges looked at, in the last run
}

func newTarjan(l *links, room []int32) *tarjan {
	n := l.len()
	return &tarjan{links: l, room: room, number: make([]int32, n), low: make([]int32, n), next: make([]int32, n)}
}

// components gives each node the number of its component as its room. A node that
// is on no cycle is gone, and so stays what was gone before.
func (t *tarjan) components() {
	clear(t.number)
	clear(t.next)
	t.count, t.work = 0, len(t.number)
	for root := range t.number {
		if t.room[root] == gone || t.number[root] != 0 {
			continue
		}
		t.enter(int32(root))
		for len(t.path) > 0 {
			t.step()
		}
	}
}

// step follows one edge of the node at hand, or leaves it when there is none left.
func (t *tarjan) step() {
	i := t.path[len(t.path)-1]
	edges := t.links.from[i]
	if int(t.next[i]) == len(edges) {
		t.leave(i)
		return
	}
	j := edges[t.next[i]].node
	t.next[i]++
	t.work++
	switch {
	case t.room[j] == gone:
	case t.number[j] == 0:
		t.enter(j)
	default:
		t.low[i] = min(t.low[i], t.number[j])
	}
}

func (t *tarjan) enter(i int32) {
	t.count++
	t.number[i], t.low[i] = t.count, t.count
	t.path, t.open = append(t.path, i), append(t.open, i)
}

func (t *tarjan) leave(i int32) {
	t.path = t.path[:len(t.path)-1]
	if t.low[i] == t.number[i] {
		t.close(i)
	}
	if len(t.path) > 0 {
		up := t.path[len(t.path)-1]
		t.low[up] = min(t.low[up], t.low[i])
	}
}

// close makes a component of a node and of all that is still open after it.
func (t *tarjan) close(root int32) {
	room, k := t.number[root], len(t.open)-1
	for t.open[k] != root {
		k--
	}
	if k == len(t.open)-1 && !t.links.leadsTo(root, root) {
		room = gone
	}
	for _, i := range t.open[k:] {
		t.room[i], t.number[i] = room, closed
	}
	t.open = t.open[:k]
}

func (l *links) leadsTo(from, to int32) bool {
	return slices.ContainsFunc(l.from[from], func(x link) bool { return x.node == to })
}
