package readiness

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
)

// lineMost is how much of a line is kept.
const lineMost = 200

// A command may write without end. The first of that is read as it comes, and then no more
// than so much at a time, with a rest in between: the command waits, and bole has better
// things to do.
const (
	eagerMost = 1 << 20
	someMost  = 64 << 10 // what a pipe holds, so that of one that has ended nothing is late
	rest      = 5 * time.Millisecond
)

// LastLine reads to the end, and returns the last line that is not empty, or its
// beginning. Of what comes before nothing is kept.
func LastLine(r io.Reader) string {
	var w words
	for buf, some := make([]byte, 4096), 0; ; {
		n, err := r.Read(buf)
		w.add(buf[:n])
		if some += n; err != nil {
			return w.end()
		}
		if some >= eagerMost+someMost {
			some = eagerMost
			time.Sleep(rest)
		}
	}
}

// words are the last whole line that is not empty, and the one that has no end yet.
type words struct{ last, line []byte }

func (w *words) add(text []byte) {
	for len(text) > 0 {
		piece, rest, ended := bytes.Cut(text, []byte{'\n'})
		w.line = append(w.line, piece[:min(len(piece), lineMost-len(w.line))]...)
		if ended && len(bytes.TrimSpace(w.line)) > 0 {
			w.last = append(w.last[:0], w.line...)
		}
		if ended {
			w.line = w.line[:0]
		}
		text = rest
	}
}

func (w *words) end() string {
	if len(bytes.TrimSpace(w.line)) > 0 {
		w.last = w.line
	}
	return printable(string(bytes.TrimSpace(w.last)))
}

// printable leaves out what would do something to a terminal, or to a line: control
// characters, the two that end a line or a paragraph, and those that turn the direction of
// writing.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

// Refused is why a command that was asked, and has ended with another code than 0, says
// no: its own words, if it has any.
func Refused(program, how, last string) error {
	if last == "" {
		return fmt.Errorf("%s: %s", program, how)
	}
	return fmt.Errorf("%s: %s (%s)", program, last, how)
}
