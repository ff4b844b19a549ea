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

	order               int // of the file, in the order of reading
	offset              int
	before, mark, after string // the line, in parts: what is meant is in the middle
	hidden              bool   // the line is not to be shown
}

// faultsMost is how many faults a report holds; more help nobody.
const faultsMost = 1000

// A Report is all that is wrong with the definitions, in file order.
type Report struct {
	Faults []Fault `json:"faults"`
	More   int     `json:"more,omitempty"` // faults beyond the first thousand
}

func (r *Report) full() bool { return len(r.Faults) >= faultsMost }

func (r *Report) add(f Fault) {
	if r.full() {
		r.More++
		return
	}
	r.Faults = append(r.Faults, f)
}

// sort brings the faults into file order, and drops what was said twice: a fault in
// the defaults is one of each service.
func (r *Report) sort() {
	slices.SortStableFunc(r.Faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.File, b.File), cmp.Compare(a.offset, b.offset), cmp.Compare(a.Message, b.Message))
	})
	r.Faults = slices.CompactFunc(r.Faults, func(a, b Fault) bool {
		return a.File == b.File && a.Line == b.Line && a.Column == b.Column && a.Message == b.Message
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
	type plain Report
	all := plain(*r)
	all.Faults = append([]Fault{}, r.Faults...)
	return json.Marshal(all)
}

// String is the report for people; empty when there is nothing to report.
func (r *Report) String() string {
	var b strings.Builder
	for _, f := range r.Faults {
		f.write(&b)
	}
	if r.More > 0 {
		fmt.Fprintf(&b, "… and %d more\n", r.More)
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

// quote shows the line, if it may be shown, with a caret below each character that is meant.
func (s Spot) quote(b *strings.Builder) {
	if s.Line > 0 && !s.hidden {
		fmt.Fprintf(b, "%5d | %s%s%s\n      | %s%s\n", s.Line, s.before, s.mark, s.after, blank(s.before), strings.Repeat("^", max(1, width(s.mark))))
	}
}

// clip moves an index down to where a character begins.
func clip[T ~string | ~[]byte](s T, at int) int {
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
	name   string
	order  int
	text   []byte
	secret bool // what is in it is shown to nobody: the values of an env-file

	lines []int    // where each line begins; made when needed
	last  struct { // the place that was asked for last, so that a long line is not counted again and again
		begin, from, column int
	}
}

const quoteMost = 160 // bytes of a line that are shown

// spot is where a range of the text is.
func (f *source) spot(at span) Spot {
	from := min(at.from, len(f.text))
	n := f.line(from)
	begin, line := f.lines[n], f.text[f.lines[n]:]
	from = max(from, begin) // nothing is before the byte order mark
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	line = bytes.TrimSuffix(line, []byte("\r"))
	s := Spot{File: f.name, order: f.order, offset: from, Line: n + 1, Column: f.column(begin, from)}
	middle := min(from-begin, len(line))
	if s.hidden = f.secret; !s.hidden {
		s.cut(line[:middle], line[middle:], at.to-from)
	}
	return s
}

// line is the line that an offset is in, from 0.
func (f *source) line(at int) int {
	if f.lines == nil {
		f.lines = append(f.lines, len(f.text)-len(bytes.TrimPrefix(f.text, []byte("\ufeff"))))
		for i, c := range f.text {
			if c == '\n' {
				f.lines = append(f.lines, i+1)
			}
		}
	}
	n, found := slices.BinarySearch(f.lines, at)
	if !found && n > 0 {
		n--
	}
	return n
}

func (f *source) column(begin, from int) int {
	if l := &f.last; l.begin != begin || l.from > from || l.column == 0 {
		l.begin, l.from, l.column = begin, begin, 1
	}
	f.last.column += utf8.RuneCount(f.text[f.last.from:max(from, f.last.from)])
	f.last.from = max(from, f.last.from)
	return f.last.column
}

// cut keeps of a line what is to be shown.
func (s *Spot) cut(before, rest []byte, length int) {
	left, right := "", ""
	if len(before)+len(rest) > quoteMost {
		if from := clip(before, len(before)-quoteMost/2); from > 0 {
			left, before = "…", before[from:]
		}
		if to := clip(rest, quoteMost-min(len(before), quoteMost/2)); to < len(rest) {
			right, rest = "…", rest[:to]
		}
	}
	length = max(0, min(length, len(rest)))
	s.before, s.mark, s.after = left+printable(before), printable(rest[:length]), printable(rest[length:])+right
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
