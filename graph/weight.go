package graph

import "slices"

// CriticalPath returns the heaviest chain of dependencies of a graph without
// cycles, what is depended on first, and its weight: the sum of its nodes'. An empty
// graph has none.
func CriticalPath[N comparable, E any, W ~int | ~int32 | ~int64 | ~float64](g *Graph[N, E], weight func(N) W) ([]N, W) {
	sum, below := make([]W, len(g.nodes)), make([]int32, len(g.nodes))
	heaviest := int32(-1)
	for _, i := range g.order() {
		below[i] = -1
		for _, e := range g.from[i] {
			if j := g.ends[e][1]; below[i] < 0 || sum[j] > sum[below[i]] {
				below[i] = j
			}
		}
		if sum[i] = weight(g.nodes[i]); below[i] >= 0 {
			sum[i] += sum[below[i]]
		}
		if heaviest < 0 || sum[i] > sum[heaviest] {
			heaviest = i
		}
	}
	if heaviest < 0 {
		return nil, 0
	}
	total := sum[heaviest]
	var path []int32
	for i := heaviest; i >= 0; i = below[i] {
		path = append(path, i)
	}
	slices.Reverse(path)
	return g.name(path), total
}
