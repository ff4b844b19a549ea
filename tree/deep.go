package tree

import "strings"

// depthMost is how deep a file may nest. The TOML library has no bound of its own,
// and a stack that overflows is the end of PID 1.
const depthMost = 64

// tooDeep looks for nesting deeper than the TOML library should be given, in any
// bytes: the offset of the first bracket, or key, that is too deep, or -1.
func tooDeep(text []byte) int {
	s := &scanner{text: text}
	depth, dots := 0, 0
	for s.i < len(s.text) {
		switch c := s.text[s.i]; c {
		case '[', '{':
			if depth++; depth > depthMost {
				return s.i
			}
		case ']', '}':
			depth = max(depth-1, 0)
		case '.':
			if dots++; dots > depthMost {
				return s.i
			}
		case '\n', '=', ',', '#':
			dots = 0
		}
		s.skip()
	}
	return -1
}

// skip goes on by one character, one string, or one comment.
func (s *scanner) skip() {
	switch c := s.text[s.i]; c {
	case '"', '\'':
		if strings.HasPrefix(string(s.text[s.i:min(s.i+3, len(s.text))]), strings.Repeat(string(c), 3)) {
			s.threeQuoted(c)
		} else {
			s.oneLine(c)
		}
	case '#':
		for s.i < len(s.text) && s.text[s.i] != '\n' {
			s.i++
		}
	default:
		s.i++
	}
}
