package main

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"bole/tree/control"
)

// Sizes of the image, in its own units, which are pixels unless it is scaled.
const (
	svgAxis   = 800 // the time
	svgRow    = 22
	svgBar    = 14
	svgTop    = 74 // title and axis
	svgLetter = 7  // as wide as one is at most, on average
	svgMargin = 16
	svgTicks  = 10
)

// Colours of the image: bars that are critical stand out for those who see no red, too.
const (
	svgCritical = "#d9480f"
	svgUsual    = "#a5c8ec"
	svgFailed   = "#868e96"
)

// svg draws the chart as an image that needs no other file.
func (c *chart) svg() string {
	left := 0
	for i := range c.bars {
		left = max(left, utf8.RuneCountInString(c.bars[i].name))
	}
	left = 2*svgMargin + left*svgLetter
	width, height := left+svgAxis+svgMargin+90, svgTop+len(c.bars)*svgRow+svgMargin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12" fill="#212529">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", width, height)
	fmt.Fprintf(&b, `<text x="%d" y="24" font-size="16" font-weight="bold">The boot: %s, %s</text>`+"\n", svgMargin, plural(len(c.bars), "service"), control.Short(c.whole))
	if len(c.path.Services) > 0 {
		fmt.Fprintf(&b, `<text x="%d" y="44" fill="%s">critical path %s</text>`+"\n", svgMargin, svgCritical, html.EscapeString(c.path.String()))
	}
	c.svgLines(&b, left, height)
	c.svgPath(&b, left)
	for i := range c.bars {
		c.bars[i].svg(&b, c.whole, left, svgTop+i*svgRow)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// svgX is where a time is.
func svgX(at, whole time.Duration, left int) float64 {
	return float64(left) + float64(at)/float64(whole)*svgAxis
}

// svgLines are those through the whole chart, with their times above.
func (c *chart) svgLines(b *strings.Builder, left, height int) {
	for at, step := time.Duration(0), tick(c.whole, svgTicks); at <= c.whole; at += step {
		x := svgX(at, c.whole, left)
		fmt.Fprintf(b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#dee2e6"/>`, x, svgTop-6, x, height-svgMargin)
		fmt.Fprintf(b, `<text x="%.1f" y="%d" text-anchor="middle" font-size="11" fill="#868e96">%s</text>`+"\n", x, svgTop-10, control.Short(at))
	}
}

// svgPath leads from each critical bar to the one that had waited for it.
func (c *chart) svgPath(b *strings.Builder, left int) {
	row := func(name string) int { return slices.IndexFunc(c.bars, func(b bar) bool { return b.name == name }) }
	for i, name := range c.path.Services[min(1, len(c.path.Services)):] {
		from, to := row(c.path.Services[i]), row(name)
		x := svgX(c.bars[to].from, c.whole, left)
		fmt.Fprintf(b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="%s"/>`+"\n", x, svgTop+from*svgRow+svgRow/2, x, svgTop+to*svgRow+svgRow/2, svgCritical)
	}
}

func (b *bar) svg(w *strings.Builder, whole time.Duration, left, y int) {
	color, label := svgUsual, b.took()
	if b.critical {
		color = svgCritical
	}
	state := html.EscapeString(b.state)
	if b.state != "ready" && b.state != "done" {
		label += " " + state
	}
	if b.state == "failed" && !b.critical {
		color = svgFailed
	}
	middle := y + svgRow/2 + 4
	fmt.Fprintf(w, `<text x="%d" y="%d" text-anchor="end">%s</text>`, left-8, middle, html.EscapeString(b.name))
	from, to := svgX(b.from, whole, left), svgX(b.to, whole, left)
	if b.begun {
		fmt.Fprintf(w, `<rect x="%.1f" y="%d" width="%.1f" height="%d" rx="2" fill="%s"><title>%s: %s after %s, began at %s</title></rect>`,
			from, y+(svgRow-svgBar)/2, max(1, to-from), svgBar, color, html.EscapeString(b.name), state, b.took(), b.began())
	} else {
		to, label = from, state
	}
	fmt.Fprintf(w, `<text x="%.1f" y="%d" font-size="11" fill="#495057" stroke="#ffffff" stroke-width="3" paint-order="stroke">%s</text>`+"\n", max(to, from+1)+5, middle, label)
}
