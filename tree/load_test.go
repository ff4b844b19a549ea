package tree

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
)

// write makes a file in a folder of the test's own.
func write(t testing.TB, name, text string) string {
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// load reads one text, which has to be good.
func load(t *testing.T, text string, o Options) *Tree {
	t.Helper()
	tree, report := Load([]string{write(t, "a.toml", text)}, o)
	if tree == nil {
		t.Fatal(report)
	}
	return tree
}

// report is what is wrong with one text, without the folder's name.
func report(t *testing.T, text string, o Options) string {
	path := write(t, "a.toml", text)
	_, report := Load([]string{path}, o)
	return strings.ReplaceAll(report.String(), filepath.Dir(path)+"/", "")
}

func TestPaths(t *testing.T) {
	good := write(t, "a.toml", "[service.a]\ncommand = 'x'\n")
	missing := filepath.Join(t.TempDir(), "missing")
	directory := t.TempDir()
	if err := os.Mkdir(filepath.Join(directory, "b.toml"), 0o755); err != nil {
		t.Fatal(err)
	}
	large := write(t, "large.toml", strings.Repeat("#", fileMost+1))
	tests := []struct {
		name  string
		paths []string
		want  string
	}{
		{"none", nil, ""},
		{"one", []string{good}, ""},
		{"missing", []string{good, missing}, missing + ": error: cannot be read: no such file or directory\n"},
		{"a directory with a file's name", []string{directory}, directory + "/b.toml: error: cannot be read: is a directory\n"},
		{"too large", []string{large}, large + ": error: cannot be read: it is larger than 16 MiB, the most that is allowed\n"},
		{"an endless one", []string{"/dev/zero"}, "/dev/zero: error: cannot be read: it is larger than 16 MiB, the most that is allowed\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, report := Load(test.paths, Options{})
			if diff := cmp.Diff(test.want, report.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestPortable: what only the machine that will run it knows is no fault in a build.
func TestPortable(t *testing.T) {
	text := "[service.a]\ncommand = '${PROGRAM} x'\ndirectory = '${WHERE}'\nuser = '${WHO}'\nenabled = '${CRON}'\nenv-file = 'missing.env'\n"
	if got := report(t, text, Options{Portable: true}); got != "" {
		t.Errorf("portable: %s", got)
	}
	if got := strings.Count(report(t, text, Options{}), ": error: "); got != 5 {
		t.Errorf("not portable: %d errors, want 5", got)
	}
}

func TestMachine(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"program": 0o755, "text": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	text := `[service.good]
command = "program"
directory = "DIR"
user = "0"
[service.in-directory]
command = "./program"
directory = "DIR"
[service.bad]
command = "no-such-program x"
directory = "/no/such/directory"
user = "no-such-user"
group = "no-such-group"
groups = ["neither-this-one", 5]
[service.text]
command = "DIR/text"
[service.folder]
command = ["DIR"]
[oneshot.o]
up = "program"
down = "/no/such/down"
`
	want := `a.toml:9:11: warning: service "bad": there is no program no-such-program in the service's PATH (DIR)
    9 | command = "no-such-program x"
      |           ^^^^^^^^^^^^^^^^^^^
a.toml:10:13: warning: service "bad": there is no directory /no/such/directory on this machine
   10 | directory = "/no/such/directory"
      |             ^^^^^^^^^^^^^^^^^^^^
a.toml:11:8: warning: service "bad": there is no user no-such-user on this machine
   11 | user = "no-such-user"
      |        ^^^^^^^^^^^^^^
a.toml:12:9: warning: service "bad": there is no group no-such-group on this machine
   12 | group = "no-such-group"
      |         ^^^^^^^^^^^^^^^
a.toml:13:10: warning: service "bad": there is no group neither-this-one on this machine
   13 | groups = ["neither-this-one", 5]
      |          ^^^^^^^^^^^^^^^^^^^^^^^
a.toml:15:11: warning: service "text": DIR/text is not executable
   15 | command = "DIR/text"
      |           ^^^^^^^^^^
  chmod +x would make it a program
a.toml:17:11: warning: service "folder": DIR is a directory, not a program
   17 | command = ["DIR"]
      |           ^^^^^^^
a.toml:20:8: warning: oneshot "o": there is no program /no/such/down on this machine
   20 | down = "/no/such/down"
      |        ^^^^^^^^^^^^^^^
`
	if len(dir) > 60 {
		t.Skip("needs a short TMPDIR, for a line that is not cut")
	}
	got := report(t, strings.ReplaceAll(text, "DIR", dir), Options{Machine: true, Environ: []string{"PATH=" + dir}})
	got = strings.ReplaceAll(strings.ReplaceAll(got, strings.Repeat("^", len(dir)+7), "^^^^^^^^^^"), strings.Repeat("^", len(dir)+4), "^^^^^^^")
	if diff := cmp.Diff(want, strings.ReplaceAll(got, dir, "DIR")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestUserHome: a value is expanded with what the user's entry says now, but the
// environment leaves it to the start.
func TestUserHome(t *testing.T) {
	if _, err := os.Stat("/etc/passwd"); err != nil {
		t.Skip("needs a password file")
	}
	tree := load(t, "[service.a]\ncommand = ['x', '${HOME}', '${USER}']\nuser = '0'\n[service.b]\ncommand = ['x', '${HOME}']\n", Options{Environ: []string{"HOME=/elsewhere"}})
	if diff := cmp.Diff([]string{"x", "/root", "root"}, tree.Services[0].Command); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"BOLE_SERVICE=a"}, tree.Services[0].Env); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := tree.Services[1].Command[1]; got != "/elsewhere" {
		t.Errorf("without a user HOME is %s", got)
	}
}

// TestSharedEnvironment: the strings that many services have in common are there
// once.
func TestSharedEnvironment(t *testing.T) {
	tree := load(t, many(100, false)+"[defaults]\nenv = { X = 'y' }\n", Options{Environ: []string{"COMMON=" + strings.Repeat("x", 1<<20)}})
	first := tree.Services[0].Env
	for _, s := range tree.Services {
		i := slices.IndexFunc(s.Env, func(v string) bool { return strings.HasPrefix(v, "COMMON=") })
		if unsafe.StringData(s.Env[i]) != unsafe.StringData(first[i]) {
			t.Fatalf("%s has a copy", s.Name)
		}
	}
}

// TestGraph: a tree's graph says who depends on whom, and how.
func TestGraph(t *testing.T) {
	tree := load(t, "[service.a]\ncommand = 'x'\n[service.b]\ncommand = 'x'\nbinds = [{ service = 'a', until = 'started' }]\n", Options{})
	g := tree.Graph()
	edges := g.Edges()
	if g.Len() != 2 || len(edges) != 1 || edges[0].From != 1 || edges[0].To != 0 || edges[0].Label != (Arrow{Binds, UntilStarted}) {
		t.Errorf("%d nodes, edges %v", g.Len(), edges)
	}
}

func TestReportJSON(t *testing.T) {
	path := write(t, "a.toml", "[service.a]\ncommand = 'x'\nrequires = ['b']\n")
	_, report := Load([]string{path}, Options{})
	got, err := json.Marshal(report)
	want := `{"faults":[{"severity":"error","file":"a.toml","line":3,"column":13,"service":"a","key":"requires","message":"requires names \"b\", which is no service, oneshot or bundle","hint":"no file defines it"}]}`
	if diff := cmp.Diff(want, strings.ReplaceAll(string(got), filepath.Dir(path)+"/", "")); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	empty, _ := json.Marshal(&Report{})
	if string(empty) != `{"faults":[]}` {
		t.Errorf("an empty report is %s", empty)
	}
}

func TestStrict(t *testing.T) {
	path := write(t, "a.toml", "[service.a]\ncommand = 'x'\nstop-timeout = '1m'\n")
	tree, report := Load([]string{path}, Options{})
	if tree == nil || report.Errors() != 0 || report.Warnings() != 1 {
		t.Fatalf("%d errors, %d warnings", report.Errors(), report.Warnings())
	}
	if report.Strict(); report.Errors() != 1 || report.Warnings() != 0 {
		t.Errorf("strict: %d errors, %d warnings", report.Errors(), report.Warnings())
	}
}

// FuzzLoad: no bytes make it panic; what it accepts is a whole tree.
func FuzzLoad(f *testing.F) {
	for _, text := range documents(f) {
		f.Add([]byte(text))
	}
	path := filepath.Join(f.TempDir(), "fuzz.toml")
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		tree, report := Load([]string{path}, Options{Environ: environ})
		if (tree == nil) != (report.Errors() > 0) {
			t.Errorf("tree %v, %d errors", tree != nil, report.Errors())
		}
		_ = report.String()
		for i := 0; tree != nil && i < len(tree.Services); i++ {
			if s := &tree.Services[i]; s.ID != ID(i) || len(s.Command) == 0 || len(s.Env) == 0 {
				t.Errorf("service %+v", s)
			}
		}
	})
}

// TestAllowance: bundles that multiply services end in a fault, not in memory.
func TestAllowance(t *testing.T) {
	const n = 1100
	var text, members strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "[service.s%d]\ncommand = 'x'\n[service.t%d]\ncommand = 'x'\nafter = ['all']\n", i, i)
		fmt.Fprintf(&members, "'s%d',", i)
	}
	got := report(t, text.String()+"[bundle.all]\ncontains = ["+members.String()+"]\n", Options{})
	if !strings.Contains(got, "with this the definitions grow beyond 128 MiB\n") || strings.Count(got, "error: ") != 1 {
		t.Error(got)
	}
}
