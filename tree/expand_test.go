package tree

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func variables(name string) (string, bool) {
	v, ok := map[string]string{"A": "1", "B": "2 3", "EMPTY": "", "D": "${A}", "_x9": "u", "LONG": strings.Repeat("x", 100_000)}[name]
	return v, ok
}

func TestExpand(t *testing.T) {
	tests := []struct{ in, want, err string }{
		{in: "", want: ""},
		{in: "plain", want: "plain"},
		{in: "${A}", want: "1"},
		{in: "x${A}y${B}z", want: "x1y2 3z"},
		{in: "${_x9}", want: "u"},
		{in: "${EMPTY}", want: ""},
		{in: "${EMPTY:-d}", want: "d"},
		{in: "${NONE:-d}", want: "d"},
		{in: "${NONE:-}", want: ""},
		{in: "${NONE:-${A}}", want: "1"},
		{in: "${NONE:-${NONE:-${B}}}", want: "2 3"},
		{in: "${A:-${NONE}}", want: "1"},
		{in: "${NONE:-a:-b}", want: "a:-b"},
		{in: "${D}", want: "${A}"},
		{in: "$$", want: "$"},
		{in: "$${A}", want: "${A}"},
		{in: "$$$${A}", want: "$${A}"},
		{in: "$$${A}", want: "$1"},
		{in: "a$", want: "a$"},
		{in: "$A $1 $-", want: "$A $1 $-"},
		{in: "}{", want: "}{"},
		{in: "${NONE}", err: "NONE is not set"},
		{in: "${NONE:-${NOR}}", err: "NOR is not set"},
		{in: "${A", err: `"${A" has no closing brace`},
		{in: "${}", err: `"" is no name of a variable`},
		{in: "${a-b}", err: `"a-b" is no name of a variable`},
		{in: "${A:+b}", err: `"A:+b" is no name of a variable`},
		{in: "${9}", err: `"9" is no name of a variable`},
		{in: "${LONG}${LONG}", err: "it becomes longer than 128 KiB, the most that a program can be given"},
		{in: strings.Repeat("${X:-", 20) + strings.Repeat("}", 20), err: "defaults stand more than 16 deep in each other"},
	}
	for _, test := range tests {
		t.Run(test.in, func(t *testing.T) {
			got, err := expand(test.in, variables)
			if text := errorText(err); got != test.want || text != test.err {
				t.Errorf("%q, error %q; want %q, error %q", got, text, test.want, test.err)
			}
		})
	}
}

// TestExpandBack: a text whose dollars are doubled is itself again.
func TestExpandBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"$", "{", "}", "A", ":-", "é", " "})).Draw(t, "text"), "")
		got, err := expand(strings.ReplaceAll(text, "$", "$$"), variables)
		if err != nil || got != text {
			t.Fatalf("%q, %v; want %q", got, err, text)
		}
	})
}

func FuzzExpand(f *testing.F) {
	f.Add("a${A:-${B}}$$c")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := expand(text, variables); err == nil && len(got) > expandMost+len(text) {
			t.Errorf("%d bytes of %d", len(got), len(text))
		}
	})
}
