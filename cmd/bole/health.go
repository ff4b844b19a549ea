package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func healthCommand() *cobra.Command {
	var socket string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Say whether all is well, for HEALTHCHECK",
		Long: `health asks the running tree whether traffic may be sent to it: all that is wanted is
ready or done, and nothing is unhealthy. It says so in one line.

Exit code: 0 if all is well, 1 if not, 3 if no bole is running.`,
		Example: `  bole health
  HEALTHCHECK CMD ["bole", "health"]     in a Dockerfile`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), askMost)
			defer cancel()
			c, err := find(cmd, socket)
			if err != nil {
				return complain(cmd, err)
			}
			h, err := c.Health(ctx)
			if err != nil {
				return complain(cmd, err)
			}
			if asJSON {
				printJSON(cmd.OutOrStdout(), h)
			} else {
				fmt.Fprintln(cmd.OutOrStdout(), printable(h.String()))
			}
			if !h.Healthy {
				return exitCode(exitFailed)
			}
			return nil
		},
	}
	socketFlag(cmd, &socket)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the answer as JSON")
	return cmd
}
