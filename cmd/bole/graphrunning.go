package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"bole/graph"
	"bole/tree"
	"bole/tree/control"
)

// graphRunning prints the tree that runs.
func graphRunning(cmd *cobra.Command, f graphFlags) error {
	return ask(cmd, f.socket, func(ctx context.Context, c *control.Client) error {
		s, err := c.Status(ctx)
		if err != nil {
			return err
		}
		return drawingOfRunning(s).print(cmd.OutOrStdout(), f)
	})
}

// drawingOfRunning is the graph of a running tree, with states.
func drawingOfRunning(s *control.Status) *drawing {
	d := &drawing{graph: graph.New[string, tree.Arrow]()}
	for i := range s.Services {
		x := &s.Services[i]
		d.graph.Add(x.Name)
		d.nodes = append(d.nodes, node{x.Name, x.Kind == tree.Oneshot.String(), x.State, x.Healthy, renditionOf(x)})
	}
	for i := range s.Services {
		d.connect(&s.Services[i])
	}
	return d
}

// connect adds all that a service depends on.
func (d *drawing) connect(x *control.Service) {
	for kind, names := range [...][]string{tree.After: x.After, tree.Wants: x.Wants, tree.Requires: x.Requires, tree.Binds: x.Binds} {
		for _, name := range names {
			a := tree.Arrow{Kind: tree.DepKind(kind), Until: tree.UntilReady}
			if slices.Contains(x.Started, name) {
				a.Until = tree.UntilStarted
			}
			d.graph.Connect(x.Name, name, a)
		}
	}
}
