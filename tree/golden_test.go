package tree

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// environ is what the definitions of the golden files inherit.
var environ = []string{"PATH=/usr/bin:/bin", "HOME=/root", "EMPTY=", "PORT=8080", "NOTIFY_SOCKET=/run/notify"}

// golden compares a text with a file, or writes the file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err, "(go test -update writes it)")
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: (-want +got)\n%s", file, diff)
	}
}

// each runs f in every folder below dir. A folder's subfolders whose names begin
// with "layer" are its layers; without any it is the only one.
func each(t *testing.T, dir string, f func(t *testing.T, layers []string)) {
	folders, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(folders) == 0 {
		t.Fatal("no cases in", dir)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Chdir(folder)
			layers, _ := filepath.Glob("layer*")
			if len(layers) == 0 {
				layers = []string{"."}
			}
			f(t, layers)
		})
	}
}

// TestFaults: each folder's definitions give exactly the report that is in want.txt.
func TestFaults(t *testing.T) {
	each(t, "testdata/faults", func(t *testing.T, layers []string) {
		tree, report := Load(layers, Options{Environ: environ})
		if tree != nil && report.count(Error) > 0 || tree == nil && report.count(Error) == 0 {
			t.Errorf("tree %v with %d errors", tree != nil, report.count(Error))
		}
		golden(t, "want.txt", report.String())
	})
}

// TestGood: each folder's definitions compile to what is in
// want.txt.
func TestGood(t *testing.T) {
	each(t, "testdata/good", func(t *testing.T, layers []string) {
		tree, report := Load(layers, Options{Environ: environ})
		if tree == nil {
			t.Fatalf("faults:\n%s", report)
		}
		golden(t, "want.txt", describe(tree))
	})
}

// TestNoFaultTwice: nothing is reported twice at one place.
func TestNoFaultTwice(t *testing.T) {
	each(t, "testdata/faults", func(t *testing.T, layers []string) {
		_, report := Load(layers, Options{Environ: environ})
		for i, f := range report.Faults {
			if slices.ContainsFunc(report.Faults[:i], func(g Fault) bool {
				return f.File == g.File && f.Line == g.Line && f.Column == g.Column && f.Service == g.Service && f.Message == g.Message
			}) {
				t.Errorf("said twice: %s", f.Message)
			}
		}
	})
}
