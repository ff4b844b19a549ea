package engine

import (
	"fmt"
	"testing"
	"time"

	"bole/tree"
)

// BenchmarkTree boots a tree of 1000 services and tears it down, in a world that
// does at once what it is asked to: a chain, a star, and services on their own.
func BenchmarkTree(b *testing.B) {
	shapes := map[string]func(i int) []tree.Dep{
		"apart": func(int) []tree.Dep { return nil },
		"chain": func(i int) []tree.Dep {
			return []tree.Dep{{On: tree.ID(i - 1), Kind: tree.Requires, Until: tree.UntilReady}}
		},
		"star": func(int) []tree.Dep { return []tree.Dep{{On: 0, Kind: tree.Binds, Until: tree.UntilReady}} },
	}
	for name, needs := range shapes {
		b.Run(name, func(b *testing.B) {
			t := bigTree(1000, needs)
			for b.Loop() {
				bootAndEnd(New(t, 1))
			}
		})
	}
}

func bigTree(n int, needs func(int) []tree.Dep) *tree.Tree {
	var services []tree.Service
	settings := tree.Settings{ShutdownTimeout: 9 * time.Second}
	for i := range n {
		s := newLongrun(fmt.Sprint("s", i))
		if i > 0 {
			s.Needs = needs(i)
		}
		services = append(services, s)
		settings.Start = append(settings.Start, tree.ID(i))
	}
	return tree.Assemble(services, nil, settings)
}

// bootAndEnd answers every Spawn with Spawned and every Kill with Exited.
func bootAndEnd(e *Engine) {
	var todo []Event
	answer := func(effects []Effect) {
		for _, ef := range effects {
			switch ef := ef.(type) {
			case Spawn:
				todo = append(todo, Spawned{ef.Run})
			case Kill:
				todo = append(todo, Exited{Run: ef.Run})
			}
		}
	}
	for _, begin := range []Event{Boot{}, Shutdown{}} {
		for todo = []Event{begin}; len(todo) > 0; {
			next := todo[0]
			todo = todo[1:]
			answer(e.Step(0, next))
		}
	}
	if !e.Snapshot().Over {
		panic("it is not over")
	}
}
