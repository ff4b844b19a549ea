package main

import (
	"fmt"
	"slices"
	"strings"

	"bole/tree"
)

// keysPage is bole.toml(5), made of the description of the keys.
func keysPage() *manPage {
	p := newPage("bole.toml", 5, "the services of one container, for bole(1)")
	p.section("SYNOPSIS")
	p.line("%s", escaped(defaultPath+"/*.toml"))
	p.section("DESCRIPTION")
	p.text(aboutFiles)
	p.section("VALUES")
	p.text(aboutValues)
	p.section("EXAMPLE")
	p.literal(exampleFile)
	tables := tree.Tables()
	for _, t := range tables {
		p.table(t, tables[0])
	}
	p.section("SEE ALSO")
	p.line("%s(1), %s(1), %s(1)", roffBold("bole"), roffBold("bole-check"), roffBold("bole-schema"))
	return p
}

const aboutFiles = `Definition files are in TOML. A directory's *.toml are read in name order. Several
files or directories given to bole up are layers: a later one amends the services of
those before it, key by key.

[defaults] sets keys of [service.NAME] for every service of its layer and of those
above it. A name has letters, digits and . _ @ -, begins with a letter or a digit,
and is at most 128 bytes long.`

const aboutValues = `A command is an array, which is the program and its arguments as they are, or a string,
which is split into words as a shell does, without running one.

${NAME} and ${NAME:-default} in any string are replaced once, when the definitions
are read, from the environment that the service will get; $$ is a dollar.

A duration is a number with a unit, or several: "500ms", "5s", "1m30s". A size takes B,
kB, MB, GB, KiB, MiB or GiB. A signal is a name, with or without SIG, or a number.`

const exampleFile = `  [service.db]
  command = ["postgres", "-D", "/data"]
  user = "postgres"
  ready = { exec = "pg_isready" }

  [service.app]
  command = "app --listen 127.0.0.1:${PORT:-8080}"
  requires = ["db"]
  restart = "on-failure"`

// table lists the keys of one, those that another one has too by their names alone.
func (p *manPage) table(t, known tree.Table) {
	title := "[" + t.Name + ".NAME]"
	if t.Name == "tree" {
		title = "[tree]"
	}
	p.section(title)
	p.text(t.Doc + ".")
	var same []string
	for _, k := range t.Keys {
		if t.Name != known.Name && slices.ContainsFunc(known.Keys, func(o tree.Key) bool { return o.Name == k.Name && o.Doc == k.Doc && o.Default == k.Default }) {
			same = append(same, k.Name)
		} else {
			p.key(k)
		}
	}
	if len(same) > 0 {
		p.text(fmt.Sprintf("As for [%s.NAME]: %s.", known.Name, strings.Join(same, ", ")))
	}
}

func (p *manPage) key(k tree.Key) {
	text := k.Doc + "."
	if k.Default != "" {
		text += " Default: " + k.Default + "."
	}
	p.item(roffBold(k.Name)+" "+roffItalic(k.Type.Words), text)
	p.line(".br\n%s", escaped(k.Name+" = "+k.Example))
	if k.Type.Parts == nil {
		return
	}
	p.inner(func() {
		for _, part := range k.Type.Parts {
			p.key(part)
		}
	})
}
