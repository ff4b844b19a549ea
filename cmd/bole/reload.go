package main

import (
	"github.com/spf13/cobra"

	"bole/tree/control"
)

func reloadCommand() *cobra.Command {
	var c change
	cmd := &cobra.Command{
		Use:   "reload NAME...",
		Short: "Have services read their configuration again",
		Long: `reload sends services the signal, or runs the command, that their definitions give as
reload, and waits until the command has ended.

` + changeExits,
		Example:           `  bole reload nginx             with  reload = "SIGHUP"  in its definition`,
		Args:              someService,
		ValidArgsFunction: completeRunning,
		RunE: func(cmd *cobra.Command, names []string) error {
			return c.run(cmd, control.Action{Verb: "reload", Services: names})
		},
	}
	c.flags(cmd)
	return cmd
}
