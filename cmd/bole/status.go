package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"bole/tree/control"
)

func statusCommand() *cobra.Command {
	var socket string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status [NAME...]",
		Short: "Show where every service stands, and why",
		Long: `status prints a line for each service of the running tree, in the order in which they
start: its state, for how long, its process, how often it was restarted, and why it is
in that state. With the NAMEs of services or bundles, only those. With the NAME of one
service, all that there is to say of it.

Exit code: 0 if all that is wanted is ready or done, and well; with NAMEs, if each of
them is. 3 if not, or if no bole is running; 4 if there is no such service.`,
		Example: `  bole status
  bole status app
  bole status --json | jq -r '.services[] | select(.ready | not).name'`,
		ValidArgsFunction: completeRunning,
		RunE: func(cmd *cobra.Command, names []string) error {
			return ask(cmd, socket, func(ctx context.Context, c *control.Client) error {
				good, err := status(ctx, c, cmd.OutOrStdout(), names, asJSON)
				if err == nil && !good {
					return exitCode(exitNotRunning)
				}
				return err
			})
		},
	}
	socketFlag(cmd, &socket)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the answer as JSON")
	return cmd
}

// status prints what is asked for, and reports whether all of it is well.
func status(ctx context.Context, c *control.Client, w io.Writer, names []string, asJSON bool) (good bool, err error) {
	if len(names) == 1 {
		d, err := c.Detail(ctx, names[0])
		if err == nil {
			return up(d.Service), printDetail(w, d, asJSON)
		}
		var p *control.Problem
		if bundle := errors.As(err, &p) && p.Status == http.StatusConflict; !bundle {
			return false, err
		}
	}
	s, err := c.Status(ctx)
	if err != nil {
		return false, err
	}
	good = s.Tree.State == "ready"
	if len(names) > 0 {
		if good, err = only(ctx, c, s, names); err != nil {
			return false, err
		}
	}
	return good, printStatus(w, s, len(names) == 0, asJSON)
}

func printDetail(w io.Writer, d *control.Detail, asJSON bool) error {
	if asJSON {
		return printJSON(w, d)
	}
	_, err := io.WriteString(w, statusPage(d, time.Now(), screenOf(w)))
	return err
}

// printStatus prints the table; above it the tree, if all of it is there.
func printStatus(w io.Writer, s *control.Status, whole, asJSON bool) error {
	if asJSON {
		return printJSON(w, s)
	}
	text, now, on := "", time.Now(), screenOf(w)
	if whole {
		text = treeLine(s, now, on) + "\n"
	}
	_, err := io.WriteString(w, text+statusTable(s.Services, now, on))
	return err
}

// only leaves the services of some names, and reports whether each name is up.
func only(ctx context.Context, c *control.Client, s *control.Status, names []string) (good bool, err error) {
	named := map[string]bool{}
	good = true
	for _, name := range names {
		services, err := members(ctx, c, s, name)
		if err != nil {
			return false, err
		}
		good = good && up(services...)
		for i := range services {
			named[services[i].Name] = true
		}
	}
	s.Services = slices.DeleteFunc(s.Services, func(x control.Service) bool { return !named[x.Name] })
	return good, nil
}

// members are the services that a name stands for. What the tree does not know it is
// asked about all the same: it can say what was probably meant.
func members(ctx context.Context, c *control.Client, s *control.Status, name string) (out []control.Service, err error) {
	bundle, ok := s.Bundles[name]
	for i := range s.Services {
		if x := &s.Services[i]; x.Name == name || slices.Contains(bundle, x.Name) {
			out = append(out, *x)
		}
	}
	if !ok && out == nil {
		_, err = c.Detail(ctx, name)
		return nil, cmp.Or(err, errors.New(name+" has just come"))
	}
	return out, nil
}

// up reports whether something of the services is wanted, and all that is wanted is well.
func up(services ...control.Service) bool {
	wanted := slices.DeleteFunc(slices.Clone(services), func(x control.Service) bool { return !x.Wanted })
	return len(wanted) > 0 && !slices.ContainsFunc(wanted, func(x control.Service) bool { return !x.Good() })
}
