package main

import (
	"fmt"
	"strings"
	"time"

	"bole/tree/control"
)

// A sheet is what there is to say of one service: a line for each subject.
type sheet struct{ strings.Builder }

// subject is how wide the column of subjects is.
const subject = 12

// say adds a line, or more of the same subject; nothing if there is nothing to say.
func (p *sheet) say(what string, texts ...string) {
	for _, text := range texts {
		if text != "" {
			fmt.Fprintf(p, "  %s%s\n", pad(what, subject, false), text)
			what = ""
		}
	}
}

// statusPage is the page of a service. Nothing of it is cut.
func statusPage(d *control.Detail, now time.Time, on screen) string {
	p := &sheet{}
	p.WriteString(on.paint(d.Name, bold))
	if d.Description != "" {
		p.WriteString(": " + printable(d.Description))
	}
	p.WriteString("\n")
	p.say("state", stateLine(d, now, on))
	p.say("process", processLine(d))
	p.say("command", printable(commandLine(d.Command)))
	p.say("restarts", fmt.Sprint(d.Restarts))
	for _, needs := range []struct {
		how string
		on  []string
	}{{"requires", d.Requires}, {"binds", d.Binds}, {"wants", d.Wants}, {"after", d.After}, {"needed by", d.Dependents}} {
		p.say(needs.how, strings.Join(needs.on, ", "))
	}
	p.say("ended", endLines(d.Ends, now)...)
	p.say("wrote", lastLines(d.Lines, now)...)
	return p.String()
}

func stateLine(d *control.Detail, now time.Time, on screen) string {
	text := on.paint(d.State, renditionOf(&d.Service)) + " for " + span(d.Since, now)
	if !d.Wanted {
		text += ", not wanted"
	}
	if d.Healthy != nil && *d.Healthy {
		text += ", healthy"
	}
	if d.Why != "" {
		text += ": " + printable(d.Why)
	}
	return text
}

func processLine(d *control.Detail) string {
	if d.PID == 0 {
		return ""
	}
	text := fmt.Sprintf("pid %d", d.PID)
	if d.Usage.Processes > 1 {
		text += fmt.Sprintf(", %d processes", d.Usage.Processes)
	}
	return text + fmt.Sprintf(", %s resident, %s of CPU", size(d.Usage.Resident), control.Short(control.Seconds(d.Usage.CPUSeconds)))
}

func size(bytes uint64) string {
	if bytes < 10<<20 {
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%d MiB", bytes>>20)
}

func endLines(ends []control.EndNote, now time.Time) (out []string) {
	for _, e := range ends {
		text := fmt.Sprintf("%s ago: %s", span(e.At, now), printable(e.What))
		if e.OOM {
			text += ", for the memory was full"
		}
		if e.Core {
			text += ", core dumped"
		}
		out = append(out, text)
	}
	return out
}

func lastLines(lines []control.Line, now time.Time) (out []string) {
	for _, l := range lines {
		out = append(out, l.At.In(now.Location()).Format("15:04:05.000")+"  "+printable(l.Text))
	}
	return out
}
