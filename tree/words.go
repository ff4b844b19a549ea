package tree

import (
	"errors"
	"fmt"
	"strings"
)

// shellSyntax says that a command holds what only a shell would understand.
type shellSyntax struct {
	What string // the operator
	At   int    // where it is, in bytes
}

func (e *shellSyntax) Error() string { return fmt.Sprintf("unquoted %s", e.What) }

// splitWords splits a command into words as a POSIX shell does, with quotes and
// backslashes, and runs nothing. Variables are put in later, so that a value never
// becomes two words.
func splitWords(s string) ([]string, error) {
	w := &splitter{s: s}
	for w.i < len(s) {
		if err := w.step(); err != nil {
			return nil, err
		}
	}
	w.end()
	return w.words, nil
}

type splitter struct {
	s     string
	i     int
	words []string
	word  strings.Builder
	open  bool // a word has begun, perhaps an empty one
}

// end ends a word.
func (w *splitter) end() {
	if w.open {
		w.words = append(w.words, w.word.String())
		w.word.Reset()
		w.open = false
	}
}

// take adds text to the word, which is the next n bytes.
func (w *splitter) take(text string, n int) {
	w.word.WriteString(text)
	w.open = true
	w.i += n
}

// step takes in a blank, a character, or what is in quotes or braces.
func (w *splitter) step() error {
	rest := w.s[w.i:]
	switch c := rest[0]; {
	case strings.IndexByte(" \t\n\r", c) >= 0:
		w.end()
		w.i++
	case strings.IndexByte("|&;<>`", c) >= 0:
		return &shellSyntax{string(c), w.i}
	case strings.HasPrefix(rest, "$("):
		return &shellSyntax{"$(", w.i}
	case c == '\'' || c == '"':
		text, n, ok := quotedWord(rest)
		if !ok {
			return fmt.Errorf("the quote %c is never closed", c)
		}
		w.take(text, n)
	case c == '\\':
		return w.backslash(rest)
	case strings.HasPrefix(rest, "${"): // blanks inside belong to the default
		n := closing(rest)
		if n == 1 {
			return errors.New("${ has no closing brace")
		}
		w.take(rest[:n], n)
	default:
		w.take(rest[:1], 1)
	}
	return nil
}

func (w *splitter) backslash(rest string) error {
	switch {
	case len(rest) == 1:
		return errors.New("a backslash ends it")
	case rest[1] == '\n': // joins two lines
		w.i += 2
	default:
		w.take(rest[1:2], 2)
	}
	return nil
}

// quotedWord is the text in quotes at the beginning of s, and how long they are.
func quotedWord(s string) (text string, n int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == s[0]:
			return b.String(), i + 1, true
		case s[0] == '"' && s[i] == '\\' && i+1 < len(s) && strings.IndexByte("\"\\$`\n", s[i+1]) >= 0:
			if i++; s[i] != '\n' {
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return "", 0, false
}

// closing is the length of the ${…} at the beginning of s, or 1 without an end.
func closing(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], "${"):
			depth++
		case s[i] == '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 1
}
