package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"bole/graph"
	"bole/tree"
)

// edge and dependencies are the graph that this verb prints, by name.
type (
	edge         = graph.Edge[string, tree.Arrow]
	dependencies = graph.Graph[string, tree.Arrow]
)

// graphFlags say in which form the graph is printed; without any, as text.
type graphFlags struct{ dot, mermaid, json, why bool }

func graphCommand() *cobra.Command {
	var f graphFlags
	cmd := &cobra.Command{
		Use:   "graph [PATH...]",
		Short: "Show who waits for whom",
		Long: `graph prints what depends on what, as a tree of text: each service with what it
needs below it. An arrow that a longer way says too is left out; --json has them all.

With --why A B it says how A comes to depend on B; exit code 1 if it does not, 4 if
there is no such service.`,
		Example: `  bole graph web.toml
  bole graph --dot web.toml | dot -Tsvg > web.svg
  bole graph --why nginx db web.toml`,
		Args: func(_ *cobra.Command, args []string) error {
			if f.why && len(args) < 2 {
				return fmt.Errorf("--why needs two names: bole graph --why A B [PATH...]")
			}
			return nil
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if f.why && len(args) < 2 {
				return completeDefined()
			}
			return completePaths(cmd, args, word)
		},
		RunE: func(cmd *cobra.Command, args []string) error { return printGraph(cmd, f, args) },
	}
	cmd.Flags().BoolVar(&f.dot, "dot", false, "print it as Graphviz reads it")
	cmd.Flags().BoolVar(&f.mermaid, "mermaid", false, "print it as Mermaid reads it, for Markdown")
	cmd.Flags().BoolVar(&f.json, "json", false, "print it as JSON")
	cmd.Flags().BoolVar(&f.why, "why", false, "say how the first name given comes to depend on the second")
	cmd.MarkFlagsMutuallyExclusive("dot", "mermaid", "json", "why")
	return cmd
}

func printGraph(cmd *cobra.Command, f graphFlags, args []string) error {
	var ends []string
	if f.why {
		ends, args = args[:2], args[2:]
	}
	t, report := tree.Load(orDefault(args), tree.Options{Environ: os.Environ(), Portable: true})
	if t == nil {
		fmt.Fprint(cmd.ErrOrStderr(), report)
		return exitCode(exitDefinitions)
	}
	out, g := cmd.OutOrStdout(), byName(t)
	switch {
	case f.why:
		return printWhy(out, cmd.ErrOrStderr(), t, g, ends[0], ends[1])
	case f.json:
		return printJSON(out, graphJSON(t))
	case f.dot:
		return g.Reduce().DOT(out, "bole", dotNode(t), dotEdge)
	case f.mermaid:
		printMermaid(out, t, g.Reduce())
	default:
		printTree(out, g.Reduce())
	}
	return nil
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

// graphJSON is what graph --json prints: every dependency, in the order of starts.
func graphJSON(t *tree.Tree) any {
	services := []graphService{}
	for i := range t.Services {
		s := graphService{t.Services[i].Name, t.Services[i].Kind, []graphNeed{}}
		for _, d := range t.Services[i].Needs {
			s.Needs = append(s.Needs, graphNeed{t.Services[d.On].Name, d.Kind, d.Until})
		}
		services = append(services, s)
	}
	return map[string]any{"services": services}
}
