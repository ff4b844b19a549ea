package tree

import (
	"errors"
	"fmt"
	"strings"
)

// unsetVariable says that a variable without a default has no value.
type unsetVariable struct{ Name string }

func (e *unsetVariable) Error() string { return e.Name + " is not set" }

var errTooLong = errors.New("it becomes longer than 128 KiB, the most that a program can be given")

// expandDepth is how deep defaults may stand in defaults.
const expandDepth = 16

// expandMost is the longest argument or variable that the kernel takes
// (MAX_ARG_STRLEN), but for its final zero.
const expandMost = 128<<10 - 1

// expand puts values in the place of ${NAME} and ${NAME:-default}; the default
// counts when the variable is unset or empty. $$ is a dollar, any other dollar stays
// as it is.
func expand(s string, lookup func(string) (string, bool)) (string, error) {
	return expandIn(s, lookup, 0)
}

func expandIn(s string, lookup func(string) (string, bool), depth int) (string, error) {
	if depth > expandDepth {
		return "", fmt.Errorf("defaults stand more than %d deep in each other", expandDepth)
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '$')
		if i < 0 || i+1 == len(s) {
			b.WriteString(s)
			return b.String(), nil
		}
		b.WriteString(s[:i])
		v, n, err := dollar(s[i:], lookup, depth)
		if err != nil {
			return "", err
		}
		if b.Len()+len(v) > expandMost {
			return "", errTooLong
		}
		b.WriteString(v)
		s = s[i+n:]
	}
}

// dollar is what the dollar at the beginning of s stands for, and how long it is.
func dollar(s string, lookup func(string) (string, bool), depth int) (string, int, error) {
	switch s[1] {
	case '$':
		return "$", 2, nil
	case '{':
		n := closing(s)
		if n == 1 {
			return "", 0, fmt.Errorf("%s has no closing brace", quoted(s))
		}
		v, err := variable(s[2:n-1], lookup, depth)
		return v, n, err
	}
	return "$", 1, nil
}

// variable is the value of what stands between the braces.
func variable(inner string, lookup func(string) (string, bool), depth int) (string, error) {
	name, standard, hasDefault := strings.Cut(inner, ":-")
	if !validVariable(name) {
		return "", fmt.Errorf("%s is no name of a variable", quoted(name))
	}
	v, ok := lookup(name)
	switch {
	case hasDefault && v == "":
		return expandIn(standard, lookup, depth+1)
	case !ok:
		return "", &unsetVariable{name}
	}
	return v, nil
}

func validVariable(name string) bool {
	for i, r := range name {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}
