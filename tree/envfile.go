package tree

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// An envVar is one variable of a file.
type envVar struct{ Name, Value string }

// A textFault is a fault of a file that is not TOML.
type textFault struct {
	At            span
	Message, Hint string
}

// parseEnvFile reads NAME=value lines as compose does: 'literal', "with \n and
// ${NAME:-default}", # comments, export. A name alone is taken from lookup, if it
// is there.
func parseEnvFile(text []byte, lookup func(string) (string, bool)) ([]envVar, []textFault) {
	p := &envParser{text: text, lookup: lookup, values: map[string]string{}}
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		p.i = 3
	}
	for p.i < len(text) {
		p.line()
	}
	return p.vars, p.faults
}

type envParser struct {
	text   []byte
	i      int
	lookup func(string) (string, bool)
	vars   []envVar
	values map[string]string // of vars, the later ones
	faults []textFault
	total  int // bytes of the values
}

func (p *envParser) fail(at span, hint, message string, args ...any) {
	p.faults = append(p.faults, textFault{at, fmt.Sprintf(message, args...), hint})
}

// end is where the line ends that i is in.
func (p *envParser) end() int {
	if n := bytes.IndexByte(p.text[p.i:], '\n'); n >= 0 {
		return p.i + n
	}
	return len(p.text)
}

// line takes in one line; a quoted value may go on over more.
func (p *envParser) line() {
	end := p.end()
	defer func() { p.i = min(max(p.i, end+1), len(p.text)+1) }()
	line := string(p.text[p.i:end])
	trimmed := strings.TrimLeft(line, " \t")
	from := p.i + len(line) - len(trimmed)
	trimmed = strings.TrimRight(trimmed, " \t\r")
	if trimmed == "" || trimmed[0] == '#' {
		return
	}
	if rest, ok := strings.CutPrefix(trimmed, "export"); ok && strings.TrimLeft(rest, " \t") != rest {
		trimmed = strings.TrimLeft(rest, " \t")
		from += strings.Index(line[from-p.i:], trimmed)
	}
	p.variable(trimmed, from, end)
}

// variable takes in NAME=value, which begins at from.
func (p *envParser) variable(text string, from, end int) {
	name, _, assigned := strings.Cut(text, "=")
	name = strings.TrimRight(name, " \t")
	if !validVariable(name) {
		p.fail(span{from, from + max(len(name), 1)}, "a line is NAME=value, or a comment after #; a value of several lines stands in quotes", "the line does not begin with a variable's name")
		return
	}
	if !assigned {
		if v, ok := p.lookup(name); ok {
			p.set(name, v)
		}
		return
	}
	from += strings.IndexByte(text, '=') + 1
	p.i = from
	v, ok := p.value(end)
	if ok && strings.Contains(v, "\x00") {
		from += bytes.IndexByte(p.text[from:], 0)
		p.fail(span{from, from + 1}, "", "a value cannot hold a zero byte")
	} else if ok {
		p.set(name, v)
	}
}

func (p *envParser) set(name, value string) {
	p.vars = append(p.vars, envVar{name, value})
	p.values[name] = value
}

// value reads what follows the equals sign, and leaves i behind it.
func (p *envParser) value(end int) (string, bool) {
	for p.i < end && (p.text[p.i] == ' ' || p.text[p.i] == '\t') {
		p.i++
	}
	if p.i < end && (p.text[p.i] == '\'' || p.text[p.i] == '"') {
		return p.quoted(p.text[p.i])
	}
	at := span{p.i, end}
	v := string(p.text[p.i:end])
	if strings.HasPrefix(v, "#") {
		v = ""
	} else if i := strings.Index(v, " #"); i >= 0 {
		v = v[:i]
	}
	return p.expand(strings.TrimRight(v, " \t\r"), at)
}

var errFileTooLong = errors.New("the values have become longer than 16 MiB")

func (p *envParser) expand(s string, at span) (string, bool) {
	v, err := expand(s, p.scope)
	if err == nil && p.total > fileMost {
		err = errFileTooLong
	}
	var unset *unsetVariable
	switch {
	case errors.As(err, &unset), errors.Is(err, errTooLong), errors.Is(err, errFileTooLong):
		p.fail(at, "${NAME:-default} gives a default, $$ is a plain dollar", "%s", err)
	case err != nil: // its own words would be the value's
		p.fail(at, "${NAME:-default} gives a default, $$ is a plain dollar", "what follows the dollar is no variable")
	}
	p.total += len(v)
	return v, err == nil
}

// scope finds variables of earlier lines too.
func (p *envParser) scope(name string) (string, bool) {
	if v, ok := p.values[name]; ok {
		return v, true
	}
	return p.lookup(name)
}

// quoted reads a value in quotes, over as many lines as it takes.
func (p *envParser) quoted(quote byte) (string, bool) {
	from := p.i
	var b strings.Builder
	for p.i++; p.i < len(p.text); p.i++ {
		c := p.text[p.i]
		switch {
		case c == quote:
			at := span{from, p.i + 1}
			p.i++
			p.rest()
			if quote == '\'' {
				return b.String(), true
			}
			return p.expand(b.String(), at)
		case c == '\\' && quote == '"' && p.i+1 < len(p.text):
			p.i++
			b.WriteString(envEscape(p.text[p.i]))
		default:
			b.WriteByte(c)
		}
	}
	p.fail(span{from, from + 1}, "", "the quote %c is never closed", quote)
	return "", false
}

func envEscape(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case 'r':
		return "\r"
	case '"', '\\':
		return string(c)
	case '$':
		return "$$"
	}
	return `\` + string(c)
}

// rest checks that nothing but a comment follows a quoted value.
func (p *envParser) rest() {
	end := p.end()
	text := strings.TrimSpace(string(p.text[p.i:end]))
	if text != "" && text[0] != '#' {
		p.fail(span{p.i, end}, "put all of the value in the quotes", "something follows the quoted value")
	}
	p.i = end + 1
}

// readEnvDir reads a directory of one file a variable, as daemontools' envdir and
// chpst -e do: the first line without its trailing blanks, NUL for a newline; an
// empty file unsets the variable.
func readEnvDir(dir string) (vars []envVar, unset []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || strings.Contains(e.Name(), "=") || e.IsDir() {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			continue // a link to one
		}
		text, err := readMost(path)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %s", e.Name(), plain(err))
		}
		if len(text) == 0 {
			unset = append(unset, e.Name())
			continue
		}
		line, _, _ := bytes.Cut(text, []byte("\n"))
		line = bytes.ReplaceAll(bytes.TrimRight(line, " \t\r"), []byte{0}, []byte("\n"))
		vars = append(vars, envVar{e.Name(), string(line)})
	}
	return vars, unset, nil
}

// ParseEnv reads NAME=value lines, in the dialect of env-file, as the variables that a
// process gets, "NAME=value". What is faulty is left out; faults say what, for people.
func ParseEnv(text []byte) (vars, faults []string) {
	list, bad := parseEnvFile(text, func(string) (string, bool) { return "", false })
	for _, v := range list {
		vars = append(vars, v.Name+"="+v.Value)
	}
	in := &source{text: text}
	for _, f := range bad {
		faults = append(faults, fmt.Sprintf("line %d: %s", in.spot(f.At).Line, f.Message))
	}
	return vars, faults
}
