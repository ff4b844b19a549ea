package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"bole/tree/control"
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
			return ask(cmd, socket, func(ctx context.Context, c *control.Client) error {
				h, err := c.Health(ctx)
				if err != nil {
					return err
				}
				return printHealth(cmd.OutOrStdout(), h, asJSON)
			})
		},
	}
	socketFlag(cmd, &socket)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the answer as JSON")
	return cmd
}

func printHealth(w io.Writer, h *control.Health, asJSON bool) (err error) {
	if asJSON {
		err = printJSON(w, h)
	} else {
		_, err = fmt.Fprintln(w, printable(h.String()))
	}
	if err == nil && !h.Healthy {
		return exitCode(exitFailed)
	}
	return err
}
