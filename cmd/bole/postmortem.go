package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"bole/tree/control"
)

// An inquest is what the flags of postmortem say.
type inquest struct {
	socket        string
	json, secrets bool
}

func postmortemCommand() *cobra.Command {
	var q inquest
	cmd := &cobra.Command{
		Use:   "postmortem [NAME]",
		Short: "Show the scene of the accident: how a service failed, and in what conditions",
		Long: `postmortem shows how the last run of a service that failed has ended, what it wrote
before, how it was run (command, user, directory, limits, environment), what has happened
to it, what it requires, who is blocked by it, and what to do next. Without a NAME it does
so for every service that has failed or is about to be tried again.

Values of variables that look secret, are of an env-file or were handed on by a oneshot
are hidden; --secrets shows them, to root and the tree's own user alone.

Exit code: 0; 1 if it is not permitted, 3 if no bole is running, 4 if there is no such
service.`,
		Example: `  bole postmortem               of all that has failed
  bole postmortem app
  bole postmortem app --json | jq -r '.lines[]'`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("%s takes one service, or none", cmd.CommandPath())
			}
			return nil
		},
		ValidArgsFunction: completeFirst,
		RunE:              func(cmd *cobra.Command, args []string) error { return q.run(cmd, args) },
	}
	socketFlag(cmd, &q.socket)
	cmd.Flags().BoolVar(&q.secrets, "secrets", false, "show the secrets of the environment")
	cmd.Flags().BoolVar(&q.json, "json", false, "print it as JSON; without a NAME, as an array")
	return cmd
}

func (q *inquest) run(cmd *cobra.Command, names []string) error {
	return ask(cmd, q.socket, func(ctx context.Context, client *control.Client) error {
		if len(names) == 0 {
			return q.all(ctx, cmd, client)
		}
		p, err := client.Postmortem(ctx, names[0], q.secrets)
		switch {
		case err != nil:
			return err
		case q.json:
			return printJSON(cmd.OutOrStdout(), p)
		}
		newScenePage(cmd.OutOrStdout(), p, time.Now()).print()
		return nil
	})
}

// all is the page of each service that has failed; of those that merely cannot start
// because of them, a line is enough.
func (q *inquest) all(ctx context.Context, cmd *cobra.Command, client *control.Client) error {
	status, err := client.Status(ctx)
	if err != nil {
		return err
	}
	out, found := cmd.OutOrStdout(), []*control.Postmortem{}
	for _, s := range status.Services {
		if !slices.Contains([]string{"failed", "backoff", "blocked"}, s.State) {
			continue
		}
		p, err := client.Postmortem(ctx, s.Name, q.secrets)
		if err != nil {
			return err
		}
		found = append(found, p)
	}
	if q.json {
		printJSON(out, found)
		return nil
	}
	for _, p := range found {
		if p.State != "blocked" {
			newScenePage(out, p, time.Now()).print()
			fmt.Fprintln(out)
		}
	}
	for _, p := range found {
		if p.State == "blocked" {
			fmt.Fprintln(out, said(p))
		}
	}
	if len(found) == 0 {
		fmt.Fprintf(out, "nothing has failed; the tree is %s\n", status.Tree.State)
	}
	return nil
}

// said is where a service stands, in one line.
func said(p *control.Postmortem) string {
	s := control.Service{Name: p.Service, State: p.State, Why: p.Why}
	return s.Said()
}
