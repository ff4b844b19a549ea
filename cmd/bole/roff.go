package main

import (
	"fmt"
	"strings"
)

// A manPage is a page of the manual on its way to be written, in the macros of man(7).
// cobra has a writer of its own; with all that it imports it makes the binary 350 kB
// larger and its start slower.
type manPage struct {
	b     strings.Builder
	begun bool // the section has text, so that what follows is a paragraph of its own
}

func newPage(name string, section int, about string) *manPage {
	p := &manPage{}
	p.line(`.TH "%s" "%d" "" "bole %s"`, strings.ToUpper(escaped(name)), section, escaped(version))
	p.line(".ad l\n.nh") // ragged and without hyphens: much of it is code
	p.section("NAME")
	p.line(`%s \- %s`, escaped(name), escaped(about))
	return p
}

func (p *manPage) line(format string, args ...any) { fmt.Fprintf(&p.b, format+"\n", args...) }

func (p *manPage) section(title string) {
	p.line(`.SH "%s"`, escaped(title))
	p.begun = false
}

func (p *manPage) paragraph() {
	if p.begun {
		p.line(".PP")
	}
	p.begun = true
}

// text is in paragraphs; one that is set in by blanks keeps its lines.
func (p *manPage) text(text string) {
	for _, paragraph := range strings.Split(text, "\n\n") {
		if strings.HasPrefix(paragraph, "  ") {
			p.literal(paragraph)
		} else {
			p.paragraph()
			p.line("%s", escaped(paragraph))
		}
	}
}

// literal is text whose lines stay as they are.
func (p *manPage) literal(text string) {
	p.paragraph()
	p.line(".nf\n%s\n.fi", escaped(text))
}

// item is one of a list: what it is called, in roff, and what it is.
func (p *manPage) item(term, text string) {
	p.line(".TP\n%s\n%s", term, escaped(text))
	p.begun = true
}

// inner is what belongs below the last item.
func (p *manPage) inner(write func()) {
	p.line(".RS")
	write()
	p.line(".RE")
}

func roffBold(text string) string   { return `\fB` + escaped(text) + `\fR` }
func roffItalic(text string) string { return `\fI` + escaped(text) + `\fR` }

// roffText are the characters to which roff would give another look or a meaning.
var roffText = strings.NewReplacer(`\`, `\(rs`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, `"`, `\(dq`)

// escaped is a text that roff prints as it is, in ASCII, so that no locale matters.
func escaped(text string) string {
	var b strings.Builder
	for _, line := range strings.SplitAfter(text, "\n") {
		if strings.HasPrefix(line, ".") {
			b.WriteString(`\&`) // it is no request
		}
		for _, c := range roffText.Replace(line) {
			if c < 0x80 {
				b.WriteRune(c)
			} else {
				fmt.Fprintf(&b, `\[u%04X]`, c)
			}
		}
	}
	return b.String()
}
