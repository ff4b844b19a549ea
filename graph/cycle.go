package graph

// Cycle returns a shortest cycle of the whole graph as its edges, beginning at the
// node of it that was added first; nil if there is none.
func (g *Graph[N, E]) Cycle() []Edge[N, E] {
	component, size := g.components()
	var best []int32
	for i := range g.nodes {
		if size[component[i]] == 1 && !g.selfEdge(int32(i)) {
			continue
		}
		most := len(g.nodes)
		if best != nil {
			most = len(best) - 1
		}
		if found := g.search(int32(i), int32(i), component, most); found != nil {
			best = found
		}
		if len(best) == 1 {
			break
		}
	}
	if best == nil {
		return nil
	}
	return g.pick(best)
}

func (g *Graph[N, E]) selfEdge(i int32) bool {
	for _, e := range g.from[i] {
		if g.ends[e][1] == i {
			return true
		}
	}
	return false
}

// components finds the strongly connected components (Tarjan 1972), with a stack
// of its own instead of recursion: the component of each node, and the size of each.
func (g *Graph[N, E]) components() (component []int32, size []int) {
	n := len(g.nodes)
	component = make([]int32, n)
	t := tarjan{number: make([]int32, n), low: make([]int32, n), edge: make([]int, n)}
	for i := range component {
		component[i] = -1
	}
	for root := range g.nodes {
		if t.number[root] != 0 {
			continue
		}
		t.open(int32(root))
		for len(t.path) > 0 {
			i := t.path[len(t.path)-1]
			if t.edge[i] < len(g.from[i]) {
				j := g.ends[g.from[i][t.edge[i]]][1]
				t.edge[i]++
				if t.number[j] == 0 {
					t.open(j)
				} else if component[j] < 0 {
					t.low[i] = min(t.low[i], t.number[j])
				}
				continue
			}
			if t.low[i] == t.number[i] {
				size = append(size, t.close(i, component, int32(len(size))))
			}
			t.leave(i)
		}
	}
	return component, size
}

// tarjan is the state of one search for components.
type tarjan struct {
	number, low []int32 // by node, from 1; 0: not seen
	edge        []int   // by node: the next edge to follow
	path        []int32 // from the root to the node at hand
	stack       []int32 // nodes seen that are in no component yet
	count       int32
}

func (t *tarjan) open(i int32) {
	t.count++
	t.number[i], t.low[i] = t.count, t.count
	t.path, t.stack = append(t.path, i), append(t.stack, i)
}

func (t *tarjan) close(root int32, component []int32, c int32) (size int) {
	for {
		i := t.stack[len(t.stack)-1]
		t.stack = t.stack[:len(t.stack)-1]
		component[i] = c
		size++
		if i == root {
			return size
		}
	}
}

func (t *tarjan) leave(i int32) {
	t.path = t.path[:len(t.path)-1]
	if len(t.path) > 0 {
		up := t.path[len(t.path)-1]
		t.low[up] = min(t.low[up], t.low[i])
	}
}
