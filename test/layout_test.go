package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// may says which of bole's own packages each one may import. What is not in the
// list may import none. cmd/bole takes from logs how names stand before lines, for bole
// logs is to look like bole up, and from procattr the attributes that bole postmortem shows.
var may = map[string][]string{
	"bole/cmd/bole":                  {"bole/graph", "bole/readiness/notify", "bole/tree", "bole/tree/control", "bole/tree/logs", "bole/tree/process", "bole/tree/procattr", "bole/tree/supervise"},
	"bole/examples/notify-go/server": {"bole/readiness/notify"},
	"bole/tree":                      {"bole/graph", "bole/readiness", "bole/tree/accounts", "bole/tree/procattr"},
	"bole/tree/procattr":             {"bole/tree/accounts"},
	"bole/tree/process":              {"bole/tree/procattr"},
	"bole/tree/control":              {"bole/tree/procattr"},
	"bole/tree/engine":               {"bole/tree"},
	"bole/tree/supervise":            {"bole/readiness", "bole/tree", "bole/tree/control", "bole/tree/engine", "bole/tree/logs", "bole/tree/process", "bole/tree/procattr"},
}

// testsOnly are modules that serve tests, and are not to weigh on the binary.
var testsOnly = []string{"github.com/google/go-cmp", "github.com/prometheus/common", "github.com/rogpeppe/go-internal", "github.com/santhosh-tekuri/jsonschema", "pgregory.net/rapid"}

// sources calls f for each Go file that is no test, with its package.
func sources(t *testing.T, f func(pkg, path string, file *ast.File)) {
	t.Helper()
	files := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		files++
		f("bole"+strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), ".."), path, file)
		return nil
	})
	if err != nil || files == 0 {
		t.Fatalf("%d files: %v", files, err)
	}
}

// Imports go one way.
func TestLayers(t *testing.T) {
	sources(t, func(pkg, path string, file *ast.File) {
		for _, i := range file.Imports {
			name := strings.Trim(i.Path.Value, `"`)
			if strings.HasPrefix(name, "bole/") && !slices.Contains(may[pkg], name) {
				t.Errorf("%s imports %s", path, name)
			}
			if slices.ContainsFunc(testsOnly, func(module string) bool { return strings.HasPrefix(name, module+"/") || name == module }) {
				t.Errorf("%s imports %s, which is for tests", path, name)
			}
			if name == "os/exec" {
				t.Errorf("%s imports os/exec: the reaper would take its children", path)
			}
		}
	})
}

// forbidden are calls that a PID 1 must not make, and why.
var forbidden = map[string]string{
	"os.StartProcess":   "the reaper would take its child",
	"os.FindProcess":    "processes are package process's alone",
	"time.AfterFunc":    "a panic in it cannot be caught",
	"signal.Ignore":     "children would ignore it too",
	"syscall.Setrlimit": "children would not get their limit back",
	"unix.Setrlimit":    "children would not get their limit back",
	"unix.Prlimit":      "children would not get their limit back",
	"run.SignalHandler": "it ends the group at the first signal",
}

// stage is the file whose calls are those of a process that is about to become a
// service's program.
const stage = "../tree/procattr/apply.go"

func TestForbiddenCalls(t *testing.T) {
	sources(t, func(pkg, path string, file *ast.File) {
		if filepath.ToSlash(path) == stage {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok {
					if why := forbidden[x.Name+"."+s.Sel.Name]; why != "" {
						t.Errorf("%s uses %s.%s: %s", path, x.Name, s.Sel.Name, why)
					}
				}
			}
			return true
		})
	})
}

// Every goroutine in PID 1 starts where a panic is caught: there is one go
// statement, in supervise's guard. Package process has another, which calls nothing
// but the fork, and waits for it; and so has the load, during which nothing runs. What
// examples and tests have for services is none of PID 1.
func TestOneGoStatement(t *testing.T) {
	guarded := []string{"../tree/supervise/guard.go", "../tree/process/start.go", "../cmd/bole/up.go"}
	sources(t, func(pkg, path string, file *ast.File) {
		if strings.HasPrefix(pkg, "bole/examples") || strings.HasPrefix(pkg, "bole/test/") || slices.Contains(guarded, filepath.ToSlash(path)) {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if _, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s has a go statement", path)
			}
			return true
		})
	})
}
