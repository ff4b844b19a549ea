package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"bole/tree"
	"bole/tree/control"
)

func signalCommand() *cobra.Command {
	var c change
	cmd := &cobra.Command{
		Use:   "signal NAME SIGNAL",
		Short: "Send a signal to the main process of a service",
		Long: `signal sends a signal, by its name or number, to the main process of a service. If the
process ends by it, the service is restarted or not as its definition says: bole stop is
what ends a service for good.

` + changeExits,
		Example: `  bole signal app USR1
  bole signal app SIGQUIT       a JVM then prints its threads`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("%s needs the name of a service and a signal", cmd.CommandPath())
			}
			if _, ok := tree.ParseSignal(args[1]); !ok {
				return fmt.Errorf("%q is no signal; for example HUP, USR1, TERM", args[1])
			}
			return nil
		},
		ValidArgsFunction: completeFirst,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.run(cmd, control.Action{Verb: "signal", Services: args[:1], Signal: args[1]})
		},
	}
	c.flags(cmd)
	return cmd
}
