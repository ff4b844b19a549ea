package tree

import (
	"cmp"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"bole/tree/procattr"
)

// The keys of what a process has besides its program; see package procattr.
var attributeKeys = []Key{
	{"umask", octalType(umaskMost), "", "the permission bits that new files of it do not get", `"027"`, setUmask},
	numberKey("nice", -20, 19, "its priority: 19 is served last, and only root may go below bole's own", "10", func(d *definition) **int { return &d.Attr.Nice }),
	numberKey("oom-score-adj", -1000, 1000, "how likely it is killed when memory is short: 1000 first, -1000 never", "-500", func(d *definition) **int { return &d.Attr.OOMScoreAdj }),
	{"limits", limitsType(), "", "rlimits by their lower-case names; one value is both the soft and the hard limit", `{ nofile = 4096, core = "unlimited", stack = { soft = "8MiB" } }`, setLimits},
	{"chroot", pathType, "", "its root directory; user, directory and program are those in there", `"/srv/jail"`, setChroot},
	boolKey("no-new-privileges", false, "set-uid programs and file capabilities give it nothing", func(d *definition) *bool { return &d.Attr.NoNewPrivileges }),
	capabilitiesKey("capabilities", "all that it, and what it runs, can ever have (the bounding set)", func(d *definition, c procattr.Capabilities) { d.Attr.Bounding = &c }),
	capabilitiesKey("ambient-capabilities", "those that it has though its user is not root", func(d *definition, c procattr.Capabilities) { d.Attr.Ambient = c }),
	{"cpu-affinity", &Type{Words: "array of numbers, or string", Schema: cpusSchema}, "", "the processors that it may run on, counted from 0", `"0-3,6"`, setCPUs},
	{"stdin", &Type{Words: "\"null\", \"inherit\" or a path", Schema: stdinSchema}, `"null"`, "its standard input; inherit is bole's own", `"/run/app.fifo"`, setStdin},
	pathKey("tty", "a terminal that is its standard input, output and error, and its controlling terminal", `"/dev/tty1"`, func(d *definition) *string { return &d.Attr.Terminal }),
}

func numberKey(name string, least, most int64, doc, example string, field func(*definition) **int) Key {
	return Key{name, numberType(least, most), "", doc, example, func(d *definition, v value) {
		if n, ok := v.number(least, most); ok {
			small := int(n)
			*field(d) = &small
		}
	}}
}

func capabilitiesKey(name, doc string, set func(*definition, procattr.Capabilities)) Key {
	return Key{name, capabilitiesType, "", doc, `["CAP_NET_BIND_SERVICE"]`, func(d *definition, v value) {
		if c, ok := v.capabilities(); ok {
			set(d, c)
		}
	}}
}

func pathKey(name, doc, example string, field func(*definition) *string) Key {
	return Key{name, pathType, "", doc, example, func(d *definition, v value) {
		if s, ok := v.absolute(); ok {
			*field(d) = s
		}
	}}
}

// absolute is a path that does not depend on where anybody is.
func (v value) absolute() (string, bool) {
	s, ok := v.text()
	if ok && !filepath.IsAbs(s) && !(s == "" && v.d.environ.lenient) {
		v.fail("write the whole path, from / on", "%s should be an absolute path, not %s", v.name(), quoted(s))
		return "", false
	}
	return s, ok
}

func setChroot(d *definition, v value) {
	if s, ok := v.absolute(); ok {
		d.Attr.Chroot = s
	}
}

// The most that a umask and the mode of a directory can be.
const umaskMost, modeMost = 0o777, 0o7777

func setUmask(d *definition, v value) {
	n, ok := v.octal(umaskMost)
	if ok {
		d.Attr.Umask = &n
	}
}

// octal is a number as chmod writes it, "027". An integer is none: nobody could tell
// 22 from 0o22.
func (v value) octal(most uint64) (int, bool) {
	if _, ok := v.v.(string); !ok {
		v.want(`an octal number in quotes, such as "027"`)
		return 0, false
	}
	s, ok := v.text()
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 8, 31)
	if err != nil || n > most {
		v.fail("", "%s is no octal number from 0 to %#o", quoted(s), most)
		return 0, false
	}
	return int(n), true
}

func setLimits(d *definition, v value) {
	v.table(`a table such as { nofile = 4096 }`, procattr.LimitNames()...)
	d.Attr.Limits = nil
	for _, name := range procattr.LimitNames() {
		if f, ok := v.field(name); ok {
			if l, ok := f.limit(name); ok {
				d.Attr.Limits = append(d.Attr.Limits, l)
			}
		}
	}
}

// limit is an amount, or { soft, hard }.
func (v value) limit(name string) (l procattr.Limit, ok bool) {
	l.Name = name
	if _, table := v.v.(map[string]any); !table {
		l.Soft, ok = v.amount(name)
		l.Hard = l.Soft
		return l, ok
	}
	if !v.table("", keyNames(boundParts(nil))...) {
		return l, false
	}
	soft, ok := v.field("soft")
	if !ok {
		v.fail("write { soft = …, hard = … }", "limits.%s has no soft limit", name)
		return l, false
	}
	l.Soft, ok = soft.amount(name)
	hard, given := v.field("hard")
	if l.Keep = !given; l.Keep || !ok {
		return l, ok
	}
	if l.Hard, ok = hard.amount(name); ok && l.Soft > l.Hard {
		hard.fail("", "the hard limit of %s is below the soft one", name)
		return l, false
	}
	return l, ok
}

// amount is a number of something, a size where bytes are counted, or "unlimited".
func (v value) amount(name string) (uint64, bool) {
	if _, ok := v.v.(int64); ok {
		n, ok := v.number(0, math.MaxInt64)
		return uint64(n), ok
	}
	what := `a number or "unlimited"`
	if procattr.InBytes(name) {
		what = `a size such as "64MiB", a number of bytes, or "unlimited"`
	}
	if _, ok := v.v.(string); !ok {
		v.want(what)
		return 0, false
	}
	s, ok := v.text()
	if !ok || s == "unlimited" {
		return procattr.Unlimited, ok
	}
	n, ok := parseAmount(s, procattr.InBytes(name))
	if !ok {
		v.fail("", "%s should be %s, not %s", v.name(), what, quoted(s))
	}
	return n, ok
}

func parseAmount(s string, bytes bool) (uint64, bool) {
	if bytes {
		n, ok := parseSize(s)
		return uint64(n), ok
	}
	n, err := strconv.ParseUint(s, 10, 63)
	return n, err == nil
}

func (v value) capabilities() (all procattr.Capabilities, ok bool) {
	items, ok := v.items("an array of names")
	for _, item := range items {
		s, good := item.text()
		if good {
			var c procattr.Capabilities
			if c, good = procattr.ParseCapability(s); !good {
				item.fail(didYouMean("CAP_"+strings.TrimPrefix(strings.ToUpper(s), "CAP_"), procattr.CapabilityNames(), "capabilities(7) lists them"), "%s is no capability", quoted(s))
			}
			all |= c
		}
		ok = ok && good
	}
	return all, ok
}

func setCPUs(d *definition, v value) {
	if s, ok := v.v.(string); ok {
		s, ok = v.expand(s)
		if cpus, good := procattr.ParseCPUs(s); good {
			d.Attr.CPUs = cpus
		} else if ok && !(s == "" && d.environ.lenient) {
			v.fail("", `%s is no list of processors such as "0-3,6"`, quoted(s))
		}
		return
	}
	items, ok := v.items(`an array of numbers, or a string such as "0-3,6"`)
	var cpus []int
	for _, item := range items {
		n, good := item.number(0, procattr.CPUsMost-1)
		cpus, ok = append(cpus, int(n)), ok && good
	}
	if ok && len(cpus) == 0 {
		v.fail("", "cpu-affinity leaves it no processor")
	}
	if ok {
		d.Attr.CPUs = cpus
	}
}

// Inherit as a service's Stdin is bole's own standard input.
const Inherit = "inherit"

func setStdin(d *definition, v value) {
	s, ok := v.text()
	switch {
	case !ok:
	case s == "null":
		d.Stdin = ""
	case s == Inherit:
		d.Stdin = Inherit
	default:
		d.Stdin, _ = v.absolute()
	}
}

// checkTerminal: a service has one standard input.
func (d *definition) checkTerminal() {
	if d.Attr.Terminal == "" || d.Stdin == "" {
		return
	}
	e := cmp.Or(d.keys.get("stdin"), d.keys.get("tty"))
	newValue(d, e).fail("keep one of them", "stdin and tty both say what its standard input is")
}
