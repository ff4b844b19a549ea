package main

import (
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"bole/tree/control"
	"bole/tree/process"
)

// A screen is what a verb's output goes to. On a terminal lines are cut at its width, and
// have colours; anywhere else all is plain and whole, for programs.
type screen struct {
	width  int // in columns; 0: there is no terminal
	colors bool
}

// screenOf also asks whether the user has something against colours (no-color.org).
func screenOf(w io.Writer) screen {
	f, ok := w.(*os.File)
	if !ok || !process.IsTerminal(int(f.Fd())) {
		return screen{}
	}
	columns, _ := sizeOf(int(f.Fd()))
	return screen{columns, os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

// sizeOf is a terminal's size; that of most, if it does not say.
func sizeOf(fd int) (columns, rows int) {
	size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ)
	if err != nil || size.Col == 0 || size.Row == 0 {
		return 80, 24
	}
	return int(size.Col), int(size.Row)
}

// Renditions are parameters of the terminal's SGR sequence (ECMA-48, 8.3.117): those that
// can be read on black and on white.
const (
	plainText = 0
	bold      = 1
	dim       = 2
	red       = 31
	green     = 32
	yellow    = 33
)

func (s screen) paint(text string, rendition int) string {
	if !s.colors || rendition == plainText {
		return text
	}
	return "\x1b[" + strconv.Itoa(rendition) + "m" + text + "\x1b[0m"
}

// rendition is the colour of a state: green is well, yellow may become so, red will not.
func rendition(state string) int {
	switch state {
	case "ready", "done", "healthy":
		return green
	case "failed", "blocked", "unhealthy", "degraded":
		return red
	case "down":
		return dim
	}
	return yellow
}

// renditionOf is that of a service's state; there is something to say against one that is
// ready, but not well.
func renditionOf(x *control.Service) int {
	if x.Healthy != nil && !*x.Healthy {
		return red
	}
	return rendition(x.State)
}

// fit cuts a text at so many columns, and shows that it was cut.
func fit(text string, columns int) string {
	if utf8.RuneCountInString(text) <= columns {
		return text
	}
	if columns < 1 {
		return ""
	}
	return string([]rune(text)[:columns-1]) + "…"
}

// pad makes a text so many columns wide.
func pad(text string, columns int, right bool) string {
	room := strings.Repeat(" ", max(0, columns-utf8.RuneCountInString(text)))
	if right {
		return room + text
	}
	return text + room
}

// colours are those that a line may have (SGR of ECMA-48, 8.3.117).
var colours = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("\x1b\\[[0-9;]*m") })

// tame is a line that a service has written, without what a terminal would act on.
func tame(line string) string { return printable(strings.ReplaceAll(line, "\t", "    ")) }

// tameInColour leaves a line its colours.
func tameInColour(line string) string {
	var out strings.Builder
	last := 0
	for _, at := range colours().FindAllStringIndex(line, -1) {
		out.WriteString(tame(line[last:at[0]]) + line[at[0]:at[1]])
		last = at[1]
	}
	out.WriteString(tame(line[last:]))
	if last > 0 {
		out.WriteString("\x1b[0m")
	}
	return out.String()
}

// printable is a text without what could move the cursor or change the colours: services
// and probes write what they like.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r == '\n':
			return '↵'
		case !unicode.IsPrint(r):
			return '·'
		}
		return r
	}, text)
}
