package tree

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// An environment is a set of variables on top of another one. Many services have
// the same below, so that is kept, and made into a list, once.
type environment struct {
	below *environment
	vars  map[string]string
	unset map[string]bool // what the one below has and this one has not
	list  []string        // made by entries

	secret  bool // vars are of an env-file
	lenient bool // what is not set is empty, and no fault
}

// ownVariables are bole's for each service, or meant for bole itself by whoever
// started it: never passed on.
var ownVariables = []string{"BOLE_SERVICE", "NOTIFY_FD", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}

// newEnvironment takes NAME=value strings, as a process has them.
func newEnvironment(environ []string, lenient bool) *environment {
	e := &environment{vars: map[string]string{}, lenient: lenient}
	for _, v := range environ {
		if name, value, ok := strings.Cut(v, "="); ok && name != "" && !slices.Contains(ownVariables, name) {
			e.vars[name] = value
		}
	}
	return e
}

func (e *environment) lookup(name string) (string, bool) {
	lenient := e.lenient
	for ; e != nil; e = e.below {
		if v, ok := e.vars[name]; ok {
			return v, true
		}
		if e.unset[name] {
			break
		}
	}
	return "", lenient
}

// over returns the environment with more variables; itself without any.
func (e *environment) over(vars map[string]string, unset map[string]bool) *environment {
	if len(vars) == 0 && len(unset) == 0 {
		return e
	}
	return &environment{below: e, vars: vars, unset: unset, lenient: e.lenient}
}

// says reports whether a variable is set above the environment that bole was
// started with.
func (e *environment) says(name string) bool {
	for ; e != nil && e.below != nil; e = e.below {
		if _, ok := e.vars[name]; ok {
			return true
		}
	}
	return false
}

// entries are the variables as a process gets them, sorted. Those of the
// environment below are the same strings.
func (e *environment) entries() []string {
	if e.list != nil {
		return e.list
	}
	e.list = []string{}
	if e.below != nil {
		e.list = slices.DeleteFunc(slices.Clone(e.below.entries()), func(v string) bool {
			name, _, _ := strings.Cut(v, "=")
			_, own := e.vars[name]
			return own || e.unset[name]
		})
	}
	for name, value := range e.vars {
		e.list = append(e.list, name+"="+value)
	}
	slices.Sort(e.list)
	return e.list
}

// setEnviron builds a definition's environment on top of another one, from its
// env-file and env.
func (d *definition) setEnviron(base *environment, x *entries) {
	d.environ = base
	for _, name := range []string{"env-file", "env"} { // the table is on top of the files
		if e := x.get(name); e != nil {
			d.addEnviron(name, newValue(d, e))
		}
	}
}

func (d *definition) addEnviron(name string, v value) {
	vars, unset := map[string]string{}, map[string]bool{}
	if name == "env" {
		v.variables(vars)
	} else {
		v.files(vars, unset)
	}
	if len(vars)+len(unset) > 0 {
		d.environ = d.environ.over(vars, unset)
		d.environ.secret = name == "env-file"
	}
}

// secrets are the names whose values are of an env-file, sorted.
func (e *environment) secrets() (out []string) {
	seen := map[string]bool{}
	for x := e; x != nil && x.anySecret(); x = x.below {
		for name := range x.vars {
			if x.secret && !seen[name] {
				out = append(out, name)
			}
			seen[name] = true
		}
		maps.Copy(seen, x.unset)
	}
	slices.Sort(out)
	return out
}

func (e *environment) anySecret() bool {
	for ; e != nil; e = e.below {
		if e.secret {
			return true
		}
	}
	return false
}

// variables reads an env table.
func (v value) variables(vars map[string]string) {
	table, ok := v.v.(map[string]any)
	if !ok {
		v.want("a table of strings")
		return
	}
	if !v.d.loader.allowance.spend(perValue*len(table), v.in, v.at) {
		return
	}
	for _, name := range sortedKeys(table) {
		f, _ := v.field(name)
		if _, ok := f.v.(string); !ok {
			f.want("a string")
		} else if strings.ContainsAny(name, "=\x00") || name == "" {
			f.atKey().fail("", "%s is no name for a variable", quoted(name))
		} else if name == "BOLE_SERVICE" {
			f.atKey().fail("", "%s is set by bole, to the service's name", name)
		} else if s, ok := f.text(); ok {
			vars[name] = s
		}
	}
}

// files reads what env-file names. A relative path counts from the file that
// names it.
func (v value) files(vars map[string]string, unset map[string]bool) {
	items := []value{v}
	if _, single := v.v.(string); !single {
		items, _ = v.items("a path, or an array of paths")
	}
	for _, item := range items {
		if path, ok := item.text(); ok {
			if !filepath.IsAbs(path) {
				path = filepath.Join(filepath.Dir(v.in.name), path)
			}
			item.file(path, vars, unset)
		}
	}
}

func (v value) file(path string, vars map[string]string, unset map[string]bool) {
	info, err := os.Stat(path)
	var list []envVar
	switch {
	case err != nil:
	case info.IsDir():
		var drop []string
		if list, drop, err = readEnvDir(path); err == nil {
			for _, name := range drop {
				unset[name] = true
				delete(vars, name)
			}
		}
	default:
		list, err = v.envFile(path)
	}
	if err != nil && !v.d.environ.lenient {
		v.fail("", "%s cannot be read: %s", path, plain(err))
	}
	for _, x := range list {
		vars[x.Name] = x.Value
		delete(unset, x.Name)
	}
}

// envFile reads one file, and reports its faults where they are.
func (v value) envFile(path string) ([]envVar, error) {
	text, err := readMost(path)
	if err != nil {
		return nil, err
	}
	list, faults := parseEnvFile(text, v.d.lookup)
	in := &source{name: path, order: v.in.order, text: text, secret: true}
	for _, f := range faults {
		v.d.fault(in, f.At, v.e.name, f.Hint, "%s", f.Message)
	}
	return list, nil
}

// plain is an error without the operation and the path, which are said already.
func plain(err error) string {
	if inner := (*os.PathError)(nil); errors.As(err, &inner) {
		err = inner.Err
	}
	return err.Error()
}
