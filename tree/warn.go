package tree

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"bole/graph"
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
	case s.Kind == Oneshot && s.Down == nil, s.Foreground: // that one is not in the definitions
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
