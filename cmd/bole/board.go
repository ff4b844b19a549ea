package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"bole/tree/control"
)

// A board is the progress on a terminal. Each time all of it is written at once, over what
// stands there, so nothing flickers; the cursor is left below it, and the terminal as it
// was, whenever it ends.
type board struct {
	w      io.Writer
	size   func() (columns, rows int)
	on     screen
	now    func() time.Time
	look   func() []control.Service
	looked time.Time

	rows   []boardRow
	frame  int
	height int // lines that stand there
}

// A boardRow is one service.
type boardRow struct {
	control.Service
	began time.Time // when it first changed by the operation; zero: not yet
}

// lookEvery is how often a board asks why services are not ready yet: events do not tell.
const lookEvery = time.Second

func newBoard(f *os.File, op *control.Operation, look func() []control.Service) *board {
	b := &board{w: f, on: screenOf(f), now: time.Now, look: look, looked: time.Now()}
	b.size = func() (columns, rows int) { return sizeOf(int(f.Fd())) }
	for _, s := range look() {
		b.rows = append(b.rows, boardRow{Service: s})
	}
	return b
}

func (b *board) event(ev control.Event) {
	for i := range b.rows {
		r := &b.rows[i]
		if r.Name != ev.Service || ev.Kind != control.EventState {
			continue
		}
		r.State, r.Why, r.Since = ev.To, ev.Why, ev.At
		if r.began.IsZero() {
			r.began = ev.At
		}
	}
}

func (b *board) draw(op *control.Operation) {
	now := b.now()
	if now.Sub(b.looked) >= lookEvery && !op.Over() {
		b.looked = now
		b.refresh()
	}
	columns, height := b.size()
	rows := b.fit(op, height-1)
	text := ""
	if b.height > 0 {
		text = fmt.Sprintf("\r\x1b[%dA", b.height)
	}
	for i := range rows {
		text += b.line(op, &rows[i], columns) + "\x1b[K\n"
	}
	b.height = len(rows)
	b.frame++
	io.WriteString(b.w, text+"\x1b[J")
}

// refresh takes over how services are, but for when they began to change.
func (b *board) refresh() {
	for _, s := range b.look() {
		for i := range b.rows {
			if b.rows[i].Name == s.Name {
				b.rows[i].Service = s
			}
		}
	}
}

// fit returns the rows that there is room for, those first that are still under way.
func (b *board) fit(op *control.Operation, most int) []boardRow {
	if len(b.rows) <= most {
		return b.rows
	}
	var open, over []boardRow
	for _, r := range b.rows {
		if r.good(op) {
			over = append(over, r)
		} else {
			open = append(open, r)
		}
	}
	return append(open, over...)[:max(most, 1)]
}

// good reports whether a service is where the operation wants it.
func (r *boardRow) good(op *control.Operation) bool {
	switch {
	case op.Verb == "stop":
		return r.State == "down"
	case op.Verb == "restart" && r.began.IsZero():
		return op.State == control.OperationDone
	}
	return r.State == "ready" || r.State == "done"
}

// bad reports whether it did not get there.
func (r *boardRow) bad(op *control.Operation) bool {
	return !r.good(op) && (op.Over() || op.Verb != "stop" && (r.State == "failed" || r.State == "blocked" || r.State == "backoff"))
}

// markColumns are those of the mark, and one that stays free: in the last one a terminal
// may break the line.
const markColumns = 3

// spinner are the pictures of what goes on.
var spinner = []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}

// line is a row, no wider than the terminal: a line that is broken would not be found
// again.
func (b *board) line(op *control.Operation, r *boardRow, columns int) string {
	mark, color := spinner[b.frame%len(spinner)], yellow
	switch {
	case r.good(op):
		mark, color = "✔", green
	case r.bad(op):
		mark, color = "✘", red
	}
	text := fmt.Sprintf(" %-*s  %-8s  %6s", b.width(), r.Name, r.State, b.took(r))
	if r.Why != "" && !r.good(op) {
		text += "  " + r.Why
	}
	text = strings.TrimRight(fit(printable(text), columns-markColumns), " ")
	return " " + b.on.paint(mark, color) + text
}

func (b *board) width() (n int) {
	for i := range b.rows {
		n = max(n, len(b.rows[i].Name))
	}
	return n
}

// took is how long a service has been changing, or did until it was settled.
func (b *board) took(r *boardRow) string {
	switch {
	case r.began.IsZero(), settled(r.State) && r.Since.Equal(r.began):
		return ""
	case settled(r.State):
		return control.Short(r.Since.Sub(r.began))
	}
	return control.Short(b.now().Sub(r.began))
}
