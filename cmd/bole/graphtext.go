package main

import (
	"fmt"
	"io"
	"strings"

	"bole/tree"
)

// printTree prints each service that nothing depends on, with what it needs below
// it. What was printed before is not unfolded again.
func printTree(w io.Writer, g *dependencies) {
	seen := map[string]bool{}
	for _, name := range g.Nodes() {
		if len(g.To(name)) == 0 {
			fmt.Fprintln(w, name)
			printBelow(w, g, name, "", seen)
		}
	}
}

// printBelow is as deep as the longest chain: bole graph is no PID 1.
func printBelow(w io.Writer, g *dependencies, name, indent string, seen map[string]bool) {
	seen[name] = true
	edges := g.From(name)
	for i, e := range edges {
		branch, below := "├─ ", "│  "
		if i == len(edges)-1 {
			branch, below = "└─ ", "   "
		}
		again := ""
		if seen[e.To] && len(g.From(e.To)) > 0 {
			again = " (see above)"
		}
		fmt.Fprintf(w, "%s%s%s %s%s\n", indent, branch, label(e.Label), e.To, again)
		if !seen[e.To] {
			printBelow(w, g, e.To, indent+below, seen)
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
