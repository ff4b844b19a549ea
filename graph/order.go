package graph

// Order returns the nodes so that each comes after all that it depends on; of
// those that may come next, the one that was added first does (Kahn 1962). ok is
// false if there is a cycle; then those on it, and all that depend on them, are
// missing.
func (g *Graph[N, E]) Order() (order []N, ok bool) {
	out := g.order()
	return g.name(out), len(out) == len(g.nodes)
}

func (g *Graph[N, E]) order() []int32 {
	pending := make([]int32, len(g.nodes))
	var next heap
	for i := range g.nodes {
		if pending[i] = int32(len(g.from[i])); pending[i] == 0 {
			next.push(int32(i))
		}
	}
	out := make([]int32, 0, len(g.nodes))
	for len(next) > 0 {
		i := next.pop()
		out = append(out, i)
		for _, e := range g.to[i] {
			j := g.ends[e][0]
			if pending[j]--; pending[j] == 0 {
				next.push(j)
			}
		}
	}
	return out
}

// Levels groups the nodes of a graph without cycles: level 0 depends on nothing,
// and each node is one level above the highest of what it depends on.
func (g *Graph[N, E]) Levels() [][]N {
	level := make([]int, len(g.nodes))
	var out [][]N
	for _, i := range g.order() {
		for _, e := range g.from[i] {
			level[i] = max(level[i], level[g.ends[e][1]]+1)
		}
		for len(out) <= level[i] {
			out = append(out, nil)
		}
	}
	for i, n := range g.nodes {
		if len(out) > 0 {
			out[level[i]] = append(out[level[i]], n)
		}
	}
	return out
}

// A heap gives the least of its numbers first.
type heap []int32

func (h *heap) push(x int32) {
	s := append(*h, x)
	for i := len(s) - 1; i > 0; {
		up := (i - 1) / 2
		if s[up] <= s[i] {
			break
		}
		s[up], s[i] = s[i], s[up]
		i = up
	}
	*h = s
}

func (h *heap) pop() int32 {
	s := *h
	least, last := s[0], len(s)-1
	s[0] = s[last]
	s = s[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			break
		}
		if child+1 < last && s[child+1] < s[child] {
			child++
		}
		if s[i] <= s[child] {
			break
		}
		s[i], s[child] = s[child], s[i]
		i = child
	}
	*h = s
	return least
}
