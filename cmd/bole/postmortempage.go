package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"bole/tree"
	"bole/tree/control"
)

// A scenePage is a postmortem for people.
type scenePage struct {
	w   io.Writer
	p   *control.Postmortem
	now time.Time
}

func newScenePage(w io.Writer, p *control.Postmortem, now time.Time) *scenePage {
	return &scenePage{w, p, now}
}

func (g *scenePage) print() {
	fmt.Fprintln(g.w, said(g.p))
	if g.p.End != nil {
		g.ended(g.p.End)
		g.lines()
	} else {
		fmt.Fprintln(g.w, "No run of it has failed.")
	}
	g.conditions()
	g.events()
	g.neighbours()
	g.next()
}

// title begins a part of the page.
func (g *scenePage) title(text string) { fmt.Fprintf(g.w, "\n%s\n", text) }

// field is one line of a part, or several if the value has.
func (g *scenePage) field(name, value string) {
	for line := range strings.Lines(strings.TrimRight(value, "\n")) {
		fmt.Fprintf(g.w, "  %-12s %s\n", name, printable(strings.TrimSuffix(line, "\n")))
		name = ""
	}
}

func (g *scenePage) ended(end *control.EndNote) {
	g.title("How it failed")
	g.field("when", fmt.Sprintf("%s, %s ago", end.At.In(g.now.Location()).Format("2006-01-02 15:04:05.000 MST"), control.Short(g.now.Sub(end.At))))
	if !strings.Contains(g.p.Why, end.What) {
		g.field("what", end.What) // it is about to be tried again, or has been since
	}
	g.field("exit", exitWords(end.Exit))
	g.field("ran", control.Short(control.Seconds(end.Ran)))
	g.field("restarts", fmt.Sprint(g.p.Restarts))
	if end.MaxRSS > 0 {
		g.field("memory", fmt.Sprintf("%.1f MiB at most", float64(end.MaxRSS)/(1<<20)))
	}
	if end.Core {
		g.field("core", "the kernel has dumped its memory, where /proc/sys/kernel/core_pattern says")
	}
	if end.OOM {
		g.field("killer", "the kernel, because memory was short (OOM)")
	}
}

// signalWords say what is behind the signals that programs die of.
var signalWords = map[string]string{
	"SEGV": "an invalid access to memory", "BUS": "an access to memory that is not there", "ILL": "an invalid instruction", "FPE": "an invalid calculation, such as a division by 0",
	"ABRT": "it has aborted itself", "KILL": "nothing can be done against that", "SYS": "a forbidden system call", "XCPU": "its limit of CPU time", "XFSZ": "its limit of the size of files",
	"PIPE": "it wrote to where nobody reads any more",
}

// exitWords is the end of a process, in words.
func exitWords(x *control.Exit) string {
	switch {
	case x == nil:
		return "none"
	case x.Signal != nil:
		return "signal " + withWords(*x.Signal, signalWords[*x.Signal])
	case x.Code == nil:
		return fmt.Sprintf("there was no process (a shell's code for that is %d)", x.Status)
	case *x.Code > 128 && *x.Code <= 128+64:
		return fmt.Sprintf("code %d (128 + %d: what a shell or a JVM makes of signal %s)", *x.Code, *x.Code-128, tree.SignalName(*x.Code-128))
	}
	return "code " + withWords(fmt.Sprint(*x.Code), map[int]string{
		126: "a shell's: a command cannot be run", 127: "a shell's: a command is not there",
	}[*x.Code])
}

func withWords(what, words string) string {
	if words == "" {
		return what
	}
	return what + " (" + words + ")"
}

func (g *scenePage) lines() {
	g.title("What it wrote last")
	for _, line := range g.p.Lines {
		fmt.Fprintf(g.w, "  %s | %s\n", g.p.Service, tame(line))
	}
	if len(g.p.Lines) == 0 {
		fmt.Fprintln(g.w, "  nothing")
	}
}

func (g *scenePage) conditions() {
	c := &g.p.Conditions
	g.title("How it was run")
	g.field("command", commandLine(c.Command))
	g.field("directory", cmp.Or(c.Directory, "not known"))
	g.field("user", userWords(c))
	if c.Attributes != nil {
		if set := attributes(c.Attributes); len(set) > 0 {
			g.field("attributes", strings.Join(set, "\n"))
		}
	}
	env := slices.Sorted(slices.Values(c.Env))
	g.field("environment", cmp.Or(strings.Join(env, "\n"), "empty"))
}

func userWords(c *control.Conditions) string {
	name := cmp.Or(c.User, "bole's own")
	if c.Credential == nil {
		return name + ", who does not exist here"
	}
	groups := strings.Trim(fmt.Sprint(c.Credential.Groups), "[]")
	return fmt.Sprintf("%s (uid %d, gid %d, groups %s)", name, c.Credential.UID, c.Credential.GID, cmp.Or(strings.ReplaceAll(groups, " ", ","), "none"))
}

// plainWord reports whether a shell takes a word as it is.
func plainWord(word string) bool {
	const others = "_@%+=:,./-"
	odd := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(others, r))
	}
	return word != "" && !strings.ContainsFunc(word, odd)
}

// commandLine is a command as one would write it for a shell.
func commandLine(argv []string) string {
	var out []string
	for _, word := range argv {
		if !plainWord(word) {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

// eventsShown is how many of the last events a page has.
const eventsShown = 20

func (g *scenePage) events() {
	events := g.p.Events
	if len(events) > 0 {
		g.title("What has happened to it")
	}
	if n := len(events) - eventsShown; n > 0 {
		fmt.Fprintf(g.w, "  … %s before\n", plural(n, "event"))
		events = events[n:]
	}
	for i := range events {
		text := strings.TrimPrefix(events[i].String(), g.p.Service+": ")
		g.field(events[i].At.In(g.now.Location()).Format("15:04:05.000"), text)
	}
}

func (g *scenePage) neighbours() {
	if len(g.p.Requires) > 0 {
		g.title("What it requires")
	}
	for i := range g.p.Requires {
		s := &g.p.Requires[i]
		state := s.State
		if s.Why != "" {
			state += ": " + s.Why
		}
		g.field(s.Name, state)
	}
	if len(g.p.Blocks) > 0 {
		g.title("Who cannot start because of it")
		fmt.Fprintln(g.w, "  "+strings.Join(g.p.Blocks, ", "))
	}
}

// next says what to do: for who is blocked, elsewhere.
func (g *scenePage) next() {
	var do [][2]string
	for _, s := range g.p.Requires {
		if g.p.State == "blocked" && !s.Ready {
			do = append(do, [2]string{"bole postmortem " + s.Name, "what it waits for"})
		}
	}
	if g.p.Conditions.Credential != nil {
		do = append(do, [2]string{"bole shell " + g.p.Service, "a shell in those conditions"})
	}
	if g.p.State == "failed" || g.p.State == "backoff" {
		do = append(do, [2]string{"bole start " + g.p.Service, "once the cause is gone: it starts anew, and so does who is blocked by it"})
	}
	g.title("What to do")
	for _, d := range do {
		fmt.Fprintf(g.w, "  %-*s  %s\n", len("bole postmortem "+g.p.Service), d[0], d[1])
	}
}
