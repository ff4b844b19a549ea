package tree

import (
	"fmt"
	"time"
)

// A Key is one key of a definition, or of a table inside one, described once: the
// loader reads by it, and the manual and the schema are made of it.
type Key struct {
	Name    string
	Type    *Type
	Default string // as it would be written; empty if there is none
	Doc     string // what it does, one sentence without the full stop
	Example string // a value, as it would be written

	set func(*definition, value) // nil: it is read in another way, or with the table that it is in
}

// A Table of the definitions and its keys, in the order of the manual.
type Table struct {
	Name string // "service", "oneshot", "bundle", "tree"
	Doc  string // what it defines
	Keys []Key
}

// Tables describes every key that there is.
func Tables() []Table {
	return []Table{
		{"service", "a longrun: a process that is kept running", longrunKeys},
		{"oneshot", "a command that is run to completion on the way up, with another one, if there is one, on the way down", oneshotKeys},
		{"bundle", "a name for several services, oneshots and bundles", bundleKeys},
		{"tree", "what concerns all services together", treeKeys},
	}
}

func findKey(keys []Key, name string) *Key {
	for i := range keys {
		if keys[i].Name == name {
			return &keys[i]
		}
	}
	return nil
}

func keyNames(keys []Key) []string {
	out := make([]string, len(keys))
	for i := range keys {
		out[i] = keys[i].Name
	}
	return out
}

// The constructors below are the types of values that there are. Each checks what
// is written and sets one field.

func textKey(name, doc, example string, field func(*definition) *string) Key {
	return Key{name, textType, "", doc, example, func(d *definition, v value) {
		if s, ok := v.text(); ok {
			*field(d) = s
		}
	}}
}

func boolKey(name string, standard bool, doc string, field func(*definition) *bool) Key {
	return Key{name, boolType, fmt.Sprint(standard), doc, fmt.Sprint(!standard), func(d *definition, v value) {
		if b, ok := v.v.(bool); ok {
			*field(d) = b
		} else {
			v.want("true or false")
		}
	}}
}

func durationKey(name, standard, doc string, field func(*definition) *time.Duration) Key {
	return Key{name, durationType, fmt.Sprintf("%q", standard), doc, `"30s"`, func(d *definition, v value) {
		if t, ok := v.duration(); ok {
			*field(d) = t
		}
	}}
}

func choiceKey[T ~uint8](name, standard, doc string, choices []string, values []T, field func(*definition) *T) Key {
	return Key{name, choiceType(choices), fmt.Sprintf("%q", standard), doc, fmt.Sprintf("%q", choices[1]), func(d *definition, v value) {
		if i, ok := v.choice(choices); ok {
			*field(d) = values[i]
		}
	}}
}

func wordsKey(name, doc, example string, field func(*definition) *[]string) Key {
	return Key{name, commandType, "", doc, example, func(d *definition, v value) {
		if words, ok := v.command(); ok {
			*field(d) = words
		}
	}}
}

func codesKey(name, standard, doc string, field func(*definition) *Codes) Key {
	return Key{name, codesType, standard, doc, `[0, 2, "SIGTERM"]`, func(d *definition, v value) {
		if codes, ok := v.codes(); ok {
			*field(d) = codes
		}
	}}
}

func signalsKey(name, standard, doc string, field func(*definition) *[]int) Key {
	return Key{name, signalsType, standard, doc, `["SIGTERM", "SIGWINCH"]`, func(d *definition, v value) {
		items, ok := v.items("an array of signal names or numbers")
		var out []int
		for _, item := range items {
			n, good := item.signal()
			out, ok = append(out, n), ok && good
		}
		if ok {
			*field(d) = out
		}
	}}
}

func dependencyKey(name, doc string, kind DepKind, mirror bool) Key {
	return Key{name, dependencyType, "[]", doc, `["db"]`, func(d *definition, v value) {
		v.dependencies(d, kind, mirror)
	}}
}
