package tree

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Severity says whether a fault keeps the tree from being started.
type Severity uint8

const (
	Error Severity = iota
	Warning
)

func (s Severity) String() string { return [...]string{"error", "warning"}[s] }

// MarshalText gives "error" or "warning".
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// A Fault is one thing that is wrong, and where.
type Fault struct {
	Severity Severity `json:"severity"`
	Spot
	Service string `json:"service,omitempty"` // the service, oneshot or bundle that it is about
	Key     string `json:"key,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"` // what to do, or what was probably meant
	Related []Spot `json:"related,omitempty"`

	kind string // what Service is: "service", "oneshot", "bundle"
}

// A Spot is a place in a definition file, or in one that it names.
type Spot struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`   // from 1; 0: the file as a whole
	Column int    `json:"column,omitempty"` // in characters, from 1
	Note   string `json:"note,omitempty"`   // what is there, of a related one

	order  int // of the file, in the order of reading
	offset int
	source string // the line
	length int    // of what is marked, in bytes of the line
}

// A Report is all that is wrong with the definitions, in file order.
type Report struct {
	Faults []Fault `json:"faults"`
}

func (r *Report) add(f Fault) { r.Faults = append(r.Faults, f) }

// sort brings the faults into file order, and drops what was said twice.
func (r *Report) sort() {
	slices.SortStableFunc(r.Faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.offset, b.offset))
	})
	r.Faults = slices.CompactFunc(r.Faults, func(a, b Fault) bool {
		return a.order == b.order && a.offset == b.offset && a.Message == b.Message
	})
}

// Errors returns the number of errors.
func (r *Report) Errors() int { return r.count(Error) }

// Warnings returns the number of warnings.
func (r *Report) Warnings() int { return r.count(Warning) }

func (r *Report) count(s Severity) (n int) {
	for _, f := range r.Faults {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// Strict makes errors of the warnings.
func (r *Report) Strict() {
	for i := range r.Faults {
		r.Faults[i].Severity = Error
	}
}

// MarshalJSON gives the faults as an array that is never null.
func (r *Report) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"faults": append([]Fault{}, r.Faults...)})
}

// String is the report for people; empty when there is nothing to report.
func (r *Report) String() string {
	var b strings.Builder
	for _, f := range r.Faults {
		f.write(&b)
	}
	return b.String()
}

func (f *Fault) write(b *strings.Builder) {
	fmt.Fprintf(b, "%s: %s: ", f.Spot, f.Severity)
	if f.Service != "" {
		fmt.Fprintf(b, "%s %q: ", f.kind, f.Service)
	}
	fmt.Fprintln(b, f.Message)
	f.quote(b)
	for _, s := range f.Related {
		fmt.Fprintf(b, "  %s: %s\n", s, s.Note)
		s.quote(b)
	}
	if f.Hint != "" {
		fmt.Fprintf(b, "  %s\n", f.Hint)
	}
}

func (s Spot) String() string {
	if s.Line == 0 {
		return s.File
	}
	return fmt.Sprintf("%s:%d:%d", s.File, s.Line, s.Column)
}

const quoteMost = 160 // bytes of a line that are shown

// quote shows the line, with a caret below each character that is meant.
func (s Spot) quote(b *strings.Builder) {
	if s.Line == 0 {
		return
	}
	line, at := s.source, s.column()
	if from := clip(line, at-quoteMost/2); len(line) > quoteMost && from > 0 {
		line, at = "…"+line[from:], at-from+len("…")
	}
	if len(line) > quoteMost {
		line = line[:clip(line, quoteMost)] + "…"
	}
	end := min(at+max(s.length, 1), len(line))
	fmt.Fprintf(b, "%5d | %s\n      | %s%s\n", s.Line, line, blank(line[:min(at, len(line))]), strings.Repeat("^", max(1, width(line[min(at, end):end]))))
}

// column is the byte of the line at which the marked part begins.
func (s Spot) column() int {
	at := 0
	for i := 1; i < s.Column && at < len(s.source); i++ {
		_, n := utf8.DecodeRuneInString(s.source[at:])
		at += n
	}
	return at
}

// clip moves an index down to where a character begins.
func clip(s string, at int) int {
	at = max(0, min(at, len(s)))
	for at > 0 && at < len(s) && !utf8.RuneStart(s[at]) {
		at--
	}
	return at
}

// blank is as wide as the text on a terminal: tabs stay tabs.
func blank(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\t' {
			b.WriteByte('\t')
		} else {
			b.WriteString(strings.Repeat(" ", columns(r)))
		}
	}
	return b.String()
}

func width(text string) (n int) {
	for _, r := range text {
		n += columns(r)
	}
	return n
}

// columns is the width of a character on a terminal: two for the wide ones of
// East Asia and for emoji (Unicode's annex 11, by blocks), none for marks that
// stand on another character.
func columns(r rune) int {
	switch {
	case r >= 0x300 && r <= 0x36f, r == 0x200d, r >= 0xfe00 && r <= 0xfe0f:
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3,
		r >= 0xf900 && r <= 0xfaff, r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60,
		r >= 0x1f300 && r <= 0x1faff, r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
}

// A source is the text of one file.
type source struct {
	name  string
	order int
	text  []byte
}

// spot is where a range of the text is.
func (f *source) spot(at span) Spot {
	from := min(at.from, len(f.text))
	begin := bytes.LastIndexByte(f.text[:from], '\n') + 1
	line := f.text[begin:]
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	line = bytes.TrimSuffix(line, []byte("\r"))
	return Spot{
		File: f.name, order: f.order, offset: from,
		Line:   1 + bytes.Count(f.text[:begin], []byte("\n")),
		Column: 1 + utf8.RuneCount(f.text[begin:from]),
		source: printable(line),
		length: min(at.to-from, max(begin+len(line)-from, 0)),
	}
}

// printable keeps what a terminal would take for a command out of the report.
func printable(line []byte) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(string(line), "?"))
}
