package logs

import "bytes"

// lineMost is the longest piece of a line that is written as one: memory is
// bounded whatever a service writes.
const lineMost = 64 << 10

// more stands before each piece of a line but its first.
const more = "… "

// lines makes whole lines of the pieces in which one pipe gives them.
type lines struct {
	prefix []byte
	rest   []byte            // of the line that has no end yet
	cut    bool              // pieces of that line have been written before
	seen   func(line []byte) // gets each line, or piece of one; nil: nobody does
}

// add appends to out the lines that the next piece of text makes whole.
func (l *lines) add(out, text []byte) []byte {
	for {
		end, room := bytes.IndexByte(text, '\n'), lineMost-len(l.rest)
		switch {
		case end >= 0 && end <= room:
			out, l.cut = l.line(out, text[:end]), false
			text = text[end+1:]
		case len(text) > room:
			out, l.cut = l.line(out, text[:room]), true
			text = text[room:]
		default:
			l.rest = append(l.rest, text...)
			return out
		}
	}
}

// end appends to out the line that has no end.
func (l *lines) end(out []byte) []byte {
	if len(l.rest) == 0 {
		return out
	}
	return l.line(out, nil)
}

// line appends to out the rest and what follows it, as one line.
func (l *lines) line(out, tail []byte) []byte {
	out = append(out, l.prefix...)
	if l.cut {
		out = append(out, more...)
	}
	text := len(out)
	out = append(append(out, l.rest...), tail...)
	if l.seen != nil {
		l.seen(out[text:])
	}
	l.rest = nil // a service that is silent now holds nothing
	return append(out, '\n')
}
