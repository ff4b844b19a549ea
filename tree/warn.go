package tree

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"bole/graph"
)

// warn says what is allowed and yet probably not meant, and, if asked to, what the
// machine lacks.
func (l *loader) warn(t *Tree, k *linker, order []int) {
	l.warnShutdown(t, k, order)
	for id, i := range order {
		d := k.services[i]
		for _, n := range t.Services[id].Needs {
			if on := &t.Services[n.On]; !on.Enabled && d.Enabled && n.Kind.Hard() {
				d.warn("requires", "remove the one or enable the other", "%s %s, which is not enabled: it is started all the same", n.Kind, on.Name)
			}
		}
		if l.Machine {
			d.warnMachine()
		}
	}
}

// warn is a warning at the key of that name, or at the whole definition.
func (d *definition) warn(key, hint, message string, args ...any) {
	in, at := d.l.in, d.l.at
	for _, e := range d.l.keys {
		if e.name == key {
			in, at = e.in, newValue(d, e).at
		}
	}
	d.report.add(Fault{Severity: Warning, Spot: in.spot(at), Service: d.l.name, kind: d.l.kind, Key: key, Hint: hint, Message: fmt.Sprintf(message, args...)})
}

// warnShutdown: when every service of the longest chain hangs, each gets less than
// its stop-timeout.
func (l *loader) warnShutdown(t *Tree, k *linker, order []int) {
	if t.ShutdownTimeout == 0 {
		return
	}
	chain, worst := graph.CriticalPath(t.Graph(), func(id ID) time.Duration { return t.Services[id].stopMost(t.ShutdownTimeout) })
	if worst <= t.ShutdownTimeout || len(chain) == 0 {
		return
	}
	var text []string
	for i := len(chain) - 1; i >= 0; i-- { // in the order of stopping
		s := &t.Services[chain[i]]
		if most := s.stopMost(0); most > 0 || s.StopTimeout == 0 {
			text = append(text, fmt.Sprintf("%s %s", s.Name, forEver(most)))
		}
	}
	last := k.services[order[chain[len(chain)-1]]]
	last.warn("stop-timeout", "in that case each gets its share of the time; raise shutdown-timeout in [tree], or lower stop-timeout",
		"stopping may take %s, longer than the tree's shutdown-timeout of %s: %s", worst, t.ShutdownTimeout, strings.Join(text, ", then "))
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
	commands := map[string][]string{"command": d.Command}
	if d.Kind == Oneshot {
		commands = map[string][]string{"up": d.Command, "down": d.Down}
	}
	for key, argv := range commands {
		if len(argv) > 0 {
			d.warnProgram(key, argv[0])
		}
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
		} else if info.IsDir() || info.Mode()&0o111 == 0 {
			d.warn(key, "chmod +x would make it a program", "%s is not executable", program)
		}
		return
	}
	path, ok := d.environ.lookup("PATH")
	if !ok || path == "" {
		path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	}
	for _, dir := range filepath.SplitList(path) {
		if info, err := os.Stat(filepath.Join(dir, program)); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return
		}
	}
	d.warn(key, "", "there is no program %s in the service's PATH (%s)", program, path)
}

func (d *definition) warnAccount() {
	if _, err := strconv.Atoi(d.User); err != nil && d.User != "" {
		u, err := user.Lookup(d.User)
		var unknown user.UnknownUserError
		switch {
		case errors.As(err, &unknown):
			d.warn("user", "", "there is no user %s on this machine", d.User)
		case err == nil && os.Geteuid() != 0 && u.Uid != strconv.Itoa(os.Geteuid()):
			d.warn("user", "only root may become another user", "bole would not be allowed to become %s", d.User)
		}
	}
	for _, g := range append([]string{d.Group}, d.Groups...) {
		if _, err := strconv.Atoi(g); err == nil || g == "" {
			continue
		}
		if _, err := user.LookupGroup(g); err != nil {
			d.warn("group", "", "there is no group %s on this machine", g)
		}
	}
}
