package main

import (
	"fmt"
	"strings"

	"bole/tree/procattr"
)

// attributes are those that were set, a line each, by the names of their keys.
func attributes(a *procattr.Attr) (out []string) {
	say := func(is bool, key string, value func() string) {
		if is {
			out = append(out, key+" = "+value())
		}
	}
	number := func(n *int, form string) func() string { return func() string { return fmt.Sprintf(form, *n) } }
	word := func(v any) func() string { return func() string { return fmt.Sprint(v) } }
	say(a.Chroot != "", "chroot", word(a.Chroot))
	for _, l := range a.Limits {
		say(true, "limits."+l.Name, word(l))
	}
	say(a.Umask != nil, "umask", number(a.Umask, "%03o"))
	say(a.Nice != nil, "nice", number(a.Nice, "%d"))
	say(a.OOMScoreAdj != nil, "oom-score-adj", number(a.OOMScoreAdj, "%d"))
	say(a.Bounding != nil, "capabilities", word(a.Bounding))
	say(a.Ambient != 0, "ambient-capabilities", word(a.Ambient))
	say(a.CPUs != nil, "cpu-affinity", word(strings.Join(strings.Fields(strings.Trim(fmt.Sprint(a.CPUs), "[]")), ",")))
	say(a.NoNewPrivileges, "no-new-privileges", word(true))
	say(a.Terminal != "", "tty", word(a.Terminal))
	return out
}
