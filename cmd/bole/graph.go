package main

import (
	"fmt"
	"io"
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
type graphFlags struct {
	dot, mermaid, json, why bool
	running                 bool
	socket                  string
}

func graphCommand() *cobra.Command {
	var f graphFlags
	cmd := &cobra.Command{
		Use:   "graph [PATH...]",
		Short: "Show who waits for whom",
		Long: `graph prints what depends on what, as a tree of text: each service with what it
needs below it. An arrow that a longer way says too is left out; --json has them all.

With --why A B it says how A comes to depend on B; exit code 1 if it does not, 4 if
there is no such service. With --running it shows the tree that runs, and the state of
each service; exit code 3 if no bole is running.`,
		Example: `  bole graph web.toml
  bole graph --dot web.toml | dot -Tsvg > web.svg
  bole graph --why nginx db web.toml
  bole graph --running`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case f.why && len(args) < 2:
				return fmt.Errorf("--why needs two names: bole graph --why A B [PATH...]")
			case f.running && len(args) > 0:
				return fmt.Errorf("--running takes no PATH: it asks the tree that runs")
			}
			return nil
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if f.why && len(args) < 2 {
				return completeDefined()
			}
			return completePaths(cmd, args, word)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.running {
				return graphRunning(cmd, f)
			}
			return printGraph(cmd, f, args)
		},
	}
	socketFlag(cmd, &f.socket)
	cmd.Flags().BoolVar(&f.running, "running", false, "show the tree that runs, with the state of each service")
	cmd.Flags().BoolVar(&f.dot, "dot", false, "print it as Graphviz reads it")
	cmd.Flags().BoolVar(&f.mermaid, "mermaid", false, "print it as Mermaid reads it, for Markdown")
	cmd.Flags().BoolVar(&f.json, "json", false, "print it as JSON")
	cmd.Flags().BoolVar(&f.why, "why", false, "say how the first name given comes to depend on the second")
	cmd.MarkFlagsMutuallyExclusive("dot", "mermaid", "json", "why")
	cmd.MarkFlagsMutuallyExclusive("running", "why")
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
	d := drawingOf(t)
	if f.why {
		return printWhy(cmd.OutOrStdout(), cmd.ErrOrStderr(), t, d.graph, ends[0], ends[1])
	}
	return d.print(cmd.OutOrStdout(), f)
}

// A drawing is a graph by names, and what else is shown of each service.
type drawing struct {
	graph *dependencies
	nodes []node
}

type node struct {
	name    string
	oneshot bool
	state   string // "": nobody has asked whether it runs
	healthy *bool  // null: nor for its health
	color   int    // of the state
}

// shown is the state for people.
func (n *node) shown() string {
	if n.healthy != nil && !*n.healthy {
		return n.state + ", unhealthy"
	}
	return n.state
}

func (d *drawing) print(w io.Writer, f graphFlags) error {
	switch {
	case f.json:
		return printJSON(w, d.json())
	case f.dot:
		return d.graph.Reduce().DOT(w, "bole", d.dotNode(), dotEdge)
	case f.mermaid:
		d.mermaid(w)
	default:
		d.text(w)
	}
	return nil
}

// drawingOf is the graph of definitions.
func drawingOf(t *tree.Tree) *drawing {
	d := &drawing{graph: graph.New[string, tree.Arrow]()}
	for i := range t.Services {
		s := &t.Services[i]
		d.graph.Add(s.Name)
		d.nodes = append(d.nodes, node{name: s.Name, oneshot: s.Kind == tree.Oneshot})
	}
	for _, e := range t.Graph().Edges() {
		d.graph.Connect(t.Services[e.From].Name, t.Services[e.To].Name, e.Label)
	}
	return d
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
	Name    string      `json:"name"`
	Kind    tree.Kind   `json:"kind"`
	State   string      `json:"state,omitempty"`
	Healthy *bool       `json:"healthy,omitempty"`
	Needs   []graphNeed `json:"needs"`
}

type graphNeed struct {
	Service string       `json:"service"`
	Kind    tree.DepKind `json:"kind"`
	Until   tree.Until   `json:"until"`
}

// json is what graph --json prints: every dependency, in the order of starts.
func (d *drawing) json() any {
	services := []graphService{}
	for _, n := range d.nodes {
		s := graphService{n.name, tree.Longrun, n.state, n.healthy, []graphNeed{}}
		if n.oneshot {
			s.Kind = tree.Oneshot
		}
		for _, e := range d.graph.From(n.name) {
			s.Needs = append(s.Needs, graphNeed{e.To, e.Label.Kind, e.Label.Until})
		}
		services = append(services, s)
	}
	return map[string]any{"services": services}
}
