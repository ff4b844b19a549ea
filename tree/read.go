package tree

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

const (
	fileMost  = 16 << 20 // bytes of a definition file
	depthMost = 64       // how deep it may nest: the TOML library has no bound of its own
)

// A decl is one table of one file that declares something: [service.NAME],
// [oneshot.NAME], [bundle.NAME], [tree] or [defaults].
type decl struct {
	kind  string // "service", "oneshot", "bundle", "tree", "defaults"
	name  string // empty for tree and defaults
	in    *source
	at    span
	layer int
	keys  []*entry // in file order
}

// An entry is one key of a declaration, with what the TOML library made of its
// value, and where that and its parts stand.
type entry struct {
	name  string
	in    *source
	key   span
	value span // empty when the value is a [table] of its own
	v     any
	elems []span
	parts []part // of a table, or of the tables in an array
}

// A part is a key inside an entry's value.
type part struct {
	path       []string
	in         *source
	key, value span
}

// A reader reads definition files.
type reader struct {
	report *Report
	files  int
	decls  []*decl
}

// read reads one PATH: a file, or a directory's *.toml in name order.
func (r *reader) read(path string, layer int) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		r.fail(path, err)
	case info.IsDir():
		r.directory(path, layer)
	default:
		r.file(path, layer)
	}
}

func (r *reader) directory(path string, layer int) {
	entries, err := os.ReadDir(path) // in name order
	if err != nil {
		r.fail(path, err)
		return
	}
	found := false
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".toml") && !strings.HasPrefix(e.Name(), ".") {
			r.file(filepath.Join(path, e.Name()), layer)
			found = true
		}
	}
	if !found {
		r.files++
		r.report.add(Fault{Spot: Spot{File: path, order: r.files}, Message: "the directory holds no *.toml file"})
	}
}

// fail reports a file that cannot be read, without the operation's name, which
// helps nobody.
func (r *reader) fail(path string, err error) {
	var inner *os.PathError
	if errors.As(err, &inner) {
		err = inner.Err
	}
	r.files++
	r.report.add(Fault{Spot: Spot{File: path, order: r.files}, Message: "cannot be read: " + err.Error()})
}

func (r *reader) file(path string, layer int) {
	if info, err := os.Stat(path); err == nil && info.Size() > fileMost {
		r.files++
		r.report.add(Fault{Spot: Spot{File: path, order: r.files}, Message: "is larger than 16 MiB, the most that a definition file may be"})
		return
	}
	text, err := os.ReadFile(path)
	if err != nil {
		r.fail(path, err)
		return
	}
	r.files++
	in := &source{name: path, order: r.files, text: text}
	if at := tooDeep(text); at >= 0 {
		r.report.add(Fault{Spot: in.spot(span{at, at + 1}), Message: fmt.Sprintf("nests more than %d deep", depthMost)})
		return
	}
	var values map[string]any
	if _, err := toml.Decode(string(text), &values); err != nil {
		r.syntax(in, err)
		return
	}
	r.declare(in, values, layer)
}

// syntax reports what the TOML library says of a text that is no TOML. It stops
// at the first fault of a file.
func (r *reader) syntax(in *source, err error) {
	var p toml.ParseError
	if !errors.As(err, &p) {
		r.report.add(Fault{Spot: Spot{File: in.name, order: in.order}, Message: err.Error()})
		return
	}
	at := span{p.Position.Start, p.Position.Start + max(p.Position.Len, 1)}
	f := Fault{Spot: in.spot(at), Message: "not valid TOML: " + strings.TrimSuffix(p.Message, ".")}
	if strings.Contains(p.Message, "already been defined") || strings.Contains(p.Message, "already defined") {
		f.Message = "defined twice: " + strings.TrimSuffix(p.Message, ".")
		f.Related = in.first(at)
	}
	r.report.add(f)
}

// first finds the other place of a key that is defined twice.
func (f *source) first(second span) []Spot {
	at := f.text[:min(second.to, len(f.text))]
	if end := bytes.IndexByte(f.text[len(at):], '\n'); end >= 0 {
		at = f.text[:len(at)+end] // to the end of the line
	}
	places := scan(at)
	if len(places) < 2 {
		return nil
	}
	last := places[len(places)-1]
	for _, p := range places[:len(places)-1] {
		if slices.Equal(p.path, last.path) {
			spot := f.spot(p.key)
			spot.Note = "first here"
			return []Spot{spot}
		}
	}
	return nil
}

// declare finds the declarations of a file. The places lead, not the values: so
// all faults are found, in file order.
func (r *reader) declare(in *source, values map[string]any, layer int) {
	open := map[string]*decl{}
	for _, p := range scan(in.text) {
		depth := 1
		switch p.path[0] {
		case "service", "oneshot", "bundle":
			depth = 2
		case "tree", "defaults":
		default:
			if len(p.path) == 1 {
				r.report.add(unknownTable(in, p))
			}
			continue
		}
		if len(p.path) < depth {
			r.checkGroup(in, p, values)
			continue
		}
		d := open[strings.Join(p.path[:depth], "\x00")]
		if d == nil {
			d = &decl{kind: p.path[0], in: in, at: p.key, layer: layer}
			if depth == 2 {
				d.name = p.path[1]
			}
			open[strings.Join(p.path[:depth], "\x00")] = d
			r.decls = append(r.decls, d)
		}
		table, ok := valueAt(values, p.path[:depth]).(map[string]any)
		if !ok {
			r.notTable(d, p)
			continue
		}
		if len(p.path) > depth {
			d.enter(in, p, depth, table)
		}
	}
}

// enter takes in one place inside a declaration: a key, or a part of its value.
func (d *decl) enter(in *source, p place, depth int, table map[string]any) {
	name := p.path[depth]
	var e *entry
	for i := len(d.keys) - 1; i >= 0 && e == nil; i-- { // nearly always the last
		if d.keys[i].name == name {
			e = d.keys[i]
		}
	}
	if e == nil {
		e = &entry{name: name, in: in, key: p.key, v: table[name]}
		d.keys = append(d.keys, e)
	}
	if len(p.path) == depth+1 {
		e.value, e.elems = p.value, p.elems
		return
	}
	e.parts = append(e.parts, part{p.path[depth+1:], in, p.key, p.value})
}

// valueAt goes down a path of tables.
func valueAt(values map[string]any, path []string) any {
	var v any = values
	for _, key := range path {
		table, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = table[key]
	}
	return v
}

func unknownTable(in *source, p place) Fault {
	f := Fault{Spot: in.spot(p.key), Message: fmt.Sprintf("unknown table or key %q", p.path[0])}
	f.Hint = "a definition file has [service.NAME], [oneshot.NAME], [bundle.NAME], [defaults] and [tree]"
	if near := closest(p.path[0], []string{"service", "oneshot", "bundle", "defaults", "tree"}); near != "" {
		f.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	return f
}

// checkGroup reports service = 1 and the like; [service] alone is harmless.
func (r *reader) checkGroup(in *source, p place, values map[string]any) {
	if _, ok := values[p.path[0]].(map[string]any); !ok {
		r.report.add(Fault{Spot: in.spot(p.key), Message: fmt.Sprintf("%s is %s", p.path[0], kindOf(values[p.path[0]])),
			Hint: fmt.Sprintf("write [%s.NAME]", p.path[0])})
	}
}

// notTable reports service.x = 1 and [[service.x]], once.
func (r *reader) notTable(d *decl, p place) {
	if p.key == d.at {
		f := Fault{Spot: d.in.spot(d.at), Message: "should be a table"}
		f.Hint = fmt.Sprintf("write [%s]", strings.Join(p.path[:min(len(p.path), 2)], "."))
		r.report.add(f)
		d.kind = ""
	}
}

// kindOf says in words what a TOML value is.
func kindOf(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("the string %s", quoted(v))
	case int64:
		return fmt.Sprintf("the integer %d", v)
	case float64:
		return fmt.Sprintf("the number %v", v)
	case bool:
		return fmt.Sprintf("%v, a boolean", v)
	case []any, []map[string]any:
		return "an array"
	case map[string]any:
		return "a table"
	}
	return "a date or time"
}

// quoted is a string in a message, not too long.
func quoted(s string) string {
	if len(s) > 60 {
		s = s[:clip(s, 57)] + "…"
	}
	return fmt.Sprintf("%q", s)
}
