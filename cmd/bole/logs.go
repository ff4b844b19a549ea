package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/signal"
	"slices"

	"github.com/spf13/cobra"

	"bole/tree/control"
	"bole/tree/logs"
	"bole/tree/process"
)

// A logging is what the flags of logs say.
type logging struct {
	socket                   string
	follow, timestamps, json bool
	most                     int
}

func logsCommand() *cobra.Command {
	var l logging
	cmd := &cobra.Command{
		Use:   "logs [NAME...]",
		Short: "Show the last lines of services",
		Long: `logs shows what services have written last, of which bole keeps 64 KiB of each in memory,
in the order in which it was read. Without a NAME that is all services; where it can be
of several, each line stands after its service's name, as bole up has it.

With --follow it goes on with what comes, until Ctrl-C or bole's end. Whoever reads too
slowly is told how much he has missed.

Exit code: 0; 1 if it was cut off, 3 if no bole is running, 4 if there is no such service.`,
		Example: `  bole logs app
  bole logs -f -n 20 app worker
  bole logs --json | jq -r 'select(.service == "app") | .text'`,
		ValidArgsFunction: completeRunning,
		RunE:              func(cmd *cobra.Command, names []string) error { return l.run(cmd, names) },
	}
	f := cmd.Flags()
	socketFlag(cmd, &l.socket)
	f.BoolVarP(&l.follow, "follow", "f", false, "go on with what comes, until Ctrl-C")
	f.IntVarP(&l.most, "lines", "n", math.MaxInt32, "no more than so many lines from before")
	f.Lookup("lines").DefValue = "all"
	f.BoolVarP(&l.timestamps, "timestamps", "t", false, "with the time at which bole read each line")
	f.BoolVar(&l.json, "json", false, "print each line as one of JSON")
	return cmd
}

func (l *logging) run(cmd *cobra.Command, names []string) error {
	if l.most < 0 {
		return fmt.Errorf("--lines takes a number from 0, not %d", l.most)
	}
	client, err := find(cmd, l.socket)
	if err != nil {
		return complain(cmd, err)
	}
	write, err := l.writer(cmd, client, names)
	if err != nil {
		return complain(cmd, err)
	}
	ctx := cmd.Context()
	if l.follow {
		var stop context.CancelFunc
		ctx, stop = signal.NotifyContext(ctx, os.Interrupt)
		defer stop()
	}
	for line, err := range client.Lines(ctx, l.most, l.follow, names...) {
		if err != nil && ctx.Err() == nil {
			return complain(cmd, err)
		}
		if err == nil {
			write(line)
		}
	}
	return l.end(ctx, cmd, client)
}

// end finds out why nothing more comes.
func (l *logging) end(ctx context.Context, cmd *cobra.Command, client *control.Client) error {
	if !l.follow || ctx.Err() != nil {
		return nil
	}
	ask, cancel := context.WithTimeout(ctx, askMost)
	defer cancel()
	if _, err := client.Status(ask); err != nil {
		return nil // bole has ended
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s: cut off, for nobody has read this for too long; what bole still has shows the same command again\n", cmd.CommandPath())
	return exitCode(exitFailed)
}

// writer returns what writes a line.
func (l *logging) writer(cmd *cobra.Command, client *control.Client, names []string) (func(control.Line), error) {
	out := cmd.OutOrStdout()
	if l.json {
		enc := json.NewEncoder(out)
		return func(line control.Line) { enc.Encode(line) }, nil
	}
	prefix, err := prefixes(cmd.Context(), client, names)
	if err != nil {
		return nil, err
	}
	text := func(text string) string { return text }
	if process.IsTerminal(1) {
		text = tameInColour
	}
	return func(line control.Line) {
		if line.Lost > 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: %d bytes of %s are missing here: they came faster than they were read\n", cmd.CommandPath(), line.Lost, line.Service)
		}
		when := ""
		if l.timestamps {
			when = line.At.Local().Format(stampForm) + " "
		}
		fmt.Fprintf(out, "%s%s%s\n", prefix(line.Service), when, text(line.Text))
	}, nil
}

// stampForm is RFC 3339 with milliseconds, of one width.
const stampForm = "2006-01-02T15:04:05.000Z07:00"

// prefixes returns what stands before the lines of each service: nothing, if there is only
// one.
func prefixes(ctx context.Context, client *control.Client, names []string) (func(service string) string, error) {
	ctx, cancel := context.WithTimeout(ctx, askMost)
	defer cancel()
	status, err := client.Status(ctx)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, s := range status.Services {
		all = append(all, s.Name)
	}
	shown := all
	if len(names) > 0 {
		shown = nil
	}
	for _, name := range names {
		if members, ok := status.Bundles[name]; ok {
			shown = append(shown, members...)
		} else {
			shown = append(shown, name)
		}
	}
	if len(shown) == 1 {
		return func(string) string { return "" }, nil
	}
	label := logs.NewLabel(int(os.Stdout.Fd()), shown)
	return func(service string) string {
		return string(label.Service(service, max(0, slices.Index(all, service))))
	}, nil
}
