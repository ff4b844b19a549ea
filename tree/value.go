package tree

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// A value is what is written for a key, or for a part of one, with all that is
// needed to take it in or to say what is wrong with it.
type value struct {
	d    *definition
	e    *entry
	v    any
	at   span     // where the value stands, or its key if that is all there is
	in   *source  // and in which file
	path []string // of a part inside the entry
	item bool     // it is an element of an array
}

// newValue is the whole value of an entry.
func newValue(d *definition, e *entry) value {
	at := e.value
	if at == (span{}) {
		at = e.key
	}
	return value{d: d, e: e, v: e.v, at: at, in: e.in}
}

// fail reports a fault of the value.
func (v value) fail(hint, message string, args ...any) {
	v.d.fault(v.in, v.at, v.e.name, hint, message, args...)
}

// want reports that the value is of the wrong type.
func (v value) want(what string) {
	if v.d.report.full() {
		v.d.report.More++
		return
	}
	hint := ""
	if s, ok := v.v.(string); ok && (s == "true" || s == "false") {
		hint = "write it without the quotes"
	} else if ok && strings.HasPrefix(what, "an array") {
		hint = "write it in brackets: [" + quoted(s) + "]"
	}
	v.fail(hint, "%s should be %s, not %s", v.name(), what, kindOf(v.v))
}

// name is how a message calls the value.
func (v value) name() string {
	name := v.e.name
	for _, step := range v.path {
		if !isElement(step) {
			name += "." + step
		}
	}
	if v.item {
		name = "an entry of " + name
	}
	return name
}

// atKey is the same value, but its faults are those of its key.
func (v value) atKey() value {
	if p := v.e.part(v.path); p != nil {
		v.at = p.key
	}
	return v
}

// text is a string, with the variables of the service's environment in place.
func (v value) text() (string, bool) {
	s, ok := v.v.(string)
	if !ok {
		v.want("a string")
		return "", false
	}
	return v.expand(s)
}

// expand puts the values of variables in the place of their names.
func (v value) expand(s string) (string, bool) {
	if !strings.Contains(s, "$") {
		return s, true
	}
	if v.d.loader.allowance.left < 0 { // said already
		return "", false
	}
	out, err := expand(s, v.d.lookup)
	var unset *unsetVariable
	switch {
	case err == nil:
		return out, v.d.loader.allowance.spend(len(out), v.in, v.at)
	case errors.As(err, &unset):
		v.fail(fmt.Sprintf("${%s:-…} gives a value for that case; $$ is a plain dollar", unset.Name), "%s is not set in the service's environment", unset.Name)
	case errors.Is(err, errTooLong):
		v.fail("", "%s", err)
	default:
		v.fail("$$ is a plain dollar", "%s", err)
	}
	return "", false
}

// texts is an array of strings.
func (v value) texts() (out []string, ok bool) {
	items, ok := v.items("an array of strings")
	for _, item := range items {
		s, good := item.text()
		out, ok = append(out, s), ok && good
	}
	return out, ok
}

// items are the values of an array.
func (v value) items(what string) (out []value, ok bool) {
	var list []any
	switch x := v.v.(type) {
	case []any:
		list = x
	case []map[string]any:
		for _, t := range x {
			list = append(list, t)
		}
	default:
		v.want(what)
		return nil, false
	}
	out = make([]value, len(list))
	for i, x := range list {
		out[i] = v.element(i, x)
	}
	return out, true
}

// element is one value of an array.
func (v value) element(i int, x any) value {
	item := v
	item.v, item.item = x, true
	if i < len(v.e.elems) && v.path == nil {
		item.at = v.e.elems[i]
	}
	if len(v.e.parts) > 0 { // some elements are tables
		item.path = append(v.path[:len(v.path):len(v.path)], element(i))
		if p := v.e.part(item.path); p != nil { // and this one is [[…]]
			item.in, item.at = p.in, p.key
		}
	}
	return item
}

// field is one key of a table, if it is there.
func (v value) field(name string) (value, bool) {
	table, _ := v.v.(map[string]any)
	x, ok := table[name]
	f := v
	f.v, f.item, f.path = x, false, append(v.path[:len(v.path):len(v.path)], name)
	if p := v.e.part(f.path); p != nil {
		f.in, f.at = p.in, p.value
		if p.value == (span{}) {
			f.at = p.key
		}
	}
	return f, ok
}

// table checks that the value is a table with these keys alone.
func (v value) table(what string, keys ...string) bool {
	table, ok := v.v.(map[string]any)
	if !ok {
		v.want(what)
		return false
	}
	for _, name := range sortedKeys(table) {
		if slices.Contains(keys, name) {
			continue
		}
		f, _ := v.field(name)
		f.atKey().fail(didYouMean(name, keys, "it takes "+strings.Join(keys, ", ")), "unknown key %s in %s", quoted(name), v.e.name)
		ok = false
	}
	return ok
}

// number is an integer within a range.
func (v value) number(least, most int64) (int64, bool) {
	n, ok := v.v.(int64)
	if !ok {
		v.want("an integer")
		return 0, false
	}
	if n < least || n > most {
		if most == math.MaxInt64 {
			v.fail("", "%d is too small: it should be at least %d", n, least)
		} else {
			v.fail("", "%d is out of range: it should be from %d to %d", n, least, most)
		}
		return 0, false
	}
	return n, true
}

func (v value) duration() (time.Duration, bool) {
	if n, ok := v.v.(int64); ok {
		v.fail(fmt.Sprintf(`write "%ds" for seconds, "%dms" for milliseconds`, n, n), "%s should be a duration, not the integer %d", v.name(), n)
		return 0, false
	}
	if _, ok := v.v.(string); !ok {
		v.want(`a duration such as "5s"`)
		return 0, false
	}
	s, ok := v.text()
	if !ok {
		return 0, false
	}
	d, fault := parseDuration(s)
	if fault != "" {
		v.fail(fault, "%s is no duration", quoted(s))
		return 0, false
	}
	return d, true
}

func (v value) choice(choices []string) (int, bool) {
	s, ok := v.v.(string)
	if ok {
		s, ok = v.expand(s)
	} else {
		v.want("one of " + strings.Join(choices, ", "))
	}
	if !ok {
		return 0, false
	}
	for i, c := range choices {
		if c == s {
			return i, true
		}
	}
	v.fail(didYouMean(s, choices, ""), "%s should be one of %s, not %s", v.name(), strings.Join(choices, ", "), quoted(s))
	return 0, false
}

// codes are ends of a process: exit codes and signals.
func (v value) codes() (out Codes, ok bool) {
	items, ok := v.items("an array of exit codes and signal names")
	for _, item := range items {
		c, good := item.code()
		out, ok = append(out, c), ok && good
	}
	return out, ok
}

func (v value) code() (Status, bool) {
	if s, ok := v.v.(string); ok {
		sig, ok := ParseSignal(s)
		if !ok || s != "" && s[0] >= '0' && s[0] <= '9' {
			v.fail(didYouMean(s, signalNames(), "an exit code is written without quotes"), "%s is no signal", quoted(s))
			return Status{}, false
		}
		return Status{Signal: uint8(sig)}, true
	}
	if _, ok := v.v.(int64); !ok {
		v.want("an exit code or a signal name")
		return Status{}, false
	}
	n, ok := v.number(0, 255)
	return Status{Code: uint8(n)}, ok
}

// didYouMean is a hint: the word that was probably meant, or else another one.
func didYouMean(word string, words []string, otherwise string) string {
	if near := closest(word, words); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return otherwise
}
