package graph_test

import (
	"runtime/debug"
	"sync"
	"testing"

	"bole/graph"
)

// chain is n nodes, each of which depends on the one before.
func chain(n int) *numbered {
	g := graph.New[int, int]()
	for i := 1; i < n; i++ {
		g.Connect(i, i-1, i)
	}
	return g
}

// A stack that overflows ends PID 1, and no recover helps. This test would end the
// same way, with so little of it.
func TestDepthTakesNoStack(t *testing.T) {
	const n = 10_000
	defer debug.SetMaxStack(debug.SetMaxStack(64 << 10))
	g := chain(n)
	done := make(chan bool) // with a stack of its own, which has not grown yet
	go func() {
		defer close(done)
		order, _ := g.Order()
		_, sum := graph.CriticalPath(g, func(int) int { return 1 })
		g.Reduce()
		for what, got := range map[string]int{"Order": len(order), "Levels": len(g.Levels()), "Below": len(g.Below(nil, n-1)),
			"Above": len(g.Above(nil, 0)), "Path": len(g.Path(n-1, 0)) + 1, "CriticalPath": sum} {
			check(t, what, got, n)
		}
		g.Connect(0, n-1, n)
		check(t, "Cycle", len(g.Cycle()), n)
	}()
	<-done
}

// Several goroutines may read at once: the race detector looks on.
func TestReadersShareGraph(t *testing.T) {
	g := parse("a->b b->c a->c c->d d->c")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			g.Order()
			g.Levels()
			g.Cycle()
			g.Path("a", "d")
			g.Below(nil, "a")
			g.Above(nil, "d")
			g.Reduce()
			graph.CriticalPath(g, func(string) int { return 1 })
		})
	}
	all.Wait()
}
