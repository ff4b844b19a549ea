package tree

import (
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestSplitWords(t *testing.T) {
	tests := []struct {
		in   string
		want []string
		err  string
	}{
		{in: "", want: nil},
		{in: " \t\n ", want: nil},
		{in: "a", want: []string{"a"}},
		{in: "  a  b\tc\nd ", want: []string{"a", "b", "c", "d"}},
		{in: `'a b' "c d"`, want: []string{"a b", "c d"}},
		{in: `a'b c'd"e f"`, want: []string{"ab cde f"}},
		{in: `'' ""`, want: []string{"", ""}},
		{in: `a\ b \\ \' \"`, want: []string{"a b", `\`, "'", `"`}},
		{in: `"a\"b\\c\nd\$e"`, want: []string{`a"b\c\nd$e`}},
		{in: `'a\b'`, want: []string{`a\b`}},
		{in: "a\\\nb", want: []string{"ab"}},
		{in: `'|&;<>' "|&;<>" \| \&`, want: []string{"|&;<>", "|&;<>", "|", "&"}},
		{in: `${A:-b c} x`, want: []string{"${A:-b c}", "x"}},
		{in: `a${A:-${B:-c d}}e`, want: []string{"a${A:-${B:-c d}}e"}},
		{in: `# no comment`, want: []string{"#", "no", "comment"}},
		{in: `* ~ [a] {b} $c`, want: []string{"*", "~", "[a]", "{b}", "$c"}},
		{in: "a | b", err: "unquoted |"},
		{in: "a&&b", err: "unquoted &"},
		{in: "a;", err: "unquoted ;"},
		{in: "a <b", err: "unquoted <"},
		{in: "a >b", err: "unquoted >"},
		{in: "a `b`", err: "unquoted `"},
		{in: "a $(b)", err: "unquoted $("},
		{in: "'a", err: "the quote ' is never closed"},
		{in: `"a\"`, err: `the quote " is never closed`},
		{in: `a\`, err: "a backslash ends it"},
		{in: "${A", err: "${ has no closing brace"},
	}
	for _, test := range tests {
		t.Run(test.in, func(t *testing.T) {
			got, err := splitWords(test.in)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if text := errorText(err); text != test.err {
				t.Errorf("error %q, want %q", text, test.err)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestWordsAsTheShell: what splitWords makes of a string is what the shell makes of
// it. One shell reads them all.
func TestWordsAsTheShell(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("needs a shell: install dash")
	}
	r := rand.New(rand.NewPCG(1, 2))
	var texts, want []string
	for len(texts) < 2000 {
		text := ""
		for range r.IntN(12) {
			text += []string{"a", "b", " ", " ", "'", `"`, `\`, "\t", "*", "é"}[r.IntN(10)]
		}
		if words, err := splitWords(text); err == nil {
			texts = append(texts, "printf '<%s>' "+text+"\necho")
			want = append(want, "<"+strings.Join(words, "><")+">") // without a word printf takes an empty one
		}
	}
	out, err := exec.Command(sh, "-f", "-c", strings.Join(texts, "\n")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-here +shell)\n%s", diff)
	}
}

// TestWordsBack: what is quoted comes back.
func TestWordsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.String()).Draw(t, "words")
		var quoted []string
		for _, w := range words {
			quoted = append(quoted, "'"+strings.ReplaceAll(w, "'", `'\''`)+"'")
		}
		got, err := splitWords(strings.Join(quoted, " "))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(append([]string{}, words...), append([]string{}, got...)); diff != "" {
			t.Fatalf("(-want +got)\n%s", diff)
		}
	})
}

func FuzzSplitWords(f *testing.F) {
	f.Add(`a 'b c' "d\"e" ${A:-f g} \h`)
	f.Fuzz(func(t *testing.T, text string) { splitWords(text) })
}
