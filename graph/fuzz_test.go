package graph_test

import (
	"slices"
	"strings"
	"testing"

	"bole/graph"
)

// fromBytes reads a graph: two bytes are an edge, an odd one at the end a node.
func fromBytes(data []byte) *numbered {
	g := graph.New[int, int]()
	for len(data) > 1 {
		g.Connect(int(data[0]), int(data[1]), g.Len())
		data = data[2:]
	}
	if len(data) == 1 {
		g.Add(int(data[0]))
	}
	return g
}

func FuzzGraph(f *testing.F) {
	for _, seed := range []string{"", "a", "aa", "abbcca", "abacbdcdadx", "abbaxyyxax", "abbccddeea", "baababba"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 200 {
			t.Skip("it is the shape that counts, not the size")
		}
		g := fromBytes(data)
		order, ok := g.Order()
		fuzzOrder(t, g, order)
		fuzzCycle(t, g, ok)
		fuzzClosure(t, g)
		fuzzReduce(t, g, ok)
		chain, sum := graph.CriticalPath(g, func(int) int { return 1 })
		if levels := g.Levels(); len(chain) != len(levels) || sum != len(levels) {
			t.Errorf("the longest chain is %v, %d nodes, but there are %d levels", chain, sum, len(levels))
		}
	})
}

func fuzzOrder(t *testing.T, g *numbered, order []int) {
	at := map[int]int{}
	for k, n := range order {
		at[n] = k
	}
	for _, e := range g.Edges() {
		from, ok := at[e.From]
		to, known := at[e.To]
		if ok && (!known || to >= from) {
			t.Errorf("%d depends on %d, but the order is %v", e.From, e.To, order)
		}
	}
}

func fuzzCycle(t *testing.T, g *numbered, ordered bool) {
	cycle := g.Cycle()
	if (cycle == nil) != ordered {
		t.Errorf("ordered is %v, but the cycle is %v", ordered, cycle)
	}
	for k, e := range cycle {
		if !slices.Contains(g.From(e.From), e) || cycle[(k+1)%len(cycle)].From != e.To {
			t.Errorf("no cycle: %v", cycle)
		}
		if back := g.Path(e.To, e.From); len(back) != len(cycle)-1 {
			t.Errorf("the cycle %v is not the shortest: %v", cycle, back)
		}
	}
}

func fuzzClosure(t *testing.T, g *numbered) {
	for _, n := range g.Nodes()[:min(g.Len(), 3)] {
		for _, m := range g.Below(nil, n) {
			if m != n && g.Path(n, m) == nil {
				t.Errorf("%d is below %d, but no path leads there", m, n)
			}
			if !slices.Contains(g.Above(nil, m), n) {
				t.Errorf("%d is below %d, but %d is not above %d", m, n, n, m)
			}
		}
	}
}

func fuzzReduce(t *testing.T, g *numbered, ordered bool) {
	reduced := g.Reduce()
	for _, n := range g.Nodes() {
		if got, want := reduced.Below(nil, n), g.Below(nil, n); !slices.Equal(got, want) {
			t.Errorf("below %d is %v, reduced %v", n, want, got)
		}
	}
	if again := reduced.Reduce(); ordered && !slices.Equal(again.Edges(), reduced.Edges()) {
		t.Errorf("reduced: %v; once more: %v", reduced.Edges(), again.Edges())
	}
}

// FuzzDOT reads back the name that was written, as Graphviz reads labels.
func FuzzDOT(f *testing.F) {
	for _, seed := range []string{"", "db", `"`, `\`, `\"`, `\\"`, `a\n`, "a\nb", `"]; x`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		var g graph.Graph[string, int]
		g.Add(name)
		var b strings.Builder
		if err := g.DOT(&b, "g", nil, nil); err != nil {
			t.Fatal(err)
		}
		text, ok := strings.CutPrefix(b.String(), "digraph \"g\" {\n\t\"")
		got, rest := unquote(text)
		if !ok || got != name || rest != ";\n}\n" {
			t.Errorf("%q was written as\n%s\nand reads as %q", name, b.String(), got)
		}
	})
}

// unquote reads to the quote at the end of a string, and returns what comes after it.
func unquote(s string) (text, rest string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:]
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteString(strings.ReplaceAll(s[i:i+1], "n", "\n"))
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}
