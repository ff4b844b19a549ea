package tree

import (
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
	var words []string
	var word strings.Builder
	open := false // a word has begun, perhaps an empty one
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if open {
				words = append(words, word.String())
				word.Reset()
				open = false
			}
			continue
		case strings.IndexByte("|&;<>`", c) >= 0:
			return nil, &shellSyntax{string(c), i}
		case c == '$' && strings.HasPrefix(s[i:], "$("):
			return nil, &shellSyntax{"$(", i}
		case c == '\'' || c == '"':
			text, n, ok := quotedWord(s[i:])
			if !ok {
				return nil, fmt.Errorf("the quote %c is never closed", c)
			}
			word.WriteString(text)
			i += n - 1
		case c == '\\':
			if i++; i == len(s) {
				return nil, fmt.Errorf("a backslash ends it")
			}
			if s[i] == '\n' { // joins two lines
				continue
			}
			word.WriteByte(s[i])
		case c == '$' && strings.HasPrefix(s[i:], "${"): // blanks inside belong to the default
			n := closing(s[i:])
			if n == 1 {
				return nil, fmt.Errorf("${ has no closing brace")
			}
			word.WriteString(s[i : i+n])
			i += n - 1
		default:
			word.WriteByte(c)
		}
		open = true
	}
	if open {
		words = append(words, word.String())
	}
	return words, nil
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
