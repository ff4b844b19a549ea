package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"bole/tree/control"
)

func eventsCommand() *cobra.Command {
	var socket string
	var asJSON, follow bool
	var after uint64
	cmd := &cobra.Command{
		Use:   "events [NAME...]",
		Short: "Show what has happened to the tree, and what happens",
		Long: `events prints a line for each change of a service's state or health, and for each
command that somebody has given: when, its number, and what. The last few thousand are
kept. With the NAMEs of services or bundles, only what has happened to them.

Exit code: 0, with --follow when bole has ended; 3 if none is running, 4 if there is no
such service.`,
		Example: `  bole events
  bole events --follow app
  bole events --follow --json --after 42 | jq -c 'select(.to == "failed")'`,
		ValidArgsFunction: completeRunning,
		RunE: func(cmd *cobra.Command, names []string) error {
			c, err := find(cmd, socket)
			if err != nil {
				return complain(cmd, err)
			}
			out := cmd.OutOrStdout()
			write := eventLine(out, screenOf(out))
			if asJSON {
				enc := json.NewEncoder(out)
				write = func(e *control.Event) error { return enc.Encode(e) }
			}
			for e, err := range c.Events(cmd.Context(), after, follow, names...) {
				if err == nil {
					err = write(&e)
				}
				if err != nil {
					return complain(cmd, err)
				}
			}
			return nil
		},
	}
	socketFlag(cmd, &socket)
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on with what happens from now on")
	cmd.Flags().Uint64Var(&after, "after", 0, "leave out the events up to this number")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object a line")
	return cmd
}

// eventLine writes an event as a line.
func eventLine(w io.Writer, on screen) func(*control.Event) error {
	return func(e *control.Event) error {
		_, err := fmt.Fprintf(w, "%s %5d  %s\n", e.At.Local().Format("2006-01-02 15:04:05.000"), e.Number, eventText(e, on))
		return err
	}
}

// eventText has the state that a service has come to in its colour.
func eventText(e *control.Event, on screen) string {
	text, mark := printable(e.String()), map[string]string{control.EventState: "→ ", control.EventHealth: ": "}[e.Kind]
	before, after, ok := strings.Cut(text, mark+e.To)
	if e.To == "" || !ok {
		return text
	}
	return before + mark + on.paint(e.To, rendition(e.To)) + after
}
