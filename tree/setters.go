package tree

import (
	"math"
	"strconv"
	"strings"
)

// Setters of the keys that need more than a type.

func setEnabled(d *definition, v value) {
	if b, ok := v.v.(bool); ok {
		d.Enabled = b
		return
	}
	if _, ok := v.v.(string); !ok {
		v.want("true, false, or a string that expands to one of them")
		return
	}
	if s, ok := v.text(); ok {
		b, err := strconv.ParseBool(s)
		if err != nil && !(s == "" && d.environ.lenient) {
			v.fail("", "enabled expands to %s, which is neither true nor false", quoted(s))
		}
		d.Enabled = b
	}
}

// nameOrNumber is the name or number of a user or group; an integer will do.
func (v value) nameOrNumber() (string, bool) {
	if n, ok := v.v.(int64); ok && n >= 0 && n < math.MaxUint32 {
		return strconv.FormatInt(n, 10), true
	}
	if _, ok := v.v.(string); !ok {
		v.want("a name or a number")
		return "", false
	}
	s, ok := v.text()
	if ok && s == "" && !v.d.environ.lenient {
		v.fail("", "%s is empty", v.e.name)
		return "", false
	}
	return s, ok
}

func setUser(d *definition, v value) {
	s, ok := v.nameOrNumber()
	if !ok {
		return
	}
	user, group, both := strings.Cut(s, ":")
	d.User = user
	if both && user != "" && group != "" {
		if !d.grouped {
			d.Group = group
		}
	} else if both {
		v.fail(`write "user:group"`, "%s is no user", quoted(s))
	}
}

func setGroup(d *definition, v value) {
	if s, ok := v.nameOrNumber(); ok {
		d.Group, d.grouped = s, true
	}
}

func setGroups(d *definition, v value) {
	items, ok := v.items("an array of names or numbers")
	if !ok {
		return
	}
	d.Groups = []string{} // none, which is not the same as those of the user
	for _, item := range items {
		if s, ok := item.nameOrNumber(); ok {
			d.Groups = append(d.Groups, s)
		}
	}
}

// restartsMost is the highest restart-limit: more are as good as none.
const restartsMost = 1_000_000

var limitParts = []Key{
	{Name: "count", Type: numberType(0, restartsMost), Doc: "how often, at most", Example: "5"},
	{Name: "within", Type: durationType, Default: "in a row", Doc: "in how long", Example: `"1m"`},
}

func setLimit(d *definition, v value) {
	if !v.table(`a table such as { count = 5, within = "1m" }`, keyNames(limitParts)...) {
		return
	}
	count, ok := v.field("count")
	if !ok {
		v.fail("", "restart-limit has no count")
		return
	}
	if n, ok := count.number(0, restartsMost); ok {
		d.Restart.Limit = int(n)
	}
	within, ok := v.field("within")
	if !ok {
		d.Restart.Within = 0
		return
	}
	if t, ok := within.duration(); ok {
		d.Restart.Within = t
		if t == 0 {
			within.fail("leave within out to count restarts in a row", "within is no time at all")
		}
	}
}

func setStopSignal(d *definition, v value) {
	if n, ok := v.signal(); ok {
		d.StopSignal = n
	}
}

// setReload takes for a signal what has a signal's name, or looks as if it should.
func setReload(d *definition, v value) {
	s, _ := v.v.(string)
	if _, ok := ParseSignal(s); ok && s == strings.ToUpper(s) || strings.HasPrefix(s, "SIG") && !strings.ContainsAny(s, " /") {
		d.Reload.Signal, _ = v.signal()
		return
	}
	d.Reload.Command, _ = v.command()
}

// signal is a signal's name or number.
func (v value) signal() (int, bool) {
	if _, ok := v.v.(int64); ok {
		n, ok := v.number(1, 64)
		return int(n), ok
	}
	if _, ok := v.v.(string); !ok {
		v.want("a signal's name or number")
		return 0, false
	}
	s, ok := v.text()
	if !ok {
		return 0, false
	}
	n, ok := ParseSignal(s)
	if !ok {
		v.fail(didYouMean(s, signalNames(), "for example SIGTERM, SIGINT, SIGQUIT"), "%s is no signal", quoted(s))
	}
	return n, ok
}

func setContains(d *definition, v value) { d.members = v.names() }

func setStart(d *definition, v value) { d.start = v.names() }

// names is an array of names of services and bundles.
func (v value) names() (out []name) {
	items, _ := v.items("an array of names")
	for _, item := range items {
		if s, ok := item.text(); ok {
			out = append(out, name{text: s, in: item.in, at: item.at, key: v.e.name})
		}
	}
	return out
}

var untilChoices = []string{"started", "ready"}

var dependencyParts = []Key{
	{Name: "service", Type: &Type{Words: "name", Schema: nameSchema}, Doc: "what it depends on: a service, a oneshot or a bundle", Example: `"db"`},
	{Name: "until", Type: choiceType(untilChoices), Default: `"ready"`, Doc: "how far that must have come", Example: `"started"`},
}

// dependencies reads a list of dependencies: names, or tables that say until when.
func (v value) dependencies(d *definition, kind DepKind, mirror bool) {
	items, _ := v.items("an array of names or { service, until }")
	for _, item := range items {
		a := arrow{name: name{in: item.in, at: item.at, key: v.e.name, standard: v.e.standard}, kind: kind, until: UntilReady, mirror: mirror}
		if _, table := item.v.(map[string]any); table {
			if !item.dependency(&a) {
				continue
			}
		} else if s, ok := item.v.(string); !ok {
			item.want("a name or { service, until }")
			continue
		} else if a.text, ok = item.expand(s); !ok {
			continue
		}
		d.arrows = append(d.arrows, a)
	}
}

// dependency reads { service = "db", until = "started" }.
func (v value) dependency(a *arrow) bool {
	if !v.table("", keyNames(dependencyParts)...) {
		return false
	}
	service, ok := v.field("service")
	if !ok {
		v.fail(`write { service = "…" }`, "the dependency has no service")
		return false
	}
	if a.text, ok = service.text(); !ok {
		return false
	}
	a.at = service.at
	if until, ok := v.field("until"); ok {
		if i, ok := until.choice(untilChoices); ok {
			a.until = Until(i)
		}
	}
	return true
}

var directoryParts = []Key{
	{Name: "path", Type: pathType, Doc: "where it is to be", Example: `"/var/cache/app"`},
	{Name: "mode", Type: octalType(modeMost), Default: `"0755"`, Doc: "its permission bits", Example: `"0750"`},
	{Name: "user", Type: accountType, Default: "the service's", Doc: "who owns it", Example: `"www-data"`},
	{Name: "group", Type: accountType, Default: "the service's", Doc: "its group", Example: `"www-data"`},
}

// setDirectories reads what create-directories names. Who owns it is the service's
// user, who may not be known yet.
func setDirectories(d *definition, v value) {
	items, _ := v.items("an array of paths or { path, mode, user, group }")
	d.Directories = nil
	for _, item := range items {
		dir := NewDirectory{Mode: 0o755}
		if _, table := item.v.(map[string]any); !table {
			if path, ok := item.absolute(); ok {
				dir.Path = path
				d.Directories = append(d.Directories, dir)
			}
		} else if item.directory(&dir) {
			d.Directories = append(d.Directories, dir)
		}
	}
}

// directory reads { path = "/run/app", mode = "0750", user = "app", group = "app" }.
func (v value) directory(dir *NewDirectory) bool {
	good := v.table("", keyNames(directoryParts)...)
	path, ok := v.field("path")
	if !ok {
		v.fail(`write { path = "/…" }`, "the directory has no path")
		return false
	}
	dir.Path, ok = path.absolute()
	good = good && ok
	if mode, said := v.field("mode"); said {
		dir.Mode, ok = mode.octal(modeMost)
		good = good && ok
	}
	if user, said := v.field("user"); said {
		dir.User, ok = user.nameOrNumber()
		good = good && ok
	}
	if group, said := v.field("group"); said {
		dir.Group, ok = group.nameOrNumber()
		good = good && ok
	}
	return good
}

// checkRestart: the longest wait is not shorter than the first one.
func (d *definition) checkRestart() {
	r := &d.Restart
	if r.MaxDelay >= r.Delay {
		return
	}
	if e := d.keys.get("restart-max-delay"); e != nil {
		newValue(d, e).fail("", "restart-max-delay (%s) is shorter than restart-delay (%s)", r.MaxDelay, r.Delay)
	}
	r.MaxDelay = r.Delay
}
