package graph_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"bole/graph"
)

func TestDOT(t *testing.T) {
	g := parse("web->app app->db:wants cron@1")
	shape := func(n string) string {
		if n == "db" {
			return `shape=box, label="the \"db\""`
		}
		return ""
	}
	style := func(e textEdge) string {
		if !hard(e.Label) {
			return "style=dashed"
		}
		return ""
	}
	var b strings.Builder
	check(t, "error", g.DOT(&b, "my tree", shape, style), nil)
	check(t, "text", b.String(), `digraph "my tree" {
	"web";
	"app";
	"db" [shape=box, label="the \"db\""];
	"cron@1";
	"web" -> "app";
	"app" -> "db" [style=dashed];
}
`)
}

func TestDOTQuotes(t *testing.T) {
	g := graph.New[string, int]()
	for _, n := range []string{"", "graph", `a"b`, `back\slash`, `end\`, `\N`, "two\nlines", "a -> b; }", "日本"} {
		g.Add(n)
	}
	var b strings.Builder
	check(t, "error", g.DOT(&b, `"`, nil, nil), nil)
	check(t, "text", b.String(), `digraph "\"" {
	"";
	"graph";
	"a\"b";
	"back\\slash";
	"end\\";
	"\\N";
	"two\nlines";
	"a -> b; }";
	"日本";
}
`)
}

func TestDOTOfNumbers(t *testing.T) {
	var g graph.Graph[int, bool]
	g.Connect(2, -1, true)
	var b strings.Builder
	check(t, "error", g.DOT(&b, "g", nil, func(e graph.Edge[int, bool]) string { return fmt.Sprint("weight=", e.From) }), nil)
	check(t, "text", b.String(), "digraph \"g\" {\n\t\"2\";\n\t\"-1\";\n\t\"2\" -> \"-1\" [weight=2];\n}\n")
}

// full is a disk without room.
type full struct{ err error }

func (f full) Write([]byte) (int, error) { return 0, f.err }

func TestDOTReportsTheWriter(t *testing.T) {
	want := errors.New("no space left on device")
	if err := parse("b->a").DOT(full{want}, "g", nil, nil); err != want {
		t.Errorf("got %v, want %v", err, want)
	}
}
