package tree

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// A definition is a service on its way from what is written to what is compiled.
type definition struct {
	Service
	settings Settings // of [tree]

	l        *layered
	report   *Report
	environ  *environment
	replace  bool
	clearEnv bool
	arrows   []arrow // its dependencies, as written
	members  []name  // of a bundle
	start    []name  // of [tree]
}

// A name is a service's or bundle's name, and where it is written.
type name struct {
	text string
	in   *source
	at   span
	key  string
}

// An arrow is a dependency as written: with names, not yet looked up.
type arrow struct {
	name
	kind   DepKind
	until  Until
	mirror bool // the one named depends on the one that writes it
}

// standardLongrun and standardOneshot are what holds when nothing is written; the
// descriptions of the keys say the same to people.
var standardLongrun = Service{
	Kind: Longrun, Enabled: true,
	StartTimeout: time.Minute,
	Restart:      Restart{Policy: Always, Delay: 200 * time.Millisecond, MaxDelay: 30 * time.Second, Reset: 10 * time.Second, Limit: -1},
	OnSuccess:    Codes{{}, {Signal: uint8(unix.SIGHUP)}, {Signal: uint8(unix.SIGINT)}, {Signal: uint8(unix.SIGTERM)}, {Signal: uint8(unix.SIGPIPE)}},
	GiveUp:       Codes{{Code: 125}},
	StopSignal:   int(unix.SIGTERM), StopTimeout: 5 * time.Second,
}

var standardOneshot = Service{
	Kind: Oneshot, Enabled: true,
	Restart:    Restart{Policy: Never, Delay: 200 * time.Millisecond, MaxDelay: 30 * time.Second, Reset: 10 * time.Second, Limit: -1},
	OnSuccess:  Codes{{}},
	StopSignal: int(unix.SIGTERM), StopTimeout: 5 * time.Second,
}

// compileService compiles a [service.NAME] or a [oneshot.NAME].
func (d *definition) compileService(standard Service, keys []Key, entries []*entry, bases bases) {
	d.Service = standard
	d.Name = d.l.name
	base := bases.full
	if flag(entries, "clear-env") {
		base = bases.cleared
	}
	d.setEnviron(base, entries)
	d.account(entries)
	d.read(keys, entries)
	d.checkRestart(entries)
	d.needCommand(entries)
	d.Env = d.environ.entries()
}

// needCommand: a service runs something.
func (d *definition) needCommand(entries []*entry) {
	key := "command"
	if d.Kind == Oneshot {
		key = "up"
	}
	if !slices.ContainsFunc(entries, func(e *entry) bool { return e.name == key }) {
		d.fault(d.l.in, d.l.at, key, "", "has no %s", key)
	}
}

// account leaves to the password file what only it can say, and that when the
// service is started: something may make the user until then.
func (d *definition) account(entries []*entry) {
	if !slices.ContainsFunc(entries, func(e *entry) bool { return e.name == "user" }) {
		return
	}
	drop := map[string]bool{}
	for _, name := range []string{"HOME", "USER", "LOGNAME", "SHELL"} {
		if !d.environ.says(name) {
			d.UserEnv = append(d.UserEnv, name)
			drop[name] = true
		}
	}
	d.environ = d.environ.over(nil, drop)
}

// flag is the value of a boolean key; its type is checked elsewhere.
func flag(entries []*entry, name string) bool {
	for _, e := range entries {
		if e.name == name {
			on, _ := e.v.(bool)
			return on
		}
	}
	return false
}

func (d *definition) fault(in *source, at span, key, hint, message string, args ...any) {
	f := Fault{Spot: in.spot(at), Service: d.l.name, kind: d.l.kind, Key: key, Hint: hint, Message: fmt.Sprintf(message, args...)}
	d.report.add(f)
}

// lookup finds a variable of the environment that the service will get.
func (d *definition) lookup(name string) (string, bool) {
	if name == "BOLE_SERVICE" && d.Name != "" {
		return d.Name, true
	}
	return d.environ.lookup(name)
}

// read takes in the keys of a definition by their descriptions.
func (d *definition) read(keys []Key, entries []*entry) {
	for _, e := range entries {
		k := findKey(keys, e.name)
		if k == nil {
			d.unknown(keys, e)
		} else if k.set != nil {
			k.set(d, newValue(d, e))
		}
	}
}

func (d *definition) unknown(keys []Key, e *entry) {
	hint := didYouMean(e.name, keyNames(keys), otherTable(e.name))
	if d.l.kind == "oneshot" && e.name == "command" {
		hint = `a oneshot has "up", and "down" for the way down`
	}
	d.fault(e.in, e.key, e.name, hint, "unknown key %q", e.name)
}

// otherTable says in which table a key is known.
func otherTable(key string) string {
	for _, t := range Tables() {
		if findKey(t.Keys, key) != nil {
			if t.Name == "tree" {
				return fmt.Sprintf("%q is a key of [tree]", key)
			}
			return fmt.Sprintf("%q is a key of [%s.NAME]", key, t.Name)
		}
	}
	return ""
}

func sortedKeys(table map[string]any) []string { return slices.Sorted(maps.Keys(table)) }
