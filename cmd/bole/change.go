package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bole/tree/control"
)

// A change is what the verbs that change something share: they have an action taken, and
// show how it goes until it is over.
type change struct {
	socket       string
	json, noWait bool
	timeout      time.Duration
}

// exitInterrupted is the code of who was ended by Ctrl-C, as shells have it.
const exitInterrupted = 130

// changeExits is for the help of each verb.
const changeExits = `Exit code: 0 if it was done, 1 if it did not work or somebody has asked for something
else meanwhile, 3 if no bole is running, 4 if there is no such service. Ctrl-C ends the
waiting alone, with 130.`

func (c *change) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	socketFlag(cmd, &c.socket)
	f.BoolVar(&c.noWait, "no-wait", false, "print the operation's number, and do not wait for its end")
	timeoutFlag(cmd, &c.timeout, 0, "wait no longer than that, such as 30s, and leave the operation to go on; 0 is for ever")
	f.BoolVar(&c.json, "json", false, "print the operation as JSON, and nothing while it goes on")
}

// someService: these verbs do nothing to all services.
func someService(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%s needs the name of a service", cmd.CommandPath())
	}
	return nil
}

// run has an action taken.
func (c *change) run(cmd *cobra.Command, a control.Action) error {
	client, err := find(cmd, c.socket)
	if err != nil {
		return complain(cmd, err)
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), askMost)
	defer cancel()
	op, err := client.Do(ctx, a)
	if err != nil {
		return complain(cmd, err)
	}
	if c.noWait {
		return c.leave(cmd, op)
	}
	return c.wait(cmd, client, op)
}

// leave does not wait for the end.
func (c *change) leave(cmd *cobra.Command, op *control.Operation) error {
	if c.json {
		printJSON(cmd.OutOrStdout(), op)
		return nil
	}
	if text := also(op); text != "" {
		fmt.Fprintln(cmd.ErrOrStderr(), text)
	}
	fmt.Fprintln(cmd.OutOrStdout(), op.ID)
	return nil
}

// also says what an operation touches that nobody has named.
func also(op *control.Operation) string {
	if len(op.Also) == 0 {
		return ""
	}
	does := map[string]string{"start": "starts", "stop": "stops"}[op.Verb]
	return fmt.Sprintf("%s also %s %s", op.Action, cmp.Or(does, "touches"), strings.Join(op.Also, ", "))
}

// wait shows how it goes until it is over. From here on Ctrl-C ends the waiting alone.
func (c *change) wait(cmd *cobra.Command, client *control.Client, op *control.Operation) error {
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
	defer stop()
	if c.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	end, err := watch(ctx, client, op, c.progress(ctx, cmd, client, op))
	switch {
	case err == nil:
		return c.over(cmd, client, end)
	case errors.Is(ctx.Err(), context.Canceled):
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: interrupted; operation %d, %s, goes on\n", cmd.CommandPath(), op.ID, op.Action)
		return exitCode(exitInterrupted)
	case expired(ctx):
		c.late(cmd, client, op)
		return exitCode(exitFailed)
	}
	return complain(cmd, err)
}

// expired reports whether the time is over: a connection that is being made knows it a
// moment before the context does.
func expired(ctx context.Context) bool {
	end, ok := ctx.Deadline()
	return ok && !time.Now().Before(end)
}

// progress says what else is touched, before anything is seen of it.
func (c *change) progress(ctx context.Context, cmd *cobra.Command, client *control.Client, op *control.Operation) progress {
	if c.json {
		return silence{}
	}
	if text := also(op); text != "" {
		fmt.Fprintln(cmd.OutOrStdout(), text)
	}
	return newProgress(cmd.OutOrStdout(), op, func() []control.Service { return touched(ctx, client, op) })
}

// late says what is not as it should be when the time is over.
func (c *change) late(cmd *cobra.Command, client *control.Client, op *control.Operation) {
	var open []string
	for _, s := range touched(cmd.Context(), client, op) {
		if !settled(s.State) || op.Verb == "stop" && s.State != "down" {
			open = append(open, printable(s.Said()))
		}
	}
	reason := fmt.Sprintf("not done after %s", c.timeout)
	if len(open) > 0 {
		reason += ": " + strings.Join(open, "; ")
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n%s: operation %d goes on\n", cmd.CommandPath(), reason, cmd.CommandPath(), op.ID)
}

// over tells what has become of it.
func (c *change) over(cmd *cobra.Command, client *control.Client, op *control.Operation) error {
	if c.json {
		printJSON(cmd.OutOrStdout(), op)
	}
	if op.State == control.OperationDone {
		return c.fallen(cmd, client, op)
	}
	if !c.json {
		for _, reason := range op.Reasons {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", cmd.CommandPath(), printable(reason))
		}
		if op.State == control.OperationFailed {
			lastWords(cmd, client, op)
		}
	}
	return exitCode(exitFailed)
}

// fallen tells of those that a start has brought up, and that have failed already: whoever
// is ready as soon as he runs may be gone a moment later.
func (c *change) fallen(cmd *cobra.Command, client *control.Client, op *control.Operation) error {
	if op.Verb != "start" && op.Verb != "restart" {
		return nil
	}
	fallen := false
	for _, s := range touched(cmd.Context(), client, op) {
		if s.State == "failed" || s.State == "backoff" {
			fallen = true
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", cmd.CommandPath(), printable(s.Said()))
		}
	}
	if !fallen {
		return nil
	}
	lastWords(cmd, client, op)
	return exitCode(exitFailed)
}

// lastWordsMost is how many lines of each service that has failed are shown.
const lastWordsMost = 10

// lastWords shows what those have written meanwhile who have failed, and where there is more.
func lastWords(cmd *cobra.Command, client *control.Client, op *control.Operation) {
	ctx, cancel := context.WithTimeout(cmd.Context(), askMost)
	defer cancel()
	for _, s := range touched(ctx, client, op) {
		if s.State == "blocked" || s.State == "waiting" || s.Good() && op.Verb != "reload" {
			continue
		}
		for line, err := range client.Lines(ctx, lastWordsMost, false, s.Name) {
			if err == nil && !line.At.Before(op.Began) {
				fmt.Fprintf(cmd.ErrOrStderr(), "%s | %s\n", s.Name, tame(line.Text))
			}
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: bole postmortem %s tells more\n", cmd.CommandPath(), s.Name)
	}
}

// touched are the services of an operation as they are now; none if that cannot be told.
func touched(ctx context.Context, client *control.Client, op *control.Operation) []control.Service {
	ctx, cancel := context.WithTimeout(ctx, askMost)
	defer cancel()
	status, err := client.Status(ctx)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(status.Services, func(s control.Service) bool { return !slices.Contains(op.Touches, s.Name) })
}
