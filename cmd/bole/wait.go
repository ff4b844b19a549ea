package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"bole/tree/control"
)

// waitUsual is how long wait waits when nobody says how long.
const waitUsual = 30 * time.Second

func waitCommand() *cobra.Command {
	var socket, until string
	var asJSON bool
	var most time.Duration
	cmd := &cobra.Command{
		Use:   "wait [NAME...]",
		Short: "Wait until services are ready, down, healthy or settled",
		Long: `wait ends when all services named are as --for says; a bundle stands for its members
that are wanted. Without a NAME it waits for all that is wanted.

  ready    it can be relied on: a oneshot is done
  healthy  it is ready, and its health check says nothing against it
  settled  ready, done, failed or blocked: nothing more will come by itself
  down     nothing of it runs, and it will not be started again by itself

Exit code: 0 if it has come to that; 1 if the time is over, or if it cannot come to
that any more by itself, because something has failed; 3 if no bole is running, 4 if
there is no such service.`,
		Example: `  bole wait db && app migrate
  bole wait --for settled --timeout 2m
  bole wait --for down worker`,
		ValidArgsFunction: completeRunning,
		RunE: func(cmd *cobra.Command, names []string) error {
			g, err := goalOf(until)
			if err != nil {
				return err
			}
			ctx, cancel := withTimeout(cmd.Context(), most)
			defer cancel()
			c, err := find(cmd, socket)
			if err != nil {
				return complain(cmd, err)
			}
			o, err := (&waiter{client: c, names: names, goal: g}).wait(ctx)
			switch {
			case err != nil && ctx.Err() != nil:
				o.Reason = fmt.Sprintf("not %s within %s: %s", g.name, control.Short(most), o.Reason)
			case err != nil:
				return complain(cmd, err)
			}
			return o.tell(cmd, asJSON)
		},
	}
	socketFlag(cmd, &socket)
	cmd.Flags().StringVar(&until, "for", "ready", "ready, healthy, settled or down")
	timeoutFlag(cmd, &most, waitUsual, "how long at most; 0 is for ever")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print in the end how the services are, as JSON")
	completeFlags(cmd, map[string]cobra.CompletionFunc{"for": cobra.FixedCompletions(goalNames(), cobra.ShellCompDirectiveNoFileComp)})
	return cmd
}

func withTimeout(ctx context.Context, most time.Duration) (context.Context, context.CancelFunc) {
	if most == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, most)
}

// An outcome is what a wait has come to.
type outcome struct {
	Met      bool              `json:"met"`
	Reason   string            `json:"reason"` // why not
	Services []control.Service `json:"services"`
	over     bool              // there is no point in waiting any longer
}

func (o *outcome) tell(cmd *cobra.Command, asJSON bool) error {
	if asJSON {
		printJSON(cmd.OutOrStdout(), o)
	}
	if o.Met {
		return nil
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", cmd.CommandPath(), printable(o.Reason))
	return exitCode(exitFailed)
}

// A waiter looks at the tree, and again after each event of what it waits for.
type waiter struct {
	client *control.Client
	names  []string
	goal   goal
}

// wait also returns how things stood when the context ended. Whoever waits for the end of
// something has it when bole ends, also before its first answer: it was there a moment ago.
func (w *waiter) wait(ctx context.Context) (*outcome, error) {
	last := &outcome{Reason: "no answer"}
	for {
		o, event, err := w.look(ctx)
		if err == nil && o.over {
			return o, nil
		}
		if err == nil {
			last = o
			err = w.next(ctx, event)
		}
		switch {
		case w.goal.whenGone && errors.Is(err, control.ErrNotRunning):
			return &outcome{Met: true, Services: []control.Service{}}, nil
		case err != nil:
			return last, err
		}
	}
}

// look says how things stand, after which event.
func (w *waiter) look(ctx context.Context) (*outcome, uint64, error) {
	s, err := w.client.Status(ctx)
	if err != nil {
		return nil, 0, err
	}
	services, err := w.services(ctx, s)
	if err != nil {
		return nil, 0, err
	}
	return w.goal.judge(s.Tree.State, services), s.Tree.Event, nil
}

// next waits for something to happen after an event, or until the stream ends or is cut:
// the next look says why.
func (w *waiter) next(ctx context.Context, after uint64) error {
	var refused *control.Problem
	for _, err := range w.client.Events(ctx, after, true, w.names...) {
		if errors.As(err, &refused) {
			return err
		}
		break
	}
	return ctx.Err()
}

// services are those that are waited for. What is not wanted does not count, unless it is
// named itself.
func (w *waiter) services(ctx context.Context, s *control.Status) ([]control.Service, error) {
	if len(w.names) == 0 {
		return w.goal.count(s.Services), nil
	}
	var out []control.Service
	for _, name := range w.names {
		some, err := members(ctx, w.client, s, name)
		if err != nil {
			return nil, err
		}
		if counted := w.goal.count(some); len(counted) > 0 {
			some = counted
		}
		out = append(out, some...)
	}
	return out, nil
}
