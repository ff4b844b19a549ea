package tree

import (
	"slices"
	"strconv"
)

// A decl is one table of one file that declares something: [service.NAME],
// [oneshot.NAME], [bundle.NAME], [tree] or [defaults].
type decl struct {
	kind  string // "service", "oneshot", "bundle", "tree", "defaults"; empty if it is none after all
	name  string // empty for tree and defaults
	id    [2]string
	in    *source
	at    span
	layer int
	table map[string]any
	keys  entries // in file order
}

// An entry is one key of a declaration, with what the TOML library made of its
// value, and where that and its parts stand.
type entry struct {
	name     string
	in       *source
	key      span
	value    span // empty when the value is a [table] of its own
	v        any
	elems    []span
	parts    []part // of a table, or of the tables in an array
	byPath   map[string]int
	standard bool // from [defaults]
}

// A part is a key inside an entry's value.
type part struct {
	path       []string
	in         *source
	key, value span
}

// few is how many things are looked through one by one; more get an index, so that
// no input takes quadratic time.
const few = 24

// entries are the keys of a declaration.
type entries struct {
	list   []*entry
	byName map[string]int
}

// find returns the place of a key in the list, or -1.
func (x *entries) find(name string) int {
	if len(x.list) <= few {
		return slices.IndexFunc(x.list, func(e *entry) bool { return e.name == name })
	}
	if x.byName == nil {
		x.byName = map[string]int{}
	}
	for i := len(x.byName); i < len(x.list); i++ {
		x.byName[x.list[i].name] = i
	}
	if i, ok := x.byName[name]; ok {
		return i
	}
	return -1
}

func (x *entries) get(name string) *entry {
	if i := x.find(name); i >= 0 {
		return x.list[i]
	}
	return nil
}

// enter takes in one place inside a declaration: a key, or a part of its value.
func (d *decl) enter(p place, depth int) {
	name := p.path[depth]
	e := d.keys.get(name)
	if e == nil {
		e = &entry{name: name, in: d.in, key: p.key, v: d.table[name]}
		d.keys.list = append(d.keys.list, e)
	}
	if len(p.path) == depth+1 {
		e.value, e.elems = p.value, p.elems
		return
	}
	e.parts = append(e.parts, part{p.path[depth+1:], d.in, p.key, p.value})
}

// part finds the place of a key inside the entry. The last one counts: it is of
// the latest layer.
func (e *entry) part(path []string) *part {
	if len(e.parts) <= few {
		for i := len(e.parts) - 1; i >= 0; i-- {
			if slices.Equal(e.parts[i].path, path) {
				return &e.parts[i]
			}
		}
		return nil
	}
	if e.byPath == nil {
		e.byPath = make(map[string]int, len(e.parts))
		for i := range e.parts {
			e.byPath[joined(e.parts[i].path)] = i
		}
	}
	if i, ok := e.byPath[joined(path)]; ok {
		return &e.parts[i]
	}
	return nil
}

// joined is a path as one string, which no other path has.
func joined(path []string) string {
	var b []byte
	for _, name := range path {
		b = append(strconv.AppendInt(b, int64(len(name)), 10), ':')
		b = append(b, name...)
	}
	return string(b)
}

// element is the name of an array's element in a path. No key has such a name: the
// library takes only UTF-8.
func element(i int) string { return "\xff" + strconv.Itoa(i) }

// isElement reports whether a name in a path is that of an array's element.
func isElement(name string) bool { return name != "" && name[0] == 0xff }
