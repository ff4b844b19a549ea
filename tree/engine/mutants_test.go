package engine

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestMutants breaks the engine on purpose, once for each entry of
// testdata/mutants.txt, and sees to it that the other tests catch it by the
// invariant that is named there.
func TestMutants(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles the tests anew for each mutant")
	}
	data, err := os.ReadFile("testdata/mutants.txt")
	if err != nil {
		t.Fatal(err)
	}
	mutants := parseMutants(t, string(data))
	if len(mutants) < 15 {
		t.Errorf("only %d mutants", len(mutants))
	}
	turns := make(chan bool, runtime.GOMAXPROCS(0))
	for _, m := range mutants {
		t.Run(strings.ReplaceAll(m.rule, " ", "-"), func(t *testing.T) {
			t.Parallel()
			turns <- true
			defer func() { <-turns }()
			m.test(t)
		})
	}
}

// A mutant is the engine with one piece of text replaced.
type mutant struct {
	rule     string // what the engine then gets wrong
	catcher  string // the invariant that says so
	file     string
	old, new string
}

// parseMutants reads blocks of: # what is wrong, invariant and file, - old text,
// + new text.
func parseMutants(t *testing.T, text string) (out []mutant) {
	for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		lines := strings.Split(block, "\n")
		if len(lines) != 4 {
			t.Fatalf("not a mutant:\n%s", block)
		}
		m := mutant{rule: lines[0][2:], old: lines[2][2:], new: lines[3][2:]}
		m.catcher, m.file, _ = strings.Cut(lines[1], " ")
		out = append(out, m)
	}
	return out
}

func (m *mutant) test(t *testing.T) {
	overlay := m.write(t)
	cmd := exec.Command("go", "test", "-vet=off", "-overlay", overlay, "-short", "-timeout=100s", "-run", "^(TestScenarios|TestSearch|TestRandom)$", ".")
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		t.Errorf("survives: %s", m.rule)
	case !strings.Contains(string(out), m.catcher+": "):
		t.Errorf("not caught by %s:\n%s", m.catcher, out[:min(len(out), 3000)])
	}
}

// write makes the mutated file, and the overlay that puts it in the place of the
// engine's.
func (m *mutant) write(t *testing.T) string {
	path, err := filepath.Abs(m.file)
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), m.old); n != 1 {
		t.Fatalf("%s has %d times: %s", m.file, n, m.old)
	}
	dir := t.TempDir()
	mutated := filepath.Join(dir, m.file)
	overlay := filepath.Join(dir, "overlay.json")
	data, _ := json.Marshal(map[string]any{"Replace": map[string]string{path: mutated}})
	for file, text := range map[string]string{mutated: strings.Replace(string(source), m.old, m.new, 1), overlay: string(data)} {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(fmt.Errorf("mutant: %w", err))
		}
	}
	return overlay
}
