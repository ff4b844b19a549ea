package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// All that is wrong, in one report, and nothing is started.
func TestEveryFaultInOneReport(t *testing.T) {
	dir := t.TempDir()
	touched := filepath.Join(dir, "touched")
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("a.toml", `
[service.good]
command = ["touch", "`+touched+`"]
[service.app]
comand = "sleep 1000"
command = "sleep 1000"
requires = ["dbb"]
stop-timeout = 5
[service.x]
command = "sleep 1"
requires = ["y"]
[service.y]
command = "sleep 1"
requires = ["x"]
`)
	write("b.toml", `
[service.db]
command = "sleep 1000"
[service.good]
command = "true"
`)
	for _, verb := range []string{"up", "check"} {
		_, report, code := run(t, verb, dir)
		if code != 78 {
			t.Errorf("%s: exit code %d", verb, code)
		}
		for _, want := range []string{
			`a.toml:5:1: error: service "app": unknown key "comand"`, `did you mean "command"?`,
			`a.toml:7:13: error: service "app"`, `did you mean "db"?`,
			`a.toml:8:16: error: service "app"`, `write "5s" for seconds`,
			`x → y → x`,
			`b.toml:4:2: error: service "good"`, `a.toml:2:2`,
		} {
			if !strings.Contains(report, want) {
				t.Errorf("%s: %q is missing in\n%s", verb, want, report)
			}
		}
		if _, err := os.Stat(touched); err == nil {
			t.Errorf("%s has started something", verb)
		}
	}
}
