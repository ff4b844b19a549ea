package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bole/graph"
)

type (
	textGraph = graph.Graph[string, string]
	textEdge  = graph.Edge[string, string]
)

// parse reads a graph from words: "b->a" is an edge, "b->a:wants" one with a label,
// and "x" a node.
func parse(text string) *textGraph {
	g := graph.New[string, string]()
	for _, word := range strings.Fields(text) {
		from, rest, edge := strings.Cut(word, "->")
		if !edge {
			g.Add(word)
			continue
		}
		to, label, _ := strings.Cut(rest, ":")
		g.Connect(from, to, label)
	}
	return g
}

// edges writes edges as parse reads them.
func edges(list []textEdge) string {
	var words []string
	for _, e := range list {
		word := e.From + "->" + e.To
		if e.Label != "" {
			word += ":" + e.Label
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func names(list []string) string { return strings.Join(list, " ") }

// hard is an edge filter.
func hard(label string) bool { return label != "wants" }

func check(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestGraph(t *testing.T) {
	g := parse("x b->a b->a:wants c->a a b->c b->b")
	check(t, "Len", g.Len(), 4)
	check(t, "Nodes", names(g.Nodes()), "x b a c")
	check(t, "Edges", edges(g.Edges()), "b->a b->a:wants c->a b->c b->b")
	check(t, "From(b)", edges(g.From("b")), "b->a b->a:wants b->c b->b")
	check(t, "To(a)", edges(g.To("a")), "b->a b->a:wants c->a")
	check(t, "From(unknown)", edges(g.From("unknown")), "")
	check(t, "Has(x)", g.Has("x"), true)
	check(t, "Has(unknown)", g.Has("unknown"), false)
	check(t, "Len after asking for unknown ones", g.Len(), 4)
}

func TestZeroValue(t *testing.T) {
	var g textGraph
	order, ok := g.Order()
	chain, sum := graph.CriticalPath(&g, func(string) int { return 1 })
	check(t, "empty", fmt.Sprint(g.Len(), g.Has("a"), g.Nodes(), g.Edges(), g.From("a"), order, ok, g.Levels(), g.Below(nil, "a"),
		g.Cycle(), g.Path("a", "b"), chain, sum, g.Reduce().Len()), "0 false [] [] [] [] true [] [] [] [] [] 0 0")
	g.Connect("b", "a", "")
	order, ok = g.Order()
	check(t, "order", fmt.Sprint(order, ok), "[a b] true")
}

// What a caller does with a result must not reach the graph.
func TestResultsAreCopies(t *testing.T) {
	g := parse("b->a c->a")
	g.Nodes()[0] = "broken"
	g.Edges()[0].To = "broken"
	g.From("b")[0].To = "broken"
	check(t, "Nodes", names(g.Nodes()), "b a c")
	check(t, "Edges", edges(g.Edges()), "b->a c->a")
	check(t, "From", edges(g.From("b")), "b->a")
}

func TestOrder(t *testing.T) {
	for _, tt := range []struct{ name, graph, order, levels string }{
		{"empty", "", "", ""},
		{"as added", "c b a", "c b a", "c b a"},
		{"a chain", "c->b b->a", "a b c", "a | b | c"},
		{"a dependency that comes late is fetched first", "app x app->db y", "x db app y", "x db y | app"},
		{"the first added goes as soon as it may", "a b c d a->c b->d", "c a d b", "c d | a b"},
		{"a diamond", "d->b d->c b->a c->a", "a b c d", "a | b c | d"},
		{"parallel edges", "b->a b->a:wants", "a b", "a | b"},
		{"the longest way counts", "d->a d->c c->b b->a", "a b c d", "a | b | c | d"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := parse(tt.graph)
			order, ok := g.Order()
			check(t, "ok", ok, true)
			check(t, "order", names(order), tt.order)
			check(t, "levels", levels(g), tt.levels)
		})
	}
}

func levels(g *textGraph) string {
	var out []string
	for _, level := range g.Levels() {
		out = append(out, names(level))
	}
	return strings.Join(out, " | ")
}

func TestOrderOfCycle(t *testing.T) {
	for _, tt := range []struct{ name, graph, order, levels string }{
		{"itself", "x a->a", "x", "x"},
		{"two", "a->b b->a", "", ""},
		{"what it needs is there, what needs it is missing", "a->b b->a a->low top->a x->low", "low x", "low | x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := parse(tt.graph)
			order, ok := g.Order()
			check(t, "ok", ok, false)
			check(t, "order", names(order), tt.order)
			check(t, "levels", levels(g), tt.levels)
		})
	}
}

func TestClosure(t *testing.T) {
	g := parse("web->app app->db app->cache:wants cache->disk db->disk cron->app:wants x a->b b->a")
	for _, tt := range []struct{ from, below, above, hardBelow, hardAbove string }{
		{"", "", "", "", ""},
		{"x", "x", "x", "x", "x"},
		{"unknown", "", "", "", ""},
		{"app", "app db cache disk", "web app cron", "app db disk", "web app"},
		{"disk", "disk", "web app db cache disk cron", "disk", "web app db cache disk"},
		{"cache cron", "app db cache disk cron", "web app cache cron", "cache disk cron", "cache cron"},
		{"b", "a b", "a b", "a b", "a b"},
	} {
		t.Run(tt.from, func(t *testing.T) {
			from := strings.Fields(tt.from)
			check(t, "below", names(g.Below(nil, from...)), tt.below)
			check(t, "above", names(g.Above(nil, from...)), tt.above)
			check(t, "hard below", names(g.Below(hard, from...)), tt.hardBelow)
			check(t, "hard above", names(g.Above(hard, from...)), tt.hardAbove)
		})
	}
}

func TestCycle(t *testing.T) {
	for _, tt := range []struct{ name, graph, cycle string }{
		{"none", "b->a c->a c->b", ""},
		{"itself", "b->a c->b a->c a->a:wants", "a->a:wants"},
		{"begins at the node that was added first", "db app->db:after migrate->app db->migrate", "db->migrate migrate->app app->db:after"},
		{"the shortest of one component", "a->b b->c c->d d->a c->b", "b->c c->b"},
		{"the shortest of two components", "a->b b->c c->a x->y y->x a->x", "x->y y->x"},
		{"of two as short the first added", "a b y->x x->y b->a a->b", "a->b b->a"},
		{"of two ways the first added", "a->c a->b c->a b->a", "a->c c->a"},
		{"of parallel edges the first added", "a->b:wants a->b b->a", "a->b:wants b->a"},
		{"nodes on none are passed by", "top->a a->low a->b b->a b->low", "a->b b->a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			check(t, "cycle", edges(parse(tt.graph).Cycle()), tt.cycle)
		})
	}
}

func TestPath(t *testing.T) {
	for _, tt := range []struct{ name, graph, path string }{
		{"direct", "a->b", "a->b"},
		{"none", "b->a", ""},
		{"not known", "a->c", ""},
		{"the shortest", "a->x x->y y->b a->c:wants c->b", "a->c:wants c->b"},
		{"of two ways the first added", "a->d a->c c->b d->b", "a->d d->b"},
		{"round a cycle", "a->x x->a x->y y->x y->b", "a->x x->y y->b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			check(t, "path", edges(parse(tt.graph).Path("a", "b")), tt.path)
		})
	}
	check(t, "path from a node to itself", parse("a->b b->a").Path("a", "a"), []textEdge(nil))
}

func TestCriticalPath(t *testing.T) {
	for _, tt := range []struct{ name, graph, chain string }{
		{"empty", "", " 0"},
		{"a weight alone", "1a 5b 2c", "5b 5"},
		{"the sum, not the length", "1d->1c 1c->1b 1b->1a 1d->9x", "9x 1d 10"},
		{"goes down to the end", "5b->0a", "0a 5b 5"},
		{"of two ends the first in order", "3b 3c", "3b 3"},
		{"of two ways the first added", "1d->2c 1d->2b", "2c 1d 3"},
		{"a cycle is left out", "9a->9b 9b->9a 1c 9d->9a", "1c 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			chain, sum := graph.CriticalPath(parse(tt.graph), func(n string) int { return int(n[0] - '0') })
			check(t, "chain", fmt.Sprint(names(chain), " ", sum), tt.chain)
		})
	}
}

func TestReduce(t *testing.T) {
	for _, tt := range []struct{ name, graph, nodes, want string }{
		{"nothing to do", "x b->a c->a", "x b a c", "b->a c->a"},
		{"a longer way", "c->a c->b b->a", "c a b", "c->b b->a"},
		{"a much longer way", "d->a d->c:wants c->b b->a", "d a c b", "d->c:wants c->b b->a"},
		{"parallel edges stay together", "b->a b->a:wants", "b a", "b->a b->a:wants"},
		{"parallel edges go together", "c->a c->a:wants c->b b->a", "c a b", "c->b b->a"},
		{"one of two ways is longer", "r q p->r top->p top->q top->r", "r q p top", "p->r top->p top->q"},
		{"a cycle keeps its edges", "a->b b->a top->a top->b d->c d->e e->c", "a b top d c e", "a->b b->a top->a top->b d->e e->c"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := parse(tt.graph)
			got := g.Reduce()
			check(t, "nodes", names(got.Nodes()), tt.nodes)
			check(t, "edges", edges(got.Edges()), tt.want)
			for _, n := range g.Nodes() { // the graph itself is as before
				check(t, "from "+n, edges(g.From(n)), edges(parse(tt.graph).From(n)))
			}
		})
	}
}
