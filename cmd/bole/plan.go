package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"bole/tree/control"
)

// planned are the actions that have a plan: the others change no service's state.
var planned = []string{"start", "stop", "restart"}

func planCommand() *cobra.Command {
	var socket string
	var asJSON, dependents bool
	cmd := &cobra.Command{
		Use:   "plan ACTION NAME...",
		Short: "Show what start, stop or restart would do, in order",
		Long: `plan shows which services an action would stop and start, in order, as the tree is now
and if all goes well. Nothing is done. ACTION is start, stop or restart.

Exit code: 0; 3 if no bole is running, 4 if there is no such service.`,
		Example: `  bole plan stop db
  bole plan restart db --with-dependents`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 || !slices.Contains(planned, args[0]) {
				return fmt.Errorf("%s needs an action: %s", cmd.CommandPath(), strings.Join(planned, ", "))
			}
			return someService(cmd, args[1:])
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return planned, cobra.ShellCompDirectiveNoFileComp
			}
			return completeRunning(cmd, args, word)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return ask(cmd, socket, func(ctx context.Context, c *control.Client) error {
				steps, err := c.Plan(ctx, control.Action{Verb: args[0], Services: args[1:], Dependents: dependents})
				if err != nil {
					return err
				}
				return printPlan(cmd.OutOrStdout(), steps, asJSON)
			})
		},
	}
	socketFlag(cmd, &socket)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the steps as JSON")
	dependentsFlag(cmd, &dependents)
	return cmd
}

func printPlan(w io.Writer, steps []control.Step, asJSON bool) error {
	if asJSON {
		return printJSON(w, steps)
	}
	text := ""
	for _, s := range steps {
		text += fmt.Sprintf("%-5s %s\n", s.Do, s.Service)
	}
	_, err := io.WriteString(w, cmp.Or(text, "nothing to do\n"))
	return err
}
