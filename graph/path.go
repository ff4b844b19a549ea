package graph

import "slices"

// Path returns a shortest path of dependencies from one node to another; nil if
// there is none, if they are the same, or if one is unknown. Of several it is the
// one that takes, at the first fork, the edge that was added first.
func (g *Graph[N, E]) Path(from, to N) []Edge[N, E] {
	i, ok := g.index[from]
	j, known := g.index[to]
	if !ok || !known || i == j {
		return nil
	}
	return g.pick(newWalk(&g.links).path(i, j, g.Len()))
}

// A walk searches breadth first, again and again without new memory.
type walk struct {
	links *links
	room  []int32 // by node: a walk does not leave the room that it begins in
	turn  int32   // the number of this search
	seen  []int32 // by node: the last search that came there
	came  []step  // this search's nodes, in the order in which it came there
	work  int     // edges looked at, in all searches
}

// A step is how a search came to a node.
type step struct {
	node, edge int32
	before     int32 // the step before, as an index; -1 for none
}

func newWalk(l *links) *walk {
	return &walk{links: l, room: make([]int32, l.len()), seen: make([]int32, l.len())}
}

// path returns the edges of a shortest path of one edge at least and most at most;
// nil if there is none. From a node to itself it is the shortest cycle through it.
func (w *walk) path(from, to int32, most int) []int32 {
	w.turn++
	w.came = append(w.came[:0], step{from, -1, -1})
	for k, steps := 0, 0; steps < most; steps++ {
		end := len(w.came)
		if k == end {
			return nil
		}
		for ; k < end; k++ {
			if w.expand(k, to) {
				return w.back()
			}
		}
	}
	return nil
}

// expand goes on from a step to all nodes that were not seen yet. It stops at the
// node looked for, which then is the last step.
func (w *walk) expand(k int, to int32) (found bool) {
	i := w.came[k].node
	w.work += len(w.links.from[i])
	for _, l := range w.links.from[i] {
		if w.seen[l.node] == w.turn || w.room[l.node] != w.room[i] {
			continue
		}
		w.seen[l.node] = w.turn
		w.came = append(w.came, step{l.node, l.edge, int32(k)})
		if l.node == to {
			return true
		}
	}
	return false
}

// back returns the edges that led to the last step.
func (w *walk) back() []int32 {
	var path []int32
	for k := int32(len(w.came) - 1); w.came[k].before >= 0; k = w.came[k].before {
		path = append(path, w.came[k].edge)
	}
	slices.Reverse(path)
	return path
}
