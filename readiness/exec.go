package readiness

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// lineMost is how much of a line is kept.
const lineMost = 200

// LastLine reads to the end, and returns the last line that is not empty, or its
// beginning. Of what comes before nothing is kept.
func LastLine(r io.Reader) string {
	var last, line []byte
	for buf := make([]byte, 4096); ; {
		n, err := r.Read(buf)
		for text := buf[:n]; len(text) > 0; {
			piece, rest, ended := bytes.Cut(text, []byte{'\n'})
			line = append(line, piece[:min(len(piece), lineMost-len(line))]...)
			if ended && len(bytes.TrimSpace(line)) > 0 {
				last = append(last[:0], line...)
			}
			if ended {
				line = line[:0]
			}
			text = rest
		}
		if err != nil {
			break
		}
	}
	if len(bytes.TrimSpace(line)) > 0 {
		last = line
	}
	return printable(string(bytes.TrimSpace(last)))
}

// printable leaves out what would do something to a terminal, or to a line: control
// characters, and those that turn the direction of writing.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

// Refused is why a command that was asked, and has ended with another code than 0, says
// no: its own words, if it has any.
func Refused(program, how, last string) error {
	if last == "" {
		return fmt.Errorf("%s: %s", program, how)
	}
	return fmt.Errorf("%s: %s (%s)", program, last, how)
}
