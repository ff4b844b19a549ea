package logs

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// widest is the widest column of names; a longer name pushes its line to the right.
const widest = 16

// A Label is the form of what stands before each line of an output: who wrote it.
type Label struct {
	width  int
	colors bool
}

// NewLabel aligns the names given, and has colours if fd is a terminal and the
// user has nothing against them (no-color.org).
func NewLabel(fd int, names []string) Label {
	l := Label{width: len(self)}
	for _, name := range names {
		l.width = min(max(l.width, len(name)), widest)
	}
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	l.colors = err == nil && os.Getenv("NO_COLOR") == ""
	return l
}

// self is what bole calls itself.
const self = "bole"

// colors are those of the terminal's own palette that can be read on black and on
// white.
var colors = []int{36, 33, 32, 35, 34, 31}

// Service is the label of the n-th service.
func (l Label) Service(name string, n int) []byte { return l.text(name, colors[n%len(colors)]) }

// own is that of bole itself, in bold.
func (l Label) own() []byte { return l.text(self, 1) }

// text is a name in its column. rendition is a parameter of the terminal's SGR
// sequence (ECMA-48, 8.3.117).
func (l Label) text(name string, rendition int) []byte {
	if !l.colors {
		return fmt.Appendf(nil, "%-*s | ", l.width, name)
	}
	return fmt.Appendf(nil, "\x1b[%dm%-*s |\x1b[0m ", rendition, l.width, name)
}
