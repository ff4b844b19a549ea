package logs

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// split gives the pieces to lines one after the other, and returns what it makes of
// each and of the end.
func split(pieces ...string) []string {
	l := lines{prefix: []byte("app | ")}
	var out []string
	for _, p := range pieces {
		out = append(out, string(l.add(nil, []byte(p))))
	}
	return append(out, string(l.end(nil)))
}

func TestLines(t *testing.T) {
	most := strings.Repeat("x", lineMost)
	for _, c := range []struct {
		name   string
		pieces []string
		want   []string // of each piece, and of the end
	}{
		{"nothing", nil, []string{""}},
		{"one line", []string{"a\n"}, []string{"app | a\n", ""}},
		{"several lines at once", []string{"a\n\nb\n"}, []string{"app | a\napp | \napp | b\n", ""}},
		{"a line in pieces", []string{"a", "b", "c\nd", "\n"}, []string{"", "", "app | abc\n", "app | d\n", ""}},
		{"a newline of its own", []string{"a", "\n"}, []string{"", "app | a\n", ""}},
		{"no newline at the end", []string{"a\nb"}, []string{"app | a\n", "app | b\n"}},
		{"bytes that are no text", []string{"\x00\xff\r\n"}, []string{"app | \x00\xff\r\n", ""}},
		{"as long as a line may be", []string{most, "\n"}, []string{"", "app | " + most + "\n", ""}},
		{"as long, at once", []string{most + "\n"}, []string{"app | " + most + "\n", ""}},
		{"as long, without an end", []string{most}, []string{"", "app | " + most + "\n"}},
		{"a byte too long", []string{most, "y\nz\n"}, []string{"", "app | " + most + "\napp | … y\napp | z\n", ""}},
		{"a byte too long, at once", []string{most + "y\nz\n"}, []string{"app | " + most + "\napp | … y\napp | z\n", ""}},
		{"a byte too long, without an end", []string{most, "y"}, []string{"", "app | " + most + "\n", "app | … y\n"}},
		{"much too long", []string{most + most, "y\n"}, []string{"app | " + most + "\n", "app | … " + most + "\napp | … y\n", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, split(c.pieces...)); diff != "" {
				t.Errorf("split %d pieces (-want +got):\n%s", len(c.pieces), diff)
			}
		})
	}
}

// However the text is cut up, the lines are those of the text.
func TestLinesOfAnyPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOf(rapid.StringMatching(`[ab\n]{0,9}`)).Draw(t, "pieces")
		text := strings.Join(pieces, "")
		if diff := cmp.Diff(strings.Join(split(text), ""), strings.Join(split(pieces...), "")); diff != "" {
			t.Fatalf("in one piece against in %d (-one +many):\n%s", len(pieces), diff)
		}
	})
}

// No byte is lost, no line is too long, no piece is kept that is too large.
func FuzzLines(f *testing.F) {
	f.Add([]byte("a\nb"), 1, 1)
	f.Add([]byte("abc"), 70_000, 64<<10)
	f.Add([]byte("abc\n\n"), 30_000, 4096)
	f.Fuzz(func(t *testing.T, text []byte, times, size int) {
		text = bytes.Repeat(text, min(max(times, 0), 1<<20/max(len(text), 1)))
		size = min(max(size, 1), readMost)
		var l lines
		var out []byte
		for piece := range chunks(text, size) {
			if out = l.add(out, piece); len(l.rest) > lineMost {
				t.Fatalf("%d bytes kept", len(l.rest))
			}
		}
		checkLines(t, text, l.end(out))
	})
}

func chunks(text []byte, size int) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(text) > 0 {
			n := min(size, len(text))
			if !yield(text[:n]) {
				return
			}
			text = text[n:]
		}
	}
}

// checkLines puts cut lines together again, and compares.
func checkLines(t *testing.T, text, out []byte) {
	t.Helper()
	for line := range bytes.Lines(out) {
		if len(line) > lineMost+len(more)+1 {
			t.Fatalf("a line of %d bytes", len(line))
		}
	}
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(bytes.Clone(text), '\n')
	}
	if bytes.Contains(text, []byte(more)) {
		return // looks like a cut
	}
	if got := bytes.ReplaceAll(out, []byte("\n"+more), nil); !bytes.Equal(text, got) {
		t.Fatalf("%d bytes in, %d out", len(text), len(got))
	}
}
