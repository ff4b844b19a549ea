package main

import (
	"fmt"
	"io"
	"strings"

	"bole/tree"
)

func dotNode(t *tree.Tree) func(string) string {
	return func(name string) string {
		if id, _ := t.Find(name); t.Services[id].Kind == tree.Oneshot {
			return "shape=box"
		}
		return ""
	}
}

// dotEdge draws what is not needed dashed, and names what is not the usual.
func dotEdge(e edge) string {
	var a []string
	if !e.Label.Kind.Hard() {
		a = append(a, "style=dashed")
	}
	if text := label(e.Label); text != "requires" {
		a = append(a, fmt.Sprintf("label=%q", text))
	}
	return strings.Join(a, ", ")
}

func printMermaid(w io.Writer, t *tree.Tree, g *dependencies) {
	fmt.Fprintln(w, "flowchart LR")
	for i := range t.Services {
		shape := [2]string{"(", ")"}
		if t.Services[i].Kind == tree.Oneshot {
			shape = [2]string{"[", "]"}
		}
		fmt.Fprintf(w, "  s%d%s%q%s\n", i, shape[0], t.Services[i].Name, shape[1])
	}
	for _, e := range g.Edges() {
		from, _ := t.Find(e.From)
		to, _ := t.Find(e.To)
		arrow := "-->"
		if !e.Label.Kind.Hard() {
			arrow = "-.->"
		}
		fmt.Fprintf(w, "  s%d %s|%s| s%d\n", from, arrow, label(e.Label), to)
	}
}
