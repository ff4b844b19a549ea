package tree

import "fmt"

// Foreground is the name of the command that bole was given.
const Foreground = "CMD"

// foreground adds the command that bole was given as a service that comes after all
// others, whatever becomes of them, and is the reason for all of them.
func (l *loader) foreground(k *linker, base *environment) {
	x := &layered{kind: "service", name: Foreground, in: &source{name: "the command line"}}
	for _, d := range append(k.services[:len(k.services):len(k.services)], k.bundles...) {
		if d.l.name == Foreground {
			d.fault(d.l.in, d.l.at, "", "give it another name", "%s is what the command is called that bole was given", Foreground)
		}
	}
	x.keys.list = []*entry{{name: "command", in: x.in, v: unexpanded(anys(l.Command))}, {name: "restart", in: x.in, v: "never"}}
	d := l.define(x)
	d.compileService(standardLongrun, longrunKeys, &x.keys, bases{base, base})
	d.OnSuccess, d.GiveUp = append(Codes{{}}, l.SuccessCodes...), nil
	for _, s := range l.SuccessCodes {
		if s.Code > 128 { // what a shell would make of a signal
			d.OnSuccess = append(d.OnSuccess, Status{Signal: s.Code - 128})
		}
	}
	d.Essential, d.Foreground, d.Stdin = true, true, Inherit
	for i := range k.services {
		d.arrows = append(d.arrows, arrow{name: name{text: k.services[i].Name, in: x.in}, kind: After, until: UntilReady})
	}
	k.services = append(k.services, d)
}

func anys(words []string) (out []any) {
	for _, w := range words {
		out = append(out, w)
	}
	return out
}

// ParseStatus reads an end of a process as the command line has it: an exit code, or
// a signal's name.
func ParseStatus(s string) (Status, error) {
	var code uint8
	if _, err := fmt.Sscanf(s, "%d", &code); err == nil && fmt.Sprint(code) == s {
		return Status{Code: code}, nil
	}
	if n, ok := ParseSignal(s); ok {
		return Status{Signal: uint8(n)}, nil
	}
	return Status{}, fmt.Errorf("%q is neither an exit code nor a signal", s)
}
