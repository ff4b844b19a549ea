package tree

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// editor is the schema as an editor has it.
func editor(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	if err := c.AddResource("bole.schema.json", asJSON(t, JSONSchema())); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("bole.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func asJSON(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// files are the definition files below some directories that are TOML.
func files(t *testing.T, dirs ...string) (out []string) {
	t.Helper()
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
			if strings.HasSuffix(path, ".toml") && !strings.HasPrefix(filepath.Base(path), ".") {
				out = append(out, path)
			}
			return err
		})
		if err != nil || len(out) == 0 {
			t.Fatalf("%d files below %s: %v", len(out), dir, err)
		}
	}
	return out
}

// TestSchemaTakesGood: what is good is valid.
func TestSchemaTakesGood(t *testing.T) {
	schema := editor(t)
	for _, file := range files(t, "testdata/good", "../examples") {
		var doc map[string]any
		if _, err := toml.DecodeFile(file, &doc); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(asJSON(t, doc)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// seen are the faults that a schema can see: those of one value.
var seen = regexp.MustCompile(`error: .*(unknown (table or )?key|should be (a|an|one of|true|from)\b|out of range|is no duration|is no octal|is no capability|is no signal|says nothing|in 2 ways|means nothing beside|name is not valid|has no (service|path|soft))`)

// TestSchemaRefusesFaults: each folder with a fault of one value has a file that is
// not valid.
func TestSchemaRefusesFaults(t *testing.T) {
	schema, refused := editor(t), 0
	folders, _ := filepath.Glob("testdata/faults/*")
	for _, folder := range folders {
		want, err := os.ReadFile(filepath.Join(folder, "want.txt"))
		if err != nil {
			t.Fatal(err)
		}
		if !seen.Match(want) {
			continue
		}
		valid := true
		for _, file := range files(t, folder) {
			var doc map[string]any
			if _, err := toml.DecodeFile(file, &doc); err == nil && schema.Validate(asJSON(t, doc)) != nil {
				valid = false
				refused++
			}
		}
		if valid {
			t.Errorf("%s: valid, but\n%s", folder, want)
		}
	}
	if refused < 30 {
		t.Errorf("only %d files refused", refused)
	}
}

// samples are values of every type, right and wrong.
var samples = strings.Split(`1|-1|0|3|5|64|70000|1.5|true|false|""|"x"|"x y"|"X=1"|"/x"|"@x"|"5s"|"1m30s"|".5h"|"5"|"5 s"|"${PORT:-}"|"${PORT}"|"a${PORT}"|"$$"|"027"|"0755"|"8"|"0-3,6"|"SIGTERM"|"term"|"SigHup"|"SIGTEM"|"RTMIN+3"|"64MiB"|"64 mb"|"unlimited"|"null"|"inherit"|"always"|"ready"|"started"|"mark"|"keep"|"true"|"t"|"CAP_KILL"|"kill"|"http://localhost/"|"localhost:80"|[]|[""]|["x"]|["x", "y"]|["app", 1]|[1]|[0, 255]|[256]|[true]|["/x"]|["term"]|["kill"]|[[]]|[{}]|[{ service = "app" }]|[{ service = "app", until = "x" }]|[{ path = "/x", mode = "9" }]|[{ path = "/x", mode = "01777" }]|{}|{ a = 1 }|{ a = "x" }|{ a = [] }|{ count = 1 }|{ soft = 1 }|{ hard = 1 }|{ soft = "1kB", hard = "2kB" }|{ soft = 1, x = 2 }|{ fd = 3, interval = "1s" }|{ delay = "1s", timeout = "1s" }|{ tcp = "localhost:80", status = 200 }|{ tcp = "localhost:80", interval = "1s" }|{ http = "http://localhost/", status = 204, timeout = "1s" }|{ exec = "x", file = "/x" }`, "|")

// wrapped is a table with one key, or an array that holds it.
var wrapped = map[bool]string{false: "{ %s = %s }", true: "[{ %s = %s }]"}

// alone are faults that only the loader sees.
var alone = regexp.MustCompile(`is no service|expands to|cannot be asked|is no address|no list of processors|regular expression|every line|of less than a millisecond|no time at all|is no user|longer than|cannot be read|shorter than|has no (command|up|count)|health says nothing|does not notify|no name for a variable|both say|depends on itself|go round in a circle|unquoted|contains itself|is no duration|leaves it no processor|= (\{ exec = )?\[""\]|reload = "SIGTEM"`)

// TestSchemaAgrees: what the loader takes is valid, and what is not, but for the
// faults that only the loader sees, is not.
func TestSchemaAgrees(t *testing.T) {
	schema, taken, refused := editor(t), 0, 0
	file := filepath.Join(t.TempDir(), "a.toml")
	try := func(table, key, value string) {
		text := fmt.Sprintf("%s%s = %s\n[service.app]\ncommand = 'x'\n", header(table, key), key, value)
		var doc map[string]any
		if err := toml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, report := Load([]string{file}, Options{Environ: environ})
		faults, good := report.String(), report.Errors() == 0
		err := schema.Validate(asJSON(t, doc))
		switch {
		case good && err != nil:
			t.Errorf("good, but not valid: %s: %s = %s: %v", table, key, value, err)
		case !good && err == nil && !alone.MatchString(faults) && !strings.Contains(value, "${"):
			t.Errorf("valid: %s: %s = %s: %s", table, key, value, faults)
		case good:
			taken++
		default:
			refused++
		}
	}
	tried := map[string]bool{} // what a longrun and a oneshot share is tried once, and so are parts of one type
	once := func(name string) bool {
		defer func() { tried[name] = true }()
		return !tried[name]
	}
	for _, table := range Tables() {
		for _, k := range table.Keys {
			if !once(k.Name + k.Doc) {
				continue
			}
			values := append(samples, k.Example)
			for _, value := range values {
				try(table.Name, k.Name, value)
			}
			for _, part := range k.Type.Parts {
				if !once(k.Type.Words + part.Type.Words + part.Default) {
					continue
				}
				for _, value := range values {
					try(table.Name, k.Name, fmt.Sprintf(wrapped[strings.HasPrefix(k.Type.Words, "array")], part.Name, value))
				}
			}
		}
	}
	if taken < 500 || refused < 5000 {
		t.Errorf("%d good, %d faulty", taken, refused)
	}
}
