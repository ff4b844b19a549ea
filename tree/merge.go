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
	at         span // its first declaration
	layer      int  // of its first declaration
	keys       []*entry
}

// A merger puts the layers on top of each other.
type merger struct {
	report *Report
	byName map[string]*layered
	inner  map[string]*decl // the declaration of each name in the layer at hand
	order  []*layered       // services, oneshots and bundles, in the order of their definition
	tree   *layered
	// defaults of each layer: those of the layers below are part of it
	defaults []*layered
	current  int
}

// merge combines declarations, which come layer by layer.
func merge(decls []*decl, layers int, report *Report) *merger {
	m := &merger{report: report, byName: map[string]*layered{}, inner: map[string]*decl{}, tree: &layered{kind: "tree"}}
	m.defaults = make([]*layered, layers)
	for i := range m.defaults {
		m.defaults[i] = &layered{kind: "defaults"}
	}
	for _, d := range decls {
		if d.layer != m.current {
			m.current = d.layer
			clear(m.inner)
		}
		switch d.kind {
		case "tree":
			m.tree.amend(d.keys)
		case "defaults":
			for i := d.layer; i < layers; i++ {
				m.defaults[i].amend(d.keys)
			}
		case "service", "oneshot", "bundle":
			m.named(d)
		}
	}
	return m
}

// named takes in the declaration of a service, a oneshot or a bundle.
func (m *merger) named(d *decl) {
	if !validName(d.name) {
		m.fault(d, "its name is not valid", "a name has letters, digits and . _ @ -, begins with a letter or a digit, and is at most 128 bytes long")
		return
	}
	if first := m.inner[d.name]; first != nil {
		m.twice(d, first, "defined twice in one layer", "keep one of them; to amend a service, give bole a second PATH")
		return
	}
	m.inner[d.name] = d
	l := m.byName[d.name]
	if l == nil {
		l = &layered{kind: d.kind, name: d.name, in: d.in, at: d.at, layer: d.layer}
		m.byName[d.name] = l
		m.order = append(m.order, l)
	} else if l.kind != d.kind {
		m.twice(d, &decl{in: l.in, at: l.at, kind: l.kind}, fmt.Sprintf("is a %s already", l.kind), "services, oneshots and bundles share their names")
		return
	}
	if m.replaces(d) {
		l.keys = nil
	}
	l.amend(d.keys)
}

// replaces reports whether a declaration starts from nothing.
func (m *merger) replaces(d *decl) bool {
	for _, e := range d.keys {
		if e.name == "replace" {
			on, ok := e.v.(bool)
			return ok && on
		}
	}
	return false
}

func (m *merger) fault(d *decl, message, hint string) {
	m.report.add(Fault{Spot: d.in.spot(d.at), Service: d.name, kind: d.kind, Message: message, Hint: hint})
}

func (m *merger) twice(second, first *decl, message, hint string) {
	spot := first.in.spot(first.at)
	spot.Note = "first here"
	m.report.add(Fault{Spot: second.in.spot(second.at), Service: second.name, kind: second.kind, Message: message, Hint: hint, Related: []Spot{spot}})
}

// amend lets later keys win over earlier ones. What counts is what is written,
// even if that is false or empty; tables are merged, everything else is replaced.
func (l *layered) amend(keys []*entry) {
	for _, e := range keys {
		i := slices.IndexFunc(l.keys, func(x *entry) bool { return x.name == e.name })
		if i < 0 {
			l.keys = append(l.keys, e)
		} else {
			l.keys[i] = l.keys[i].under(e)
		}
	}
}

// under returns what a later entry makes of an earlier one.
func (e *entry) under(later *entry) *entry {
	below, ok := e.v.(map[string]any)
	above, ok2 := later.v.(map[string]any)
	if !ok || !ok2 {
		return later
	}
	both := *later
	values := maps.Clone(below)
	maps.Copy(values, above)
	both.v = values
	both.parts = append(slices.Clone(e.parts), later.parts...) // the last one of a path counts
	return &both
}

// withDefaults puts a service on top of the defaults that hold for it.
func (m *merger) withDefaults(l *layered, applies func(key string) bool) []*entry {
	all := &layered{}
	for _, e := range m.defaults[l.layer].keys {
		if applies(e.name) {
			all.keys = append(all.keys, e)
		}
	}
	if len(all.keys) == 0 {
		return l.keys
	}
	all.amend(l.keys)
	return all.keys
}
