package process

import (
	"strconv"
	"strings"
	"testing"
)

// An orphan is taken for the process of the run whose service's name it has. One that has
// none, nor a session that is known, is taken if the caller knows whose it is; another
// service's never is.
func TestAdopt(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	_, named := w.leaves("app", "daemon", "end")
	w.end("app")
	_, ghosts := w.leaves("ghost", "ghost", "end")
	w.end("ghost")
	_, others := w.leaves("other", "daemon", "end")
	w.end("other")
	for i, test := range []struct {
		run      string
		pid      int
		nameless bool
		want     string
	}{
		{"app", others[0], true, "process PID is not one of app"},
		{"app", ghosts[0], false, "process PID is not one of app"},
		{"app", named[0], false, ""},
		{"ghost", named[0], true, "process PID is another service's"},
		{"ghost", ghosts[0], true, ""},
	} {
		got := ""
		w.until("the one between has ended", func() bool { return isChild(test.pid) })
		if err := w.Adopt(test.run, test.pid, test.nameless); err != nil {
			got = err.Error()
		}
		if want := strings.Replace(test.want, "PID", strconv.Itoa(test.pid), 1); got != want {
			t.Errorf("%d: %q, want %q", i, got, want)
		}
	}
}
