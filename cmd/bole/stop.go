package main

import (
	"github.com/spf13/cobra"

	"bole/tree/control"
)

func stopCommand() *cobra.Command {
	var c change
	cmd := &cobra.Command{
		Use:   "stop NAME...",
		Short: "Stop services, after all that require them",
		Long: `stop has services down, and before them what requires or binds them, and waits until no
process of them is left. What they require stays up. They are not started again until
somebody asks for that.

` + changeExits,
		Example: `  bole plan stop db             what would that stop?
  bole stop db`,
		Args:              someService,
		ValidArgsFunction: completeRunning,
		RunE: func(cmd *cobra.Command, names []string) error {
			return c.run(cmd, control.Action{Verb: "stop", Services: names})
		},
	}
	c.flags(cmd)
	return cmd
}
