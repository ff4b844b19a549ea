package tree

import (
	"fmt"
	"maps"
	"slices"
)

// A layered is one service, oneshot or bundle as all layers together define it;
// or the [tree] table, or the [defaults].
type layered struct {
	kind, name string
	in         *source
	at         span // its first declaration, or the one that replaces it
	layer      int  // of its first declaration
	keys       entries
}

// A merger puts the layers on top of each other.
type merger struct {
	report    *Report
	allowance *allowance
	byName    map[string]*layered
	inner     map[string]*decl // the declaration of each name in the layer at hand
	order     []*layered       // services, oneshots and bundles, in the order of their definition
	tree      *layered
	// defaults of each layer: those of the layers below are part of it
	defaults []*layered
	current  int
}

// merge combines declarations, which come layer by layer.
func merge(decls []*decl, layers int, report *Report, a *allowance) *merger {
	m := &merger{report: report, allowance: a, byName: make(map[string]*layered, len(decls)), inner: make(map[string]*decl, len(decls)),
		tree: &layered{kind: "tree"}, defaults: []*layered{{kind: "defaults"}}}
	for len(m.defaults) < layers {
		m.defaults = append(m.defaults, &layered{kind: "defaults"})
	}
	for _, d := range decls {
		if d.layer != m.current {
			m.current = d.layer
			clear(m.inner)
		}
		m.declare(d)
	}
	return m
}

func (m *merger) declare(d *decl) {
	switch d.kind {
	case "tree":
		m.amend(m.tree, d.keys)
	case "defaults":
		for _, e := range d.keys.list {
			e.standard = true
		}
		for _, l := range m.defaults[d.layer:] {
			m.amend(l, d.keys)
		}
	case "service", "oneshot", "bundle":
		m.named(d)
	}
}

// named takes in the declaration of a service, a oneshot or a bundle.
func (m *merger) named(d *decl) {
	if !validName(d.name) {
		m.fault(d, "its name is not valid", "a name has letters, digits and . _ @ -, begins with a letter or a digit, and is at most 128 bytes long")
		return
	}
	if first := m.inner[d.name]; first != nil {
		m.twice(d, first.in.spot(first.at), "defined twice in one layer", "keep one of them; to amend a service, give bole a second PATH")
		return
	}
	m.inner[d.name] = d
	l := m.byName[d.name]
	if l == nil {
		l = &layered{kind: d.kind, name: d.name, in: d.in, at: d.at, layer: d.layer, keys: d.keys}
		m.byName[d.name] = l
		m.order = append(m.order, l)
		return
	}
	if l.kind != d.kind {
		m.twice(d, l.in.spot(l.at), fmt.Sprintf("is a %s already", l.kind), "services, oneshots and bundles share their names")
		return
	}
	if replaces(d) {
		l.keys, l.in, l.at = entries{}, d.in, d.at
	}
	m.amend(l, d.keys)
}

// replaces reports whether a declaration starts from nothing.
func replaces(d *decl) bool {
	e := d.keys.get("replace")
	return e != nil && e.v == true
}

func (m *merger) fault(d *decl, message, hint string) {
	m.report.add(Fault{Spot: d.in.spot(d.at), Service: d.name, kind: d.kind, Message: message, Hint: hint})
}

func (m *merger) twice(d *decl, first Spot, message, hint string) {
	first.Note = "first here"
	m.report.add(Fault{Spot: d.in.spot(d.at), Service: d.name, kind: d.kind, Message: message, Hint: hint, Related: []Spot{first}})
}

// amend lets later keys win over earlier ones. What counts is what is written,
// even if that is false or empty; tables are merged, everything else is replaced, and
// so is ready: its parts mean nothing without each other.
func (m *merger) amend(l *layered, above entries) {
	for _, e := range above.list {
		if i := l.keys.find(e.name); i >= 0 {
			l.keys.list[i] = m.over(l.keys.list[i], e)
		} else {
			l.keys.list = append(l.keys.list, e)
		}
	}
}

// over returns what a later entry makes of an earlier one.
func (m *merger) over(e, later *entry) *entry {
	below, ok := e.v.(map[string]any)
	above, ok2 := later.v.(map[string]any)
	if !ok || !ok2 || e.name == "ready" || !m.allowance.spend(perValue*(len(below)+len(e.parts)), later.in, later.key) {
		return later
	}
	both := *later
	values := maps.Clone(below)
	maps.Copy(values, above)
	both.v, both.byPath = values, nil
	both.parts = append(slices.Clone(e.parts), later.parts...) // the last one of a path counts
	return &both
}

// withDefaults puts a service on top of the defaults that hold for it.
func (m *merger) withDefaults(l *layered, applies func(key string) bool) *entries {
	all := &layered{}
	for _, e := range m.defaults[l.layer].keys.list {
		if applies(e.name) {
			all.keys.list = append(all.keys.list, e)
		}
	}
	if len(all.keys.list) == 0 {
		return &l.keys
	}
	m.amend(all, l.keys)
	return &all.keys
}
