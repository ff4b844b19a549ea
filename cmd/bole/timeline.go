package main

import (
	"cmp"
	"context"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"bole/tree/control"
)

func timelineCommand() *cobra.Command {
	var socket string
	var asSVG, asJSON bool
	cmd := &cobra.Command{
		Use:   "timeline",
		Short: "Show what the boot spent its time on",
		Long: `timeline draws the boot: for each service when its first start began and how long it
took until it was ready, done or failed. What is on the critical path is marked: each of
these had to wait for the one before it, so the boot becomes shorter only if one of them
becomes faster. What was started after the boot is left out.`,
		Example: `  bole timeline
  bole timeline --svg > boot.svg`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ask(cmd, socket, func(ctx context.Context, c *control.Client) error {
				t, err := c.Timeline(ctx)
				if err != nil {
					return err
				}
				return printTimeline(cmd.OutOrStdout(), t, asSVG, asJSON)
			})
		},
	}
	socketFlag(cmd, &socket)
	cmd.Flags().BoolVar(&asSVG, "svg", false, "draw it as an SVG image")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the times as JSON")
	cmd.MarkFlagsMutuallyExclusive("svg", "json")
	return cmd
}

func printTimeline(w io.Writer, t *control.Timeline, asSVG, asJSON bool) (err error) {
	c := newChart(t, time.Since(t.Since))
	switch {
	case asJSON:
		err = printJSON(w, t)
	case asSVG:
		_, err = io.WriteString(w, c.svg())
	default:
		_, err = io.WriteString(w, c.text(screenOf(w)))
	}
	return err
}

// A chart is a boot to be drawn: a bar for each service, in the order of their starts.
type chart struct {
	bars  []bar
	path  control.Path
	whole time.Duration // the length of the axis
}

// A bar is the first start of a service.
type bar struct {
	name, state string
	critical    bool
	begun       bool          // otherwise there is nothing to draw
	open        bool          // it has not settled yet
	from, to    time.Duration // since bole began
}

// newChart draws what has not settled up to now.
func newChart(t *control.Timeline, now time.Duration) *chart {
	c := &chart{path: t.Critical, whole: time.Microsecond}
	for i := range t.Spans {
		s := &t.Spans[i]
		b := bar{name: s.Service, state: s.State, critical: slices.Contains(t.Critical.Services, s.Service), begun: s.Began != nil, open: s.Settled == nil, to: now}
		if b.begun {
			b.from = control.Seconds(*s.Began)
		}
		if !b.open {
			b.to = control.Seconds(*s.Settled)
		}
		if b.begun {
			c.whole = max(c.whole, b.to)
		} else {
			b.from = b.to
		}
		c.bars = append(c.bars, b)
	}
	slices.SortStableFunc(c.bars, func(a, b bar) int { return cmp.Compare(a.from, b.from) })
	return c
}

// tick is the least round time of which there are no more than so many in a whole.
func tick(whole time.Duration, most int) time.Duration {
	for unit := time.Microsecond; ; unit *= 10 {
		for _, n := range []time.Duration{1, 2, 5} {
			if n*unit*time.Duration(most) >= whole {
				return n * unit
			}
		}
	}
}

func (b *bar) began() string {
	if !b.begun {
		return "-"
	}
	return control.Short(b.from)
}

func (b *bar) took() string {
	switch {
	case !b.begun:
		return "-"
	case b.open:
		return control.Short(b.to-b.from) + "…"
	}
	return control.Short(b.to - b.from)
}
