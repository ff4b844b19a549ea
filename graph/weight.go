package graph

import "slices"

// CriticalPath returns the heaviest chain of dependencies, what is depended on
// first, and its weight: the sum of its nodes', none of which may be negative. A
// chain goes down to a node that depends on nothing. Of several that weigh the same
// it is the one whose end Order has first; at each fork down from there, the edge
// that was added first. What Order misses is left out; an empty graph has no chain.
func CriticalPath[N comparable, E any, W ~int | ~int32 | ~int64 | ~float64](g *Graph[N, E], weight func(N) W) (chain []N, sum W) {
	sums := make([]W, g.Len()) // by node: the heaviest chain that ends there
	last := int32(-1)
	for _, i := range g.links.order() {
		if sums[i] = weight(g.nodes[i]); len(g.links.from[i]) > 0 {
			sums[i] += sums[heaviest(g.links.from[i], sums)]
		}
		if last < 0 || sums[i] > sums[last] {
			last = i
		}
	}
	if last < 0 {
		return nil, 0
	}
	return g.name(chainTo(last, &g.links, sums)), sums[last]
}

// heaviest returns the first of the nodes linked that has the greatest sum.
func heaviest[W ~int | ~int32 | ~int64 | ~float64](needs []link, sums []W) int32 {
	best := needs[0].node
	for _, need := range needs[1:] {
		if sums[need.node] > sums[best] {
			best = need.node
		}
	}
	return best
}

// chainTo follows the greatest sums down from the end of a chain.
func chainTo[W ~int | ~int32 | ~int64 | ~float64](end int32, l *links, sums []W) []int32 {
	chain := []int32{end}
	for needs := l.from[end]; len(needs) > 0; needs = l.from[chain[len(chain)-1]] {
		chain = append(chain, heaviest(needs, sums))
	}
	slices.Reverse(chain)
	return chain
}
