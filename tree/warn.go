package tree

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bole/graph"
	"bole/tree/accounts"
)

// warn says what is allowed and yet probably not meant, and, if asked to, what the
// machine lacks.
func (l *loader) warn(t *Tree, k *linker, order []int) {
	l.warnShutdown(t, k, order)
	for _, i := range order {
		d := k.services[i]
		if d.Enabled {
			k.warnDisabled(i)
		}
		if l.Machine {
			d.warnMachine()
		}
	}
}

// warnDisabled: what an enabled service requires is started, enabled or not.
func (l *linker) warnDisabled(i int) {
	for _, e := range l.g.From(i) {
		if on := l.services[e.To]; !on.Enabled && e.Label.kind.Hard() {
			l.services[i].warnAt(e.Label.in, e.Label.at, e.Label.key, "enable it, or depend on it by wants", "%s %s, which is not enabled: it is started all the same", e.Label.kind, on.Name)
		}
	}
}

// warn is a warning at the key of that name, or at the whole definition.
func (d *definition) warn(key, hint, message string, args ...any) {
	in, at := d.l.in, d.l.at
	if e := d.keys.get(key); e != nil {
		in, at = e.in, newValue(d, e).at
	}
	d.warnAt(in, at, key, hint, message, args...)
}

func (d *definition) warnAt(in *source, at span, key, hint, message string, args ...any) {
	d.report.add(Fault{Severity: Warning, Spot: in.spot(at), Service: d.l.name, kind: d.l.kind, Key: key, Hint: hint, Message: fmt.Sprintf(message, args...)})
}

// warnShutdown: when every service of the longest chain hangs, each gets less than
// its stop-timeout. Where nobody asked for one, nobody misses it.
func (l *loader) warnShutdown(t *Tree, k *linker, order []int) {
	if t.ShutdownTimeout == 0 {
		return
	}
	chain, worst := graph.CriticalPath(t.Graph(), func(id ID) time.Duration { return t.Services[id].stopMost(t.ShutdownTimeout + 1) })
	asked := func(id ID) bool { return k.services[order[id]].keys.get("stop-timeout") != nil }
	if worst <= t.ShutdownTimeout || !slices.ContainsFunc(chain, asked) {
		return
	}
	var steps []string
	total := worst.String()
	for i := len(chain) - 1; i >= 0; i-- { // in the order of stopping
		if s := &t.Services[chain[i]]; s.stopMost(1) > 0 {
			steps = append(steps, fmt.Sprintf("%s (%s)", s.Name, forEver(s.StopTimeout)))
			if s.StopTimeout == 0 {
				total = "for ever"
			}
		}
	}
	text := strings.Join(abridge(steps, fmt.Sprintf("%d more", len(steps)-abridged)), ", then ")
	last := k.services[order[chain[len(chain)-1]]]
	last.warn("stop-timeout", "then each gets only its share of that time; raise shutdown-timeout in [tree], or lower stop-timeout",
		"to stop it and what it depends on may take %s, longer than the shutdown-timeout of %s: %s", total, t.ShutdownTimeout, text)
}

// stopMost is the longest that a stop may take; without a limit it is the one
// given.
func (s *Service) stopMost(without time.Duration) time.Duration {
	switch {
	case s.Kind == Oneshot && s.Down == nil:
		return 0
	case s.StopTimeout == 0:
		return without
	}
	return s.StopTimeout
}

func forEver(d time.Duration) string {
	if d == 0 {
		return "for ever"
	}
	return d.String()
}

// warnMachine says what this machine lacks of what a service names. Something that
// runs earlier may still make it, so it is no error.
func (d *definition) warnMachine() {
	if d.Directory != "" {
		if info, err := os.Stat(d.Directory); err != nil || !info.IsDir() {
			d.warn("directory", "", "there is no directory %s on this machine", d.Directory)
		}
	}
	key := "command"
	if d.Kind == Oneshot {
		key = "up"
	}
	d.warnProgram(key, d.Command[0])
	if d.Down != nil {
		d.warnProgram("down", d.Down[0])
	}
	d.warnAccount()
}

// warnProgram looks for a program as the start will: in the PATH of the service's
// own environment, from its own directory.
func (d *definition) warnProgram(key, program string) {
	if strings.Contains(program, "/") {
		if !filepath.IsAbs(program) {
			program = filepath.Join(d.Directory, program)
		}
		if info, err := os.Stat(program); err != nil {
			d.warn(key, "", "there is no program %s on this machine", program)
		} else if info.IsDir() {
			d.warn(key, "", "%s is a directory, not a program", program)
		} else if info.Mode()&0o111 == 0 {
			d.warn(key, "chmod +x would make it a program", "%s is not executable", program)
		}
		return
	}
	path, ok := d.environ.lookup("PATH")
	if !ok || path == "" {
		path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	}
	for _, dir := range filepath.SplitList(path) {
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(d.Directory, dir)
		}
		if info, err := os.Stat(filepath.Join(dir, program)); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return
		}
	}
	d.warn(key, "", "there is no program %s in the service's PATH (%s)", program, path)
}

func (d *definition) warnAccount() {
	if d.User != "" {
		u, exists := d.accounts().User(d.User)
		uid, numeric := accounts.Number(d.User)
		if exists {
			uid = u.UID
		}
		switch {
		case !exists && !numeric:
			d.warn("user", "", "there is no user %s on this machine", d.User)
		case os.Geteuid() != 0 && int(uid) != os.Geteuid():
			d.warn("user", "only root may become another user", "bole would not be allowed to become %s", d.User)
		}
	}
	if d.Groups != nil && os.Geteuid() != 0 {
		d.warn("groups", "only root may set groups", "bole would not be allowed to set its groups")
	}
	d.warnGroup("group", d.Group)
	for _, g := range d.Groups {
		d.warnGroup("groups", g)
	}
}

func (d *definition) warnGroup(key, group string) {
	if group == "" {
		return
	}
	if _, ok := d.accounts().Group(group); !ok {
		d.warn(key, "", "there is no group %s on this machine", group)
	}
}
