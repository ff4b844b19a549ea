package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// fileMost is how many bytes a definition file may have.
const fileMost = 16 << 20

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

// readMost reads a file, which may be a pipe or a device, up to a bound.
func readMost(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var text bytes.Buffer
	if info, err := f.Stat(); err == nil {
		text.Grow(int(min(info.Size(), fileMost)) + bytes.MinRead)
	}
	if _, err = text.ReadFrom(io.LimitReader(f, fileMost+1)); err == nil && text.Len() > fileMost {
		err = errors.New("it is larger than 16 MiB, the most that is allowed")
	}
	return text.Bytes(), err
}

// fail reports a file that cannot be read.
func (r *reader) fail(path string, err error) {
	r.files++
	r.report.add(Fault{Spot: Spot{File: path, order: r.files}, Message: "cannot be read: " + plain(err)})
}

func (r *reader) file(path string, layer int) {
	text, err := readMost(path)
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
		in.twice(&f, at)
	}
	r.report.add(f)
}

// twice adds to a fault what is defined twice, and the other place.
func (f *source) twice(fault *Fault, second span) {
	places := scan(f.text)
	n := len(places) - 1
	for n >= 0 && places[n].key.from > second.from {
		n--
	}
	if n < 0 {
		return
	}
	path := places[n].path
	for _, p := range places[:n] {
		if len(p.path) >= len(path) && slices.Equal(p.path[:len(path)], path) {
			spot := f.spot(p.key)
			spot.Note = "first here"
			fault.Related = []Spot{spot}
			fault.Message = strings.Join(path, ".") + " is defined twice"
			return
		}
	}
}

// declare finds the declarations of a file. The places lead, not the values: so
// all faults are found, in file order.
func (r *reader) declare(in *source, values map[string]any, layer int) {
	f := &file{r, in, values, layer, map[[2]string]*decl{}, nil}
	for _, p := range scan(in.text) {
		f.take(p)
	}
}

// A file is one whose declarations are being found.
type file struct {
	*reader
	in     *source
	values map[string]any
	layer  int
	open   map[[2]string]*decl // by kind and name
	last   *decl               // where the place before belonged
}

func (f *file) take(p place) {
	depth := depthOf(p.path[0])
	switch {
	case depth == 0:
		f.unknownTable(p)
	case len(p.path) < depth, depth == 2 && isElement(p.path[1]):
		f.checkGroup(p)
	default:
		if d := f.decl(p, depth); len(p.path) > depth {
			d.enter(p, depth)
		}
	}
}

// decl is the declaration that a place belongs to.
func (f *file) decl(p place, depth int) *decl {
	id := [2]string{p.path[0]}
	if depth == 2 {
		id[1] = p.path[1]
	}
	if f.last != nil && f.last.id == id {
		return f.last
	}
	d := f.open[id]
	if d == nil {
		d = f.newDecl(id, p, depth)
		f.open[id] = d
		f.decls = append(f.decls, d)
	}
	f.last = d
	return d
}

func (f *file) newDecl(id [2]string, p place, depth int) *decl {
	d := &decl{kind: id[0], name: id[1], id: id, in: f.in, at: p.key, layer: f.layer}
	var ok bool
	if d.table, ok = valueAt(f.values, p.path[:depth]).(map[string]any); !ok {
		d.kind = ""
		f.notTable(p, depth)
	}
	return d
}

// depthOf is how many names a declaration's header has; 0 if there is none such.
func depthOf(kind string) int {
	switch kind {
	case "service", "oneshot", "bundle":
		return 2
	case "tree", "defaults":
		return 1
	}
	return 0
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

// unknownTable reports each unknown name at the top once.
func (f *file) unknownTable(p place) {
	id := [2]string{p.path[0]}
	if f.open[id] != nil {
		return
	}
	f.open[id] = &decl{}
	if f.report.full() {
		f.report.More++
		return
	}
	f.report.add(Fault{Spot: f.in.spot(p.key), Message: fmt.Sprintf("unknown table or key %s", quoted(p.path[0])),
		Hint: didYouMean(p.path[0], []string{"service", "oneshot", "bundle", "defaults", "tree"},
			"a definition file has [service.NAME], [oneshot.NAME], [bundle.NAME], [defaults] and [tree]")})
}

// checkGroup reports service = 1 and the like; [service] alone is harmless.
func (f *file) checkGroup(p place) {
	v := f.values[p.path[0]]
	if _, ok := v.(map[string]any); !ok && (p.header || len(p.path) == 1) {
		f.report.add(Fault{Spot: f.in.spot(p.key), Message: fmt.Sprintf("%s is %s", p.path[0], kindOf(v)), Hint: fmt.Sprintf("write [%s.NAME]", p.path[0])})
	}
}

// notTable reports service.x = 1 and [[service.x]].
func (f *file) notTable(p place, depth int) {
	name := strings.Join(p.path[:depth], ".")
	f.report.add(Fault{Spot: f.in.spot(p.key), Message: name + " should be a table", Hint: fmt.Sprintf("write [%s]", name)})
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
