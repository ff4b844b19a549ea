package graph

// Order returns the nodes so that each comes after all that it depends on; of those
// that may come next, the one that was added first does (Kahn 1962). ok is false if
// there is a cycle: then the nodes on cycles, and all that depend on them, are
// missing.
func (g *Graph[N, E]) Order() (order []N, ok bool) {
	out := g.links.order()
	return g.name(out), len(out) == g.Len()
}

// Levels groups the nodes: level 0 depends on nothing, and each node is one level
// above the highest of what it depends on. Within a level the nodes are as they were
// added. What Order misses is missing here.
func (g *Graph[N, E]) Levels() [][]N {
	var out [][]N
	for i, level := range g.links.levels() {
		if level < 0 {
			continue
		}
		for len(out) <= level {
			out = append(out, nil)
		}
		out[level] = append(out[level], g.nodes[i])
	}
	return out
}

func (l *links) order() []int32 {
	pending := make([]int32, l.len())
	var next heap
	for i, needs := range l.from {
		if pending[i] = int32(len(needs)); pending[i] == 0 {
			next.push(int32(i))
		}
	}
	out := make([]int32, 0, l.len())
	for len(next) > 0 {
		i := next.pop()
		out = append(out, i)
		for _, by := range l.to[i] {
			if pending[by.node]--; pending[by.node] == 0 {
				next.push(by.node)
			}
		}
	}
	return out
}

// levels is the level of each node, -1 for those that have none.
func (l *links) levels() []int {
	level := make([]int, l.len())
	for i := range level {
		level[i] = -1
	}
	for _, i := range l.order() {
		level[i] = 0
		for _, need := range l.from[i] {
			level[i] = max(level[i], level[need.node]+1)
		}
	}
	return level
}

// A heap gives the least of its numbers first.
type heap []int32

func (h *heap) push(x int32) {
	s := append(*h, x)
	i := len(s) - 1
	for i > 0 && s[(i-1)/2] > x {
		s[i] = s[(i-1)/2]
		i = (i - 1) / 2
	}
	s[i] = x
	*h = s
}

func (h *heap) pop() int32 {
	s := *h
	least, x := s[0], s[len(s)-1]
	s = s[:len(s)-1]
	*h = s
	if len(s) > 0 {
		s.sink(x)
	}
	return least
}

// sink puts a number into the gap at the top, or as far below as it belongs.
func (h heap) sink(x int32) {
	i := 0
	for {
		child := 2*i + 1
		if child+1 < len(h) && h[child+1] < h[child] {
			child++
		}
		if child >= len(h) || x <= h[child] {
			break
		}
		h[i] = h[child]
		i = child
	}
	h[i] = x
}
