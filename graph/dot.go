package graph

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// DOT writes the graph as Graphviz reads it, under a name. node and edge give
// attributes, such as `shape=box, label="a b"`, quoted by the caller where need be, or
// nothing; nil gives none at all. The error is the writer's.
func (g *Graph[N, E]) DOT(w io.Writer, name string, node func(N) string, edge func(Edge[N, E]) string) error {
	b := bufio.NewWriter(w) // keeps the first error for Flush
	fmt.Fprintf(b, "digraph %s {\n", quote(name))
	for _, n := range g.nodes {
		fmt.Fprintf(b, "\t%s%s;\n", quote(n), attributes(node, n))
	}
	for _, e := range g.edges {
		fmt.Fprintf(b, "\t%s -> %s%s;\n", quote(e.From), quote(e.To), attributes(edge, e))
	}
	fmt.Fprintln(b, "}")
	return b.Flush()
}

func attributes[T any](of func(T) string, x T) string {
	if of == nil {
		return ""
	}
	if text := of(x); text != "" {
		return " [" + text + "]"
	}
	return ""
}

// quoted escapes the quote, as DOT asks for, and what would begin an escape or end
// the line in a label: unless said otherwise, a node's name is its label.
var quoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func quote(x any) string { return `"` + quoted.Replace(fmt.Sprint(x)) + `"` }
