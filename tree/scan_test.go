package tree

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
)

// tricky are valid documents whose keys are easily misread.
var tricky = map[string]string{
	"bare":               "a = 1\na-b = 2\n_c = 3\n1 = 4\n",
	"quoted":             "\"a b\" = 1\n'c.d' = 2\n\"\" = 3\n'' = 4\n\"e\\\"f\" = 5\n\"\\u00e9\\t\\\\\" = 6\n'g\"h' = 7\n\"i'j\" = 8\n",
	"dotted":             "a.b.c = 1\na . d = 2\na.\"e.f\".'g' = 3\n3.14 = 4\n",
	"tables":             "x = 1\n[a]\nb = 1\n[a.c]\nd = 1\n[ e . \"f g\" ]\nh = 1\n[i.'j']\n",
	"array of tables":    "[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 1\n[[a.e]]\nf = 1\n[[a.e]]\nf = 2\n[g]\nh = 1\n",
	"inline":             "a = { b = 1, c = { d = 2 }, \"e f\" = 3, g.h = 4 }\ni = {}\n",
	"inline over lines":  "a = {\n  b = 1, # one\n  c = [ 1,\n 2 ],\n}\n",
	"arrays":             "a = [ 1, [2, 3], \"x]\", 'y[', ] # ]\nb = [ # [\n  { c = 1 }, { d = [ { e = 2 } ] },\n]\nf = []\n",
	"strings":            "a = \"x = 1\\\" # no\"\nb = 'y = 2\\'\nc = 3\n",
	"multi-line strings": "a = \"\"\"\nb = 1\n[c]\n\\\"\"\" \"\"d\"\"\"\"\"\ne = '''\nf = 1\n'''''\ng = 1\nh = \"\"\"\\\n   x\"\"\"\n",
	"empty strings":      "a = \"\"\nb = ''\nc = \"\"\"\"\"\"\nd = ''''''\ne = 1\n",
	"dates and numbers":  "a = 1979-05-27T07:32:00Z\nb = 1979-05-27 07:32:00\nc = 07:32:00\nd = -1.5e+3\ne = 0xff\nf = inf # x\ng = [1979-05-27, 0b1]\nh = true\n",
	"comments":           "# a = 1\n  # b = 2\nc = 3 # d = 4\n[e] # [f]\n#\ng = 5#h\n",
	"carriage returns":   "a = 1\r\n[b]\r\nc = \"\"\"x\r\ny\"\"\"\r\n# d\r\ne = [1,\r\n2]\r\n",
	"byte order mark":    "\ufeffa = 1\nb = 2\n",
	"mark of UTF-16":     "\xff\xfea = 1\nb = 2\n",
	"mark, other order":  "\xfe\xff[a]\nb = 2\n",
	"no last line end":   "a = 1\n[b]\nc = { d = 1 }",
	"tabs and blanks":    "\ta\t=\t1\n \t[ b ]\t\n\tc = [\t1\t,\t2\t]\t\n\n\n",
	"wide":               "\"日本\" = \"語\"\n[\"ключ\"]\n\"é\" = 'ü = 1'\n",
	"implicit":           "[a.b.c]\nd = 1\n[a]\ne = 1\n",
	"escapes":            "a = \"\\\\\"\nb = \"\\\"\"\nc = \"\"\"\\\"\"\"\"\nd = \"\\u0022 e = 1\"\nf = \"\\x41\\e\"\n",
	"many":               many(20, true),
}

// keysOf are the keys that the scanner finds, as the TOML library writes them.
func keysOf(text []byte) (out []string) {
	for _, p := range scan(text) {
		var key toml.Key
		for _, name := range p.path {
			if !isElement(name) {
				key = append(key, name)
			}
		}
		out = append(out, key.String())
	}
	return out
}

// TestScan: the scanner finds the keys that the library finds, in the same order,
// and what it says of their places is what stands there.
func TestScan(t *testing.T) {
	for name, text := range documents(t) {
		t.Run(name, func(t *testing.T) { checkScan(t, text) })
	}
}

// documents are the tricky ones, and every golden file that is valid.
func documents(t testing.TB) map[string]string {
	all := map[string]string{}
	for name, text := range tricky {
		all[name] = text
	}
	for _, pattern := range []string{"testdata/*/*/*.toml", "testdata/*/*/*/*.toml"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all[strings.TrimPrefix(file, "testdata/")] = string(text)
		}
	}
	return all
}

func checkScan(t *testing.T, text string) {
	var v map[string]any
	if tooDeep([]byte(text)) >= 0 {
		return // the loader goes no further
	}
	meta, err := toml.Decode(text, &v)
	if err != nil {
		return // nor then
	}
	var want []string
	for _, key := range meta.Keys() {
		want = append(want, key.String())
	}
	if diff := cmp.Diff(want, keysOf([]byte(text))); diff != "" {
		t.Errorf("keys of %q: (-library +scanner)\n%s", text, diff)
	}
	checkPlaces(t, text)
}

// checkPlaces: what stands at a key's place is that key, what stands at a value's
// place is that value.
func checkPlaces(t *testing.T, text string) {
	for _, p := range scan([]byte(text)) {
		key := text[p.key.from:p.key.to]
		if p.header {
			if _, err := toml.Decode("["+key+"]", &map[string]any{}); err != nil {
				t.Errorf("at the place of header %q is %q", p.path, key)
			}
			continue
		}
		value := text[p.value.from:p.value.to]
		if _, err := toml.Decode(key+" = "+value, &map[string]any{}); err != nil {
			t.Errorf("at the place of %q is %q: %v", p.path, key+" = "+value, err)
		}
		for _, e := range p.elems {
			if _, err := toml.Decode("x = "+text[e.from:e.to], &map[string]any{}); err != nil {
				t.Errorf("an element of %q is %q: %v", p.path, text[e.from:e.to], err)
			}
		}
	}
}

func FuzzScan(f *testing.F) {
	for _, text := range documents(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		scan([]byte(text)) // comes to an end, whatever it is
		checkScan(t, text)
	})
}

func TestTooDeep(t *testing.T) {
	deep := func(open, inside, end string, n int) string {
		return "a = " + strings.Repeat(open, n) + inside + strings.Repeat(end, n)
	}
	tests := []struct {
		name, text string
		want       int
	}{
		{"arrays at the limit", deep("[", "", "]", 64), -1},
		{"arrays beyond it", deep("[", "", "]", 65), 4 + 64},
		{"tables beyond it", deep("{a=", "1", "}", 65), 4 + 3*64},
		{"never closed", "a = " + strings.Repeat("[", 1000), 4 + 64},
		{"a dotted key", strings.Repeat("a.", 70) + "a = 1", 2*64 + 1},
		{"a header", "[" + strings.Repeat("a.", 70) + "a]", 2*64 + 2},
		{"brackets in strings", "a = \"" + strings.Repeat("[", 100) + "\"\nb = '" + strings.Repeat("{", 100) + "'\nc = '''\n" + strings.Repeat("[", 100) + "'''\n", -1},
		{"brackets in comments", "# " + strings.Repeat("[", 100), -1},
		{"many side by side", strings.Repeat("a.b.c = [[1.5], [2.5]]\n", 100), -1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := tooDeep([]byte(test.text)); got != test.want {
				t.Errorf("tooDeep = %d, want %d", got, test.want)
			}
		})
	}
}
