package main

import (
	"github.com/spf13/cobra"

	"bole/tree/control"
)

func startCommand() *cobra.Command {
	var c change
	cmd := &cobra.Command{
		Use:   "start NAME...",
		Short: "Start services, with all that they require",
		Long: `start has services up, and with them what they require or want, and waits until all of
them are ready. One that has failed begins anew, with no failure counted. A bundle stands
for its members.

` + changeExits,
		Example: `  bole start app
  bole start --timeout 30s app worker`,
		Args:              someService,
		ValidArgsFunction: completeRunning,
		RunE: func(cmd *cobra.Command, names []string) error {
			return c.run(cmd, control.Action{Verb: "start", Services: names})
		},
	}
	c.flags(cmd)
	return cmd
}
