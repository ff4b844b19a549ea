package control

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The examples of the manual are of the types that go over the wire: they have no field
// too many, and none that must be there is missing.
func TestExamples(t *testing.T) {
	types := map[string]func() any{
		"Status": func() any { return &Status{} }, "Detail": func() any { return &Detail{} }, "Health": func() any { return &Health{} },
		"Operation": func() any { return &Operation{} }, "[]Step": func() any { return &[]Step{} }, "Event": func() any { return &Event{} },
		"Line": func() any { return &Line{} }, "Postmortem": func() any { return &Postmortem{} }, "Timeline": func() any { return &Timeline{} },
	}
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)<!-- (\\S+) -->\n```json\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	for _, x := range examples {
		of := types[x[1]]
		if of == nil {
			t.Fatalf("%s is no type", x[1])
		}
		delete(types, x[1])
		for raw := range values(t, x[2]) {
			v := of()
			dec := json.NewDecoder(strings.NewReader(string(raw)))
			dec.DisallowUnknownFields()
			if err := dec.Decode(v); err != nil {
				t.Errorf("%s: %s", x[1], err)
			}
			again, _ := json.Marshal(v)
			want(t, x[1], plainJSON(t, again), plainJSON(t, raw))
		}
	}
	if len(types) > 0 {
		t.Errorf("there is no example of %v", types)
	}
}

// values are the JSON values of a text, one after the other.
func values(t *testing.T, text string) func(func(json.RawMessage) bool) {
	return func(yield func(json.RawMessage) bool) {
		for dec := json.NewDecoder(strings.NewReader(text)); ; {
			var raw json.RawMessage
			if err := dec.Decode(&raw); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				t.Fatalf("%s in %s", err, text)
			}
			if !yield(raw) {
				return
			}
		}
	}
}

func plainJSON(t *testing.T, text []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
