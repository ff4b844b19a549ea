package main

import (
	"fmt"
	"io"
	"strings"

	"bole/tree"
)

// text prints each service that nothing depends on, with what it needs below it. What
// was printed before is not unfolded again.
func (d *drawing) text(w io.Writer) {
	o := &outline{w, d.graph.Reduce(), map[string]string{}, map[string]bool{}}
	on := screenOf(w)
	for i := range d.nodes {
		n := &d.nodes[i]
		if o.said[n.name] = n.name; n.state != "" {
			o.said[n.name] += " (" + on.paint(n.shown(), n.color) + ")"
		}
	}
	for _, name := range o.graph.Nodes() {
		if len(o.graph.To(name)) == 0 {
			fmt.Fprintln(w, o.said[name])
			o.below(name, "")
		}
	}
}

// An outline is a graph as text.
type outline struct {
	w     io.Writer
	graph *dependencies
	said  map[string]string // how each service is called
	seen  map[string]bool   // it is there already
}

// below is as deep as the longest chain: bole graph is no PID 1.
func (o *outline) below(name, indent string) {
	o.seen[name] = true
	edges := o.graph.From(name)
	for i, e := range edges {
		branch, below := "├─ ", "│  "
		if i == len(edges)-1 {
			branch, below = "└─ ", "   "
		}
		again := ""
		if o.seen[e.To] && len(o.graph.From(e.To)) > 0 {
			again = " (see above)"
		}
		fmt.Fprintf(o.w, "%s%s%s %s%s\n", indent, branch, label(e.Label), o.said[e.To], again)
		if !o.seen[e.To] {
			o.below(e.To, indent+below)
		}
	}
}

// printWhy prints a shortest way from one service to another.
func printWhy(w, errs io.Writer, t *tree.Tree, g *dependencies, from, to string) error {
	for _, name := range []string{from, to} {
		if _, ok := t.Find(name); !ok {
			fmt.Fprintf(errs, "bole: there is no service %q%s\n", name, didYouMean(t, name))
			return exitCode(exitNoService)
		}
	}
	path := g.Path(from, to)
	if path == nil {
		fmt.Fprintf(w, "%s does not depend on %s\n", from, to)
		return exitCode(exitFailed)
	}
	fmt.Fprintln(w, from)
	for i, e := range path {
		fmt.Fprintf(w, "%s└─ %s %s\n", strings.Repeat("   ", i), label(e.Label), e.To)
	}
	return nil
}

// didYouMean says which name was probably meant; a bundle's is none.
func didYouMean(t *tree.Tree, name string) string {
	for i := range t.Bundles {
		if t.Bundles[i].Name == name {
			return ": it is a bundle, which stands for its members"
		}
	}
	if near := t.Closest(name); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}
