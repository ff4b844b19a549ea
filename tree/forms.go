package tree

import (
	"slices"
	"strings"
)

// A form is one of the ways in which ready, or health, can say it.
type form struct {
	Key
	beside []string // the parts that mean something beside it
	kind   ProbeKind
	read   func(value, *Probe) bool // nil: the service says it by itself, and is not asked
}

// asking are the parts that mean something where a service is asked again and again.
var asking = []string{"interval", "timeout"}

var forms = []form{
	{Key{Name: "fd", Type: numberType(notifyLeast, notifyMost), Doc: "it writes a newline to that file descriptor", Example: "3"}, nil, 0, nil},
	{Key{Name: "notify", Type: &Type{Words: "true", Schema: func() Schema { return Schema{"const": true} }}, Doc: "it says READY=1, see sd_notify(3)", Example: "true"}, nil, 0, nil},
	{Key{Name: "log", Type: &Type{Words: "regular expression", Schema: filledSchema}, Doc: "a line of its output matches", Example: `"Started .* in"`}, nil, 0, nil},
	{Key{Name: "tcp", Type: addressType, Doc: "it accepts connections at that address", Example: `"127.0.0.1:5432"`}, asking, ProbeTCP, value.tcpTarget},
	{Key{Name: "unix", Type: &Type{Words: "path, or @NAME", Schema: func() Schema { return pattern("[/@].*") }}, Doc: "it accepts connections at that socket", Example: `"/run/app.sock"`}, asking, ProbeUnix, value.unixTarget},
	{Key{Name: "http", Type: &Type{Words: "http://HOST:PORT/PATH, or unix:SOCKET:/PATH", Schema: filledSchema}, Doc: "a GET is answered with the status", Example: `"http://127.0.0.1:8080/health"`}, append([]string{"status"}, asking...), ProbeHTTP, value.httpTarget},
	{Key{Name: "exec", Type: commandType, Doc: "that command ends with code 0", Example: `"pg_isready"`}, asking, ProbeExec, func(v value, p *Probe) (ok bool) { p.Command, ok = v.command(); return ok }},
	{Key{Name: "file", Type: pathType, Doc: "that file has been made since the start", Example: `"/run/app/ready"`}, asking, ProbeFile, func(v value, p *Probe) (ok bool) { p.Target, ok = v.absolute(); return ok }},
	{Key{Name: "delay", Type: durationType, Doc: "it has run that long", Example: `"2s"`}, nil, ProbeDelay, func(v value, p *Probe) (ok bool) { p.Delay, ok = v.duration(); return ok }},
}

// healthForms are those that can be asked again and again.
var healthForms = slices.DeleteFunc(slices.Clone(forms), func(f form) bool { return len(f.beside) == 0 })

// The bounds of an HTTP status.
const statusLeast, statusMost = 100, 599

// beside are the parts that stand beside a form.
func beside(interval string) []Key {
	return []Key{
		{Name: "status", Type: numberType(statusLeast, statusMost), Default: "200", Doc: "what the HTTP server is to answer", Example: "204"},
		{Name: "interval", Type: durationType, Default: interval, Doc: "the time between two attempts", Example: `"2s"`},
		{Name: "timeout", Type: durationType, Default: `"1s"`, Doc: "the longest that an attempt may take; \"0s\" is for ever", Example: `"5s"`},
	}
}

var besideNames = keyNames(beside(""))

var readyParts = append(formKeys(forms), beside("100ms at first, growing to 1s")...)

var healthParts = append(append(formKeys(healthForms), beside(`"10s"`)...),
	Key{Name: "failures", Type: numberType(1, failuresMost), Default: "3", Doc: "after how many bad answers in a row it is unhealthy", Example: "5"},
	Key{Name: "action", Type: choiceType(actions), Default: `"restart"`, Doc: "what follows then: restart stops it, and its restart policy has its say; mark only says so", Example: `"mark"`})

func readyType() *Type {
	return &Type{Words: formWords(forms), Schema: func() Schema { return formsSchema(readyParts, oneForm(forms)) }, Parts: readyParts}
}

// healthType has files say no form: a later layer may amend what an earlier one says.
func healthType() *Type {
	schema := func() Schema {
		return formsSchema(healthParts, append(oneForm(healthForms), noForm(healthForms)))
	}
	return &Type{Words: formWords(healthForms), Schema: schema, Parts: healthParts}
}

func formsSchema(parts []Key, forms []Schema) Schema {
	s := tableSchema(parts)
	s["oneOf"] = forms
	return s
}

// oneForm is, for each form, what a table that says it is like.
func oneForm(forms []form) (out []Schema) {
	for _, f := range forms {
		refused := Schema{}
		for _, part := range f.refused() {
			refused[part] = false
		}
		out = append(out, Schema{"required": []string{f.Name}, "properties": refused})
	}
	return out
}

func noForm(forms []form) Schema {
	var said []Schema
	for _, f := range forms {
		said = append(said, Schema{"required": []string{f.Name}})
	}
	return Schema{"not": anyOf(said...)}
}

// refused are the parts that mean nothing beside the form.
func (f *form) refused() []string {
	return slices.DeleteFunc(slices.Clone(besideNames), func(part string) bool { return slices.Contains(f.beside, part) })
}

func formKeys(forms []form) (out []Key) {
	for _, f := range forms {
		out = append(out, f.Key)
	}
	return out
}

func formNames(forms []form) []string { return keyNames(formKeys(forms)) }

func formWords(forms []form) string {
	return "one of { " + strings.Join(formNames(forms), " }, { ") + " }"
}
