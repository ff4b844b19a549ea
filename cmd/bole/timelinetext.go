package main

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"bole/tree/control"
)

// chartUsual is the width of a chart in a pipe, and axisLeast that of its axis, however
// narrow the terminal is.
const (
	chartUsual = 80
	axisLeast  = 20
)

// text draws the chart with letters. What is critical is marked at the left, and has bars
// of full blocks.
func (c *chart) text(on screen) string {
	var b strings.Builder
	if len(c.path.Services) > 0 {
		b.WriteString("critical path " + c.path.String() + "\n")
	}
	name, columns := len("SERVICE"), on.width
	if columns == 0 {
		columns = chartUsual
	}
	for i := range c.bars {
		name = max(name, utf8.RuneCountInString(c.bars[i].name))
	}
	if on.width > 0 {
		name = min(name, on.width/3)
	}
	const other = len("*   blocked   999ms   999ms…  ") // the columns but for the name
	axis := max(axisLeast, columns-other-name)
	head := fmt.Sprintf("  %s  STATE      BEGAN   TOOK   %s", pad("SERVICE", name, false), c.axis(axis))
	b.WriteString(on.paint(strings.TrimRight(head, " "), bold) + "\n")
	for i := range c.bars {
		c.bars[i].write(&b, c.whole, name, axis, on)
	}
	return b.String()
}

// tickRoom is how many columns a time above the axis needs, with what keeps it apart.
const tickRoom = 8

// axis has the times above where they are.
func (c *chart) axis(columns int) string {
	line, step := "", tick(c.whole, columns/tickRoom)
	for at := time.Duration(0); at <= c.whole; at += step {
		text, x := control.Short(at), column(at, c.whole, columns)
		if x+len(text) <= columns {
			line = pad(line, x, false) + text
		}
	}
	return line
}

// column is where a time is on an axis.
func column(at, whole time.Duration, columns int) int {
	return int(float64(at) / float64(whole) * float64(columns))
}

func (b *bar) write(w *strings.Builder, whole time.Duration, name, axis int, on screen) {
	mark, block, color := " ", "▒", plainText
	if b.critical {
		mark, block, color = "*", "█", yellow
	}
	fmt.Fprintf(w, "%s %s  %s  %s  %s", mark, pad(fit(b.name, name), name, false), on.paint(pad(b.state, 8, false), rendition(b.state)), pad(b.began(), 6, true), pad(b.took(), 6, true))
	if b.begun {
		from := min(column(b.from, whole, axis), axis-1)
		to := max(from+1, min(axis, column(b.to, whole, axis)))
		w.WriteString("  " + strings.Repeat(" ", from) + on.paint(strings.Repeat(block, to-from), color))
	}
	w.WriteString("\n")
}
