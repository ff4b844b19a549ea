package tree

import (
	"maps"
	"slices"
	"strings"
)

// FromKeys compiles one longrun whose keys are not in a file: the values are such as
// the TOML library makes them, and no string in them is expanded. A fault of a key has
// no File. The service is nil if there is one.
func FromKeys(keys map[string]any, environ []string) (*Service, *Report) {
	report := &Report{}
	x := &layered{kind: "service", in: &source{}}
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		x.keys.list = append(x.keys.list, &entry{name: name, in: x.in, v: unexpanded(keys[name])})
	}
	l := &loader{Options: Options{Environ: environ}, report: report, allowance: &allowance{allowanceMost, report}}
	d := l.define(x)
	d.compileService(standardLongrun, longrunKeys, &x.keys, bases{newEnvironment(environ, false), newEnvironment(nil, false)})
	if report.Errors() > 0 {
		return nil, report
	}
	return &d.Service, report
}

// unexpanded is a value whose dollars mean themselves.
func unexpanded(v any) any {
	switch v := v.(type) {
	case string:
		return strings.ReplaceAll(v, "$", "$$")
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = unexpanded(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name := range v {
			out[name] = unexpanded(v[name])
		}
		return out
	}
	return v
}
