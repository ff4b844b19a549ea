package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// fills are what a service is filled with in an image, by the colour of its state; paler,
// for text is to be read on it.
var fills = map[int]struct{ class, color string }{
	green: {"well", "#d3f9d8"}, yellow: {"underway", "#fff3bf"}, red: {"ill", "#ffc9c9"}, dim: {"down", "#e9ecef"},
}

// dotNode gives a node's attributes. A oneshot is a box.
func (d *drawing) dotNode() func(string) string {
	named := map[string]*node{}
	for i := range d.nodes {
		named[d.nodes[i].name] = &d.nodes[i]
	}
	return func(name string) string {
		var a []string
		n := named[name]
		if n.oneshot {
			a = append(a, "shape=box")
		}
		if n.state != "" {
			a = append(a, fmt.Sprintf(`label="%s\n%s", style=filled, fillcolor="%s"`, n.name, n.shown(), fills[n.color].color))
		}
		return strings.Join(a, ", ")
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

func (d *drawing) mermaid(w io.Writer) {
	fmt.Fprintln(w, "flowchart LR")
	classes, numbers := map[string]string{}, map[string]int{}
	for i := range d.nodes {
		n := &d.nodes[i]
		numbers[n.name] = i
		shape, text, class := [2]string{"(", ")"}, n.name, ""
		if n.oneshot {
			shape = [2]string{"[", "]"}
		}
		if n.state != "" {
			f := fills[n.color]
			text, class, classes[f.class] = n.name+"<br>"+n.shown(), ":::"+f.class, f.color
		}
		fmt.Fprintf(w, "  s%d%s%q%s%s\n", i, shape[0], text, shape[1], class)
	}
	for _, e := range d.graph.Reduce().Edges() {
		arrow := "-->"
		if !e.Label.Kind.Hard() {
			arrow = "-.->"
		}
		fmt.Fprintf(w, "  s%d %s|%s| s%d\n", numbers[e.From], arrow, label(e.Label), numbers[e.To])
	}
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		fmt.Fprintf(w, "  classDef %s fill:%s,color:#212529\n", class, classes[class])
	}
}
