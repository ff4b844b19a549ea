package readiness

import (
	"bytes"
	"errors"
	"regexp"
	"regexp/syntax"
)

// Line returns what tells whether a line matches a regular expression somewhere, in the
// syntax of Go's package regexp, which takes time in proportion to the line. It need
// not know of a carriage return at the end, as some programs write one. The error says what is
// wrong with the expression.
func Line(expression string) (matches func(line []byte) bool, err error) {
	x, err := regexp.Compile(expression)
	var bad *syntax.Error
	if errors.As(err, &bad) {
		return nil, errors.New(bad.Code.String() + ": " + bad.Expr)
	}
	if err != nil {
		return nil, err
	}
	return func(line []byte) bool {
		text, returns := bytes.CutSuffix(line, []byte{'\r'})
		return x.Match(text) || returns && x.Match(line)
	}, nil
}
