package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"bole/tree/control"
)

// states are all of a service's, the usual ones first.
var states = []string{"ready", "done", "starting", "waiting", "stopping", "backoff", "failed", "blocked", "down"}

// treeLine is the line above the table: the tree as one.
func treeLine(s *control.Status, now time.Time, on screen) string {
	count, sick := map[string]int{}, 0
	for i := range s.Services {
		x := &s.Services[i]
		count[x.State]++
		if x.Healthy != nil && !*x.Healthy {
			sick++
		}
	}
	var parts []string
	for _, state := range states {
		if n := count[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	if sick > 0 {
		parts = append(parts, fmt.Sprintf("%d unhealthy", sick))
	}
	rest := fmt.Sprintf(": %s; up %s, since %s, pid %d", strings.Join(parts, ", "), span(s.Tree.Since, now), s.Tree.Since.In(now.Location()).Format(time.DateTime), s.Tree.PID)
	if on.width > 0 {
		rest = fit(rest, on.width-len(s.Tree.State))
	}
	return on.paint(s.Tree.State, rendition(s.Tree.State)) + rest
}

// span is a time until now. Clocks may be set back.
func span(since, now time.Time) string { return control.Short(max(0, now.Sub(since))) }

// titles are the columns of the table; all but the last have the same width in every
// line. FOR is how long a service has been in its state.
var titles = [...]string{"NAME", "STATE", "FOR", "PID", "RESTARTS", "WHY"}

// stateColumn is the one with colours.
const stateColumn = 1

type row [len(titles)]string

// statusTable has a line for each service, no wider than the screen: what is too long of
// the names and the reasons is cut.
func statusTable(services []control.Service, now time.Time, on screen) string {
	rows := make([]row, 0, len(services)+1)
	rows = append(rows, titles)
	for i := range services {
		rows = append(rows, rowOf(&services[i], now))
	}
	if on.width > 0 {
		for i := range rows {
			rows[i][0] = fit(rows[i][0], on.width/3)
		}
	}
	widths := widest(rows)
	var b strings.Builder
	b.WriteString(on.paint(rows[0].line(widths, plainText, on), bold) + "\n")
	for i := range services {
		b.WriteString(rows[i+1].line(widths, renditionOf(&services[i]), on) + "\n")
	}
	return b.String()
}

func rowOf(x *control.Service, now time.Time) row {
	pid := "-"
	if x.PID != 0 {
		pid = strconv.Itoa(x.PID)
	}
	return row{x.Name, x.State, span(x.Since, now), pid, strconv.Itoa(x.Restarts), printable(x.Why)}
}

func widest(rows []row) (widths [len(titles)]int) {
	for i := range rows {
		for c, cell := range rows[i] {
			widths[c] = max(widths[c], utf8.RuneCountInString(cell))
		}
	}
	return widths
}

// line is a row with its state in a colour. Numbers are to the right.
func (r *row) line(widths [len(titles)]int, color int, on screen) string {
	var b strings.Builder
	left, last := 0, len(titles)-1
	for c, cell := range r[:last] {
		cell = pad(cell, widths[c], c > stateColumn)
		left += widths[c] + 2
		if c > 0 {
			b.WriteString("  ")
		}
		if c == stateColumn {
			cell = on.paint(cell, color)
		}
		b.WriteString(cell)
	}
	why := r[last]
	if on.width > 0 {
		why = fit(why, on.width-left)
	}
	if why != "" {
		b.WriteString("  " + why)
	}
	return b.String()
}
