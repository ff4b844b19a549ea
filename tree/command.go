package tree

import (
	"errors"
	"fmt"
	"strings"
)

// command is an argv: an array as it is, or a string that is split.
func (v value) command() ([]string, bool) {
	s, ok := v.v.(string)
	if !ok {
		if _, array := v.v.([]any); !array {
			v.want("a string or an array of strings")
			return nil, false
		}
		words, ok := v.texts()
		return words, ok && v.notEmpty(words)
	}
	words, err := splitWords(s)
	if err != nil {
		v.shell(s, err)
		return nil, false
	}
	for i := range words {
		w, good := v.expand(words[i])
		words[i], ok = w, ok && good
	}
	return words, ok && v.notEmpty(words)
}

func (v value) notEmpty(words []string) bool {
	if len(words) == 0 || words[0] == "" && !v.d.environ.lenient {
		v.fail("", "%s is empty", v.name())
		return false
	}
	return true
}

// shell reports a command that looks as if a shell should run it.
func (v value) shell(s string, err error) {
	var syntax *shellSyntax
	if errors.As(err, &syntax) {
		key := v.e.name
		if len(v.path) > 0 {
			key = v.path[len(v.path)-1]
		}
		v.fail(fmt.Sprintf(`no shell runs it; for one, write %s = ["sh", "-c", %s], or quote the %s`, key, literal(s), syntax.What), "%s holds an unquoted %s", v.name(), syntax.What)
		return
	}
	v.fail("", "%s: %s", v.e.name, err)
}

// literal is a string as TOML writes it.
func literal(s string) string {
	if !strings.ContainsAny(s, "'\n\r") {
		return "'" + s + "'"
	}
	return fmt.Sprintf("%q", s)
}
