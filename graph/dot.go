package graph

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// DOT writes the graph as Graphviz reads it. node and edge give attributes, such
// as "shape=box", or nothing; nil gives none at all.
func (g *Graph[N, E]) DOT(w io.Writer, name string, node func(N) string, edge func(Edge[N, E]) string) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "digraph %s {\n", quote(name))
	for _, n := range g.nodes {
		a := ""
		if node != nil {
			a = node(n)
		}
		fmt.Fprintf(b, "\t%s%s;\n", quote(fmt.Sprint(n)), attributes(a))
	}
	for _, e := range g.edges {
		a := ""
		if edge != nil {
			a = edge(e)
		}
		fmt.Fprintf(b, "\t%s -> %s%s;\n", quote(fmt.Sprint(e.From)), quote(fmt.Sprint(e.To)), attributes(a))
	}
	fmt.Fprintln(b, "}")
	return b.Flush()
}

func attributes(text string) string {
	if text == "" {
		return ""
	}
	return " [" + text + "]"
}

// quote is a string as DOT has them: only the quote itself is escaped, and a
// backslash, which would begin an escape.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
