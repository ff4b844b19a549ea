package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"bole/graph"
	"bole/tree"
)

// edge and dependencies are the graph that this verb prints, by name.
type (
	edge         = graph.Edge[string, tree.Arrow]
	dependencies = graph.Graph[string, tree.Arrow]
)

func graphCommand() *cobra.Command {
	var dot, mermaid, asJSON, why bool
	cmd := &cobra.Command{
		Use:   "graph [PATH...]",
		Short: "Show who waits for whom",
		Long: `graph prints what depends on what, as a tree of text: each service with what it
needs below it. An arrow that a longer way says too is left out; --json has them all.

With --why A B it says how A comes to depend on B.`,
		Example: `  bole graph web.toml
  bole graph --dot web.toml | dot -Tsvg > web.svg
  bole graph --why nginx db web.toml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			var ends []string
			if why {
				if len(args) < 2 {
					return fmt.Errorf("--why needs two names: bole graph --why A B [PATH...]")
				}
				ends, args = args[:2], args[2:]
			}
			t, report := tree.Load(orDefault(args), tree.Options{Environ: os.Environ(), Portable: true})
			if t == nil {
				fmt.Fprint(cmd.ErrOrStderr(), report)
				return exitCode(exitDefinitions)
			}
			g := byName(t)
			switch {
			case why:
				return printWhy(out, cmd.ErrOrStderr(), t, g, ends[0], ends[1])
			case asJSON:
				return printGraphJSON(out, t)
			case dot:
				return g.Reduce().DOT(out, "bole", dotNode(t), dotEdge)
			case mermaid:
				printMermaid(out, t, g.Reduce())
			default:
				printTree(out, g.Reduce())
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&dot, "dot", false, "print it as Graphviz reads it")
	cmd.Flags().BoolVar(&mermaid, "mermaid", false, "print it as Mermaid reads it, for Markdown")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	cmd.Flags().BoolVar(&why, "why", false, "say how the first name given comes to depend on the second")
	cmd.MarkFlagsMutuallyExclusive("dot", "mermaid", "json", "why")
	return cmd
}

// byName is the tree's graph with names in the place of numbers.
func byName(t *tree.Tree) *dependencies {
	g := graph.New[string, tree.Arrow]()
	for i := range t.Services {
		g.Add(t.Services[i].Name)
	}
	for _, e := range t.Graph().Edges() {
		g.Connect(t.Services[e.From].Name, t.Services[e.To].Name, e.Label)
	}
	return g
}

// label says an arrow in words: "requires", "wants until started".
func label(a tree.Arrow) string {
	if a.Until == tree.UntilStarted {
		return a.Kind.String() + " until started"
	}
	return a.Kind.String()
}

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
			fmt.Fprintf(errs, "bole: there is no service %q\n", name)
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

// A graphService is one service of graph --json.
type graphService struct {
	Name  string      `json:"name"`
	Kind  tree.Kind   `json:"kind"`
	Needs []graphNeed `json:"needs"`
}

type graphNeed struct {
	Service string       `json:"service"`
	Kind    tree.DepKind `json:"kind"`
	Until   tree.Until   `json:"until"`
}

func printGraphJSON(w io.Writer, t *tree.Tree) error {
	out := struct {
		Services []graphService `json:"services"`
	}{[]graphService{}}
	for i := range t.Services {
		s := graphService{t.Services[i].Name, t.Services[i].Kind, []graphNeed{}}
		for _, d := range t.Services[i].Needs {
			s.Needs = append(s.Needs, graphNeed{t.Services[d.On].Name, d.Kind, d.Until})
		}
		out.Services = append(out.Services, s)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
