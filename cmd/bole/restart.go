package main

import (
	"github.com/spf13/cobra"

	"bole/tree/control"
)

func restartCommand() *cobra.Command {
	var c change
	var dependents bool
	cmd := &cobra.Command{
		Use:   "restart NAME...",
		Short: "Stop services and start them again",
		Long: `restart has services run by new processes, and starts those that are down. What merely
requires them goes on running; what binds them goes down and comes back with them, and
with --with-dependents so does all that requires them.

` + changeExits,
		Example: `  bole restart app
  bole restart db --with-dependents`,
		Args:              someService,
		ValidArgsFunction: completeRunning,
		RunE: func(cmd *cobra.Command, names []string) error {
			return c.run(cmd, control.Action{Verb: "restart", Services: names, Dependents: dependents})
		},
	}
	c.flags(cmd)
	dependentsFlag(cmd, &dependents)
	return cmd
}

func dependentsFlag(cmd *cobra.Command, dependents *bool) {
	cmd.Flags().BoolVar(dependents, "with-dependents", false, "restart what requires them too")
}
