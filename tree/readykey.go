package tree

import (
	"net"
	"strings"
	"time"

	"bole/readiness"
)

// A notification fd is 3 at least: 0, 1 and 2 are taken. The upper bound is what
// a process may open when nobody has raised its limit.
const notifyLeast, notifyMost = 3, 1023

// probeTimeout is how long one attempt may take, unless the definition says it.
const probeTimeout = time.Second

const readyExample = `a table such as { fd = 3 } or { tcp = "127.0.0.1:5432" }`

// setReady takes exactly one form.
func setReady(d *definition, v value) {
	if !v.table(readyExample, keyNames(readyParts)...) {
		return
	}
	f := v.form(forms)
	if f == nil {
		return
	}
	v.refuse(f)
	switch f.Name {
	case "fd":
		v.readyFD(d)
	case "notify":
		v.readyNotify(d)
	case "log":
		v.readyLog(d)
	default:
		p := Probe{Timeout: probeTimeout}
		if v.probe(&p, f) {
			d.Ready = &p
		}
	}
}

// form is the one of several that is said; nil if that is not one.
func (v value) form(forms []form) *form {
	var said []string
	var last *form
	for i := range forms {
		if _, ok := v.field(forms[i].Name); ok {
			last, said = &forms[i], append(said, forms[i].Name)
		}
	}
	switch len(said) {
	case 0:
		v.fail("write one of "+strings.Join(formNames(forms), ", "), "%s says nothing", v.e.name)
	case 1:
		return last
	default:
		v.fail("keep one of them", "%s says it in %d ways: %s", v.e.name, len(said), strings.Join(said, ", "))
	}
	return nil
}

func (v value) readyFD(d *definition) {
	fd, _ := v.field("fd")
	if n, ok := fd.number(notifyLeast, notifyMost); ok {
		d.ReadyFD = int(n)
	}
}

func (v value) readyNotify(d *definition) {
	f, _ := v.field("notify")
	switch yes, ok := f.v.(bool); {
	case !ok:
		f.want("true")
	case !yes:
		f.fail("leave ready out", "a service that does not notify is ready as soon as it runs")
	}
	d.Notifies = true
}

func (v value) readyLog(d *definition) {
	f, _ := v.field("log")
	s, ok := f.text()
	if !ok || s == "" && d.environ.lenient {
		return
	}
	hint := `write what stands in the line, such as "Started .* in"`
	if _, err := readiness.Line(s); err != nil {
		f.fail(hint, "%s is no regular expression: %s", quoted(s), err)
	} else if s == "" {
		f.fail(hint, "every line matches an empty expression")
	}
	d.ReadyLine = s
}

// refuse reports parts that mean nothing beside a form.
func (v value) refuse(f *form) {
	for _, part := range f.refused() {
		if x, said := v.field(part); said {
			x.atKey().fail("", "%s means nothing beside %s", part, f.Name)
		}
	}
}

// probe reads one of the forms that ask.
func (v value) probe(p *Probe, f *form) bool {
	target, _ := v.field(f.Name)
	p.Kind = f.kind
	ok := f.read(target, p)
	switch f.Name {
	case "http":
		ok = v.status(p) && ok
	case "delay":
		p.Timeout = 0
	}
	return v.pace(p) && ok
}

func (v value) status(p *Probe) bool {
	p.Status = 200
	status, said := v.field("status")
	if !said {
		return true
	}
	n, ok := status.number(statusLeast, statusMost)
	p.Status = int(n)
	return ok
}

// pace is how often a probe asks, and how long it waits for the answer.
func (v value) pace(p *Probe) bool {
	good := true
	if interval, said := v.field("interval"); said {
		t, ok := interval.duration()
		if ok && t < time.Millisecond {
			interval.fail("", "an interval of less than a millisecond would keep bole busy")
		}
		p.Interval, good = t, ok
	}
	if timeout, said := v.field("timeout"); said {
		t, ok := timeout.duration()
		p.Timeout, good = t, good && ok
	}
	return good
}

func (v value) tcpTarget(p *Probe) bool {
	s, ok := v.text()
	if !ok || s == "" && v.d.environ.lenient {
		return ok
	}
	p.Target = s
	return v.address(s, `write "127.0.0.1:5432", or "[::1]:5432"`)
}

// address checks one of TCP.
func (v value) address(s, hint string) bool {
	_, port, err := net.SplitHostPort(s)
	if err != nil || port == "" {
		v.fail(hint, "%s is no address: it should be HOST:PORT", quoted(s))
		return false
	}
	if err := readiness.Port(port); err != nil {
		v.fail(hint, "%s is no address: %s", quoted(s), err)
		return false
	}
	return true
}

func (v value) unixTarget(p *Probe) (ok bool) {
	if s, isText := v.v.(string); isText && strings.HasPrefix(s, "@") { // an abstract one
		p.Target, ok = v.text()
	} else {
		p.Target, ok = v.absolute()
	}
	if err := readiness.SocketPath(p.Target); ok && err != nil {
		v.fail("", "%s", err)
		return false
	}
	return ok
}

func (v value) httpTarget(p *Probe) bool {
	s, ok := v.text()
	if !ok || s == "" && v.d.environ.lenient {
		return ok
	}
	if _, err := readiness.HTTP(s, p.Status); err != nil {
		v.fail("", "%s cannot be asked: %s", quoted(withoutLogin(s)), err)
		return false
	}
	p.Target = s
	return true
}

// checkReadiness: a service becomes ready in one way.
func (d *definition) checkReadiness() {
	if e := d.keys.get("pid-file"); e != nil && (d.ReadyFD != 0 || d.Notifies || d.ReadyLine != "" || d.Ready != nil) {
		newValue(d, e).fail("keep one of them", "pid-file and ready both say when it is ready")
	}
}

// argv is that of an exec probe, or nil.
func (p *Probe) argv() []string {
	if p == nil {
		return nil
	}
	return p.Command
}
