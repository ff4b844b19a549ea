package tree

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A definition is a service on its way from what is written to what is compiled.
type definition struct {
	Service
	settings Settings // of [tree]

	l            *layered
	keys         *entries // with the defaults below them
	loader       *loader
	report       *Report
	environ      *environment
	instance     string // its number, if it is one of several
	misspelt     string // the key that an unknown one was probably meant to be
	grouped      bool   // group is said by itself, which counts more than user = "user:group"
	replace      bool
	clearEnv     bool
	healthAction string  // as written; "": not said
	arrows       []arrow // its dependencies, as written
	members      []name  // of a bundle
	start        []name  // of [tree]
}

// A name is a service's or bundle's name, and where it is written.
type name struct {
	text     string
	in       *source
	at       span
	key      string
	standard bool // from [defaults]
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
	StopSignal:   int(unix.SIGTERM), StopTimeout: 5 * time.Second, FinishTimeout: 5 * time.Second,
}

var standardOneshot = Service{
	Kind: Oneshot, Enabled: true,
	Restart:    Restart{Policy: Never, Delay: 200 * time.Millisecond, MaxDelay: 30 * time.Second, Reset: 10 * time.Second, Limit: -1},
	OnSuccess:  Codes{{}},
	StopSignal: int(unix.SIGTERM), StopTimeout: 5 * time.Second,
}

// compileService compiles a [service.NAME] or a [oneshot.NAME].
func (d *definition) compileService(standard Service, keys []Key, x *entries, bases bases) {
	d.Service, d.keys = standard, x
	d.Name = instanceOf(d.l.name, d.instance)
	base := bases.full
	if e := x.get("clear-env"); e != nil && e.v == true {
		base = bases.cleared
	}
	if d.instance != "" {
		base = base.over(map[string]string{"INSTANCE": d.instance}, nil)
	}
	d.setEnviron(base, x)
	d.setAccount()
	d.read(keys, x)
	d.checkRestart()
	d.checkTerminal()
	d.checkReadiness()
	d.checkHealth()
	d.needCommand(keys)
	d.setEnv()
}

// needCommand: a service runs something. That a misspelt key was to say what is
// reported already.
func (d *definition) needCommand(keys []Key) {
	key := "command"
	if d.Kind == Oneshot {
		key = "up"
	}
	if d.keys.get(key) != nil || d.misspelt == key {
		return
	}
	hint := fmt.Sprintf("write %s = [\"program\", \"argument\"]", key)
	if d.l.layer > 0 {
		hint = fmt.Sprintf("no earlier layer defines %s, so this does not amend anything", d.Name)
	}
	d.fault(d.l.in, d.l.at, key, hint, "has no %s", key)
}

// setEnv makes the list that the process gets: its environment and the variables
// that are bole's own.
func (d *definition) setEnv() {
	own := []string{"BOLE_SERVICE=" + d.Name}
	if d.ReadyFD != 0 {
		own = append(own, fmt.Sprint("NOTIFY_FD=", d.ReadyFD))
	}
	if d.Watchdog > 0 {
		own = append(own, fmt.Sprint("WATCHDOG_USEC=", d.Watchdog.Microseconds()))
	}
	list := d.environ.entries()
	if !d.loader.allowance.spend(16*(len(list)+len(own)), d.l.in, d.l.at) {
		return
	}
	d.Env = make([]string, 0, len(list)+len(own))
	for _, v := range own {
		name := v[:strings.IndexByte(v, '=')+1]
		i, _ := slices.BinarySearch(list, name)
		d.Env = append(append(d.Env, list[:i]...), v)
		if i < len(list) && strings.HasPrefix(list[i], name) {
			i++
		}
		list = list[i:]
	}
	d.Env = append(d.Env, list...)
	d.Secrets = d.environ.secrets()
}

func (d *definition) fault(in *source, at span, key, hint, message string, args ...any) {
	if d.report.full() {
		d.report.More++ // without looking for its line
		return
	}
	f := Fault{Spot: in.spot(at), Service: d.l.name, kind: d.l.kind, Key: key, Hint: hint, Message: fmt.Sprintf(message, args...)}
	d.report.add(f)
}

// lookup finds a variable of the environment that the service will get.
func (d *definition) lookup(name string) (string, bool) {
	if name == "BOLE_SERVICE" && d.Name != "" {
		return d.Name, true
	}
	if d.fromAccount(name) {
		return d.accountVariable(name)
	}
	return d.environ.lookup(name)
}

// read takes in the keys of a definition by their descriptions.
func (d *definition) read(keys []Key, x *entries) {
	for _, e := range x.list {
		k := findKey(keys, e.name)
		if k == nil {
			d.unknown(keys, e)
		} else if k.set != nil {
			k.set(d, newValue(d, e))
		}
	}
}

func (d *definition) unknown(keys []Key, e *entry) {
	if d.report.full() {
		d.report.More++
		return
	}
	hint := otherTable(e.name)
	if near := nearKey(e.name, keys); hint == "" && near != "" {
		hint, d.misspelt = fmt.Sprintf("did you mean %q?", near), near
	}
	if d.l.kind == "oneshot" && e.name == "command" {
		hint, d.misspelt = `a oneshot has "up", and "down" for the way down`, "up"
	}
	d.fault(e.in, e.key, e.name, hint, "unknown key %s", quoted(e.name))
}

// nearKey is the key that was probably meant: one with a similar name, or what
// another supervisor's key is called here.
func nearKey(name string, keys []Key) string {
	if known := otherNames[plainWord(name)]; findKey(keys, known) != nil {
		return known
	}
	return closest(name, keyNames(keys))
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
