package readiness

import (
	"errors"
	"regexp"
	"regexp/syntax"
)

// Line returns what tells whether a line matches a regular expression somewhere, in the
// syntax of Go's package regexp, which takes time in proportion to the line. The error says
// what is wrong with the expression.
func Line(expression string) (matches func(line []byte) bool, err error) {
	x, err := regexp.Compile(expression)
	var bad *syntax.Error
	if errors.As(err, &bad) {
		return nil, errors.New(bad.Code.String() + ": " + bad.Expr)
	}
	if err != nil {
		return nil, err
	}
	return x.Match, nil
}
