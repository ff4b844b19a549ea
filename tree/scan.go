package tree

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The TOML library says what a text means, but not where. A scanner finds the
// places of all keys in a text that the library has accepted, and so needs to
// report no fault of its own; on any other text it finds something or nothing, but
// comes to an end.

// A span is a range of bytes of a file.
type span struct{ from, to int }

// A place is where a key, and its value, stand in a file.
type place struct {
	path   []string // of the key, tables included; of a header, the table's
	key    span     // as written; of a header, what is between the brackets
	value  span     // empty for a header
	elems  []span   // of an array, each element
	header bool     // [table] or [[table]]
}

// scan finds the places of all keys in a valid TOML text, in file order, those in
// inline tables included. Inside an array a path has the element's index.
func scan(text []byte) []place {
	s := &scanner{text: text}
	s.i = markLength(text)
	s.out = make([]place, 0, min(bytes.Count(text, []byte("\n")), 1<<16))
	for s.blank(); s.i < len(s.text); s.blank() {
		before := s.i
		if s.text[s.i] == '[' {
			s.table()
		} else {
			s.pair(s.at, 0)
		}
		if s.i == before {
			s.i++ // not valid: go on somewhere
		}
	}
	return s.out
}

// markLength is how long the byte order mark is that the library passes over: also
// that of UTF-16, though not the rest of such a text.
func markLength(text []byte) int {
	for _, mark := range []string{"\ufeff", "\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(text, []byte(mark)) {
			return len(mark)
		}
	}
	return 0
}

// What ends a bare key, and a value that is neither string, array nor table.
var endsName, endsValue = setOf(" \t\r\n.=[]{},#\"'"), setOf(",]}#\n\r")

func setOf(chars string) (set [256]bool) {
	for i := range len(chars) {
		set[chars[i]] = true
	}
	return set
}

type scanner struct {
	text []byte
	i    int
	at   []string // the table that the keys are in
	out  []place
	// how many [[table]] headers of a name there were, by joined path
	arrays map[string]int
}

func (s *scanner) peek() byte {
	if s.i < len(s.text) {
		return s.text[s.i]
	}
	return 0
}

// blank skips white space, line ends and comments.
func (s *scanner) blank() {
	for s.i < len(s.text) {
		switch s.text[s.i] {
		case ' ', '\t', '\r', '\n':
			s.i++
		case '#':
			for s.i < len(s.text) && s.text[s.i] != '\n' {
				s.i++
			}
		default:
			return
		}
	}
}

// table takes in [a.b] or [[a.b]].
func (s *scanner) table() {
	s.i++
	double := s.peek() == '['
	if double {
		s.i++
	}
	path, key := s.key(nil)
	for s.i < len(s.text) && s.text[s.i] != '\n' && s.text[s.i] != ']' {
		s.i++
	}
	s.i = min(s.i+1, len(s.text))
	if double {
		s.i = min(s.i+1, len(s.text))
	}
	if len(path) > 0 {
		s.at = s.inArrays(path, double)
		s.out = append(s.out, place{path: s.at, key: key, header: true})
	}
}

// inArrays puts the number of the element after each name in a header's path that
// is an array of tables.
func (s *scanner) inArrays(path []string, double bool) []string {
	if !double && s.arrays == nil {
		return path
	}
	if s.arrays == nil {
		s.arrays = map[string]int{}
	}
	out := make([]string, 0, len(path)+2)
	for i, name := range path {
		out = append(out, name)
		key := joined(out)
		if double && i == len(path)-1 {
			s.arrays[key]++
		}
		if n := s.arrays[key]; n > 0 {
			out = append(out, element(n-1))
		}
	}
	return out
}

// pair takes in key = value.
func (s *scanner) pair(table []string, depth int) {
	path, key := s.key(table)
	if len(path) == len(table) {
		return
	}
	n := len(s.out)
	s.out = append(s.out, place{path: path, key: key})
	if s.space(); s.peek() == '=' {
		s.i++
	}
	s.blank()
	value, elems := s.value(path, depth)
	s.out[n].value, s.out[n].elems = value, elems
}

func (s *scanner) space() {
	for s.peek() == ' ' || s.peek() == '\t' {
		s.i++
	}
}

// key takes in a bare, quoted or dotted key, and gives its path in a table.
func (s *scanner) key(table []string) (path []string, at span) {
	path = table[:len(table):len(table)]
	s.space()
	at.from = s.i
	for {
		name, ok := s.name()
		if !ok {
			return path, at
		}
		path, at.to = append(path, name), s.i
		if s.space(); s.peek() != '.' {
			return path, at
		}
		s.i++
		s.space()
	}
}

func (s *scanner) name() (string, bool) {
	from := s.i
	switch s.peek() {
	case '"':
		s.oneLine('"')
		return unescape(s.text[from:s.i]), true
	case '\'':
		s.oneLine('\'')
		return strings.Trim(string(s.text[from:s.i]), "'"), true
	}
	for s.i < len(s.text) && !endsName[s.text[s.i]] {
		s.i++
	}
	return string(s.text[from:s.i]), s.i > from
}

// oneLine skips a string of one line.
func (s *scanner) oneLine(quote byte) {
	for s.i++; s.i < len(s.text) && s.text[s.i] != quote && s.text[s.i] != '\n'; s.i++ {
		if s.text[s.i] == '\\' && quote == '"' {
			s.i++
		}
	}
	s.i = min(s.i+1, len(s.text))
}

// three reports whether three such quotes are next.
func (s *scanner) three(quote byte) bool {
	return s.i+3 <= len(s.text) && s.text[s.i] == quote && s.text[s.i+1] == quote && s.text[s.i+2] == quote
}

// threeQuoted skips a string in three quotes. It may end in up to two quotes of its own.
func (s *scanner) threeQuoted(quote byte) {
	for s.i += 3; s.i < len(s.text); s.i++ {
		if s.text[s.i] == '\\' && quote == '"' {
			s.i++
		} else if s.three(quote) {
			s.i += 3
			for n := 0; n < 2 && s.peek() == quote; n++ {
				s.i++
			}
			return
		}
	}
	s.i = len(s.text)
}

// value skips a value, and takes in the keys inside it.
func (s *scanner) value(path []string, depth int) (at span, elems []span) {
	at.from = s.i
	switch c := s.peek(); {
	case (c == '"' || c == '\'') && s.three(c):
		s.threeQuoted(c)
	case c == '"' || c == '\'':
		s.oneLine(c)
	case c == '[' && depth < depthMost:
		elems = s.array(path, depth+1)
	case c == '{' && depth < depthMost:
		s.inline(path, depth+1)
	default:
		for s.i < len(s.text) && !endsValue[s.text[s.i]] {
			s.i++
		}
		at.to = s.i
		for at.to > at.from && (s.text[at.to-1] == ' ' || s.text[at.to-1] == '\t') {
			at.to--
		}
		return at, nil
	}
	at.to = s.i
	return at, elems
}

func (s *scanner) array(path []string, depth int) (elems []span) {
	s.i++
	for s.blank(); s.i < len(s.text) && s.peek() != ']'; s.blank() {
		before := s.i
		inner := path
		if c := s.peek(); c == '{' || c == '[' { // only these can hold keys
			inner = append(path[:len(path):len(path)], element(len(elems)))
		}
		at, _ := s.value(inner, depth)
		elems = append(elems, at)
		if s.blank(); s.peek() == ',' {
			s.i++
		}
		if s.i == before {
			s.i++
		}
	}
	s.i = min(s.i+1, len(s.text))
	return elems
}

func (s *scanner) inline(path []string, depth int) {
	s.i++
	for s.blank(); s.i < len(s.text) && s.peek() != '}'; s.blank() {
		before := s.i
		s.pair(path, depth)
		if s.blank(); s.peek() == ',' {
			s.i++
		}
		if s.i == before {
			s.i++
		}
	}
	s.i = min(s.i+1, len(s.text))
}

// unescape is what a quoted key means. The text is valid, so is each escape.
func unescape(quoted []byte) string {
	text := strings.TrimSuffix(strings.TrimPrefix(string(quoted), `"`), `"`)
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		size := map[byte]int{'x': 2, 'u': 4, 'U': 8}[text[i]]
		if size == 0 {
			b.WriteByte(simpleEscapes[text[i]])
			continue
		}
		n, err := strconv.ParseUint(text[min(i+1, len(text)):min(i+1+size, len(text))], 16, 32)
		if err != nil || n > utf8.MaxRune {
			n = utf8.RuneError
		}
		b.WriteRune(rune(n))
		i += size
	}
	return b.String()
}

var simpleEscapes = map[byte]byte{'b': '\b', 't': '\t', 'n': '\n', 'f': '\f', 'r': '\r', 'e': 0x1b, '"': '"', '\\': '\\'}
