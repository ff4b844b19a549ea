package tree

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// TestManual: the tables of the manual are what the keys say of themselves.
func TestManual(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	got := string(text)
	for _, table := range Tables() {
		place := regexp.MustCompile("(?s)<!-- " + table.Name + " -->\n.*?(\n#|$)")
		if !place.MatchString(got) {
			t.Fatalf("README.md has no place for the keys of %s", table.Name)
		}
		rows := manual(table)
		got = place.ReplaceAllStringFunc(got, func(old string) string {
			end := ""
			if strings.HasSuffix(old, "\n#") {
				end = "\n#"
			}
			return "<!-- " + table.Name + " -->\n" + rows + end
		})
	}
	golden(t, "README.md", got)
}

// TestManualDefinitions: the definitions of the manual are good ones, each a
// layer on top of those before.
func TestManualDefinitions(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var layers []string
	for _, block := range regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		layers = append(layers, write(t, "manual.toml", block[1]))
	}
	if _, report := Load(layers, Options{}); report.Errors() > 0 || len(layers) != 4 {
		t.Errorf("%d layers: %s", len(layers), report)
	}
}

func manual(table Table) string {
	var b strings.Builder
	b.WriteString("| key | value | default | |\n|---|---|---|---|\n")
	cell := strings.NewReplacer("|", "\\|", "\n", " ")
	for _, k := range table.Keys {
		standard := k.Default
		if standard != "" {
			standard = "`" + standard + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s. `%s = %s` |\n", k.Name, cell.Replace(k.Type.Words), cell.Replace(standard), cell.Replace(k.Doc), k.Name, cell.Replace(k.Example))
	}
	return b.String()
}

// TestExamples: the example of each key, and its default, are good definitions.
func TestExamples(t *testing.T) {
	const others = "[service.db]\ncommand = 'x'\n[service.app]\ncommand = 'x'\n[service.nginx]\ncommand = 'x'\n[bundle.web]\ncontains = ['app']\n"
	for _, table := range Tables() {
		for _, k := range table.Keys {
			for _, value := range []string{k.Example, k.Default} {
				if strings.HasPrefix(value, "the ") || strings.HasPrefix(value, "every ") || value == "" {
					continue // in words
				}
				t.Run(table.Name+"/"+k.Name+"="+value, func(t *testing.T) {
					text := fmt.Sprintf("%s%s = %s\n%s", header(table.Name, k.Name), k.Name, value, others)
					if err := toml.Unmarshal([]byte(text), &map[string]any{}); err != nil {
						t.Fatalf("%v in\n%s", err, text)
					}
					if got := report(t, text, Options{Portable: true}); strings.Contains(got, "error") {
						t.Error(got)
					}
				})
			}
		}
	}
}

// header begins a definition that lacks nothing but the key.
func header(table, key string) string {
	switch table {
	case "tree":
		return "[tree]\n"
	case "service":
		if key != "command" {
			return "[service.x]\ncommand = 'x'\n"
		}
	case "oneshot":
		if key != "up" {
			return "[oneshot.x]\nup = 'x'\n"
		}
	}
	return "[" + table + ".x]\n"
}

// TestDefaultsAsSaid: a definition that writes every default down compiles to what
// one that writes none does.
func TestDefaultsAsSaid(t *testing.T) {
	for _, table := range Tables()[:2] {
		t.Run(table.Name, func(t *testing.T) {
			text := header(table.Name, "")
			said := text
			for _, k := range table.Keys {
				if k.Default != "" && !strings.HasPrefix(k.Default, "the ") {
					said += k.Name + " = " + k.Default + "\n"
				}
			}
			want, got := describe(load(t, text, Options{})), describe(load(t, said, Options{}))
			if got != want {
				t.Errorf("without:\n%s\nwith:\n%s", want, got)
			}
		})
	}
}
