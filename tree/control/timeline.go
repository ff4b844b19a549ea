package control

import (
	"slices"
	"strings"
	"time"
)

// A Timeline is the boot, until all that was wanted had settled: a span for each service
// that was wanted.
type Timeline struct {
	Since    time.Time `json:"since"`
	Spans    []Span    `json:"spans"` // each after all that it waited for
	Critical Path      `json:"critical_path"`
}

// A Span is what the first start of a service took, counted from bole's own start.
type Span struct {
	Service string   `json:"service"`
	State   string   `json:"state"`   // that it came to
	Began   *float64 `json:"began"`   // seconds until its start began; null: it has not
	Settled *float64 `json:"settled"` // seconds until it was ready, done or failed; null: it is not
	Needs   []string `json:"needs"`   // what it waited for
}

// A Path is the chain of services, each of which waited for the one before it, that made
// the boot last as long as it did.
type Path struct {
	Services []string `json:"services"`
	Seconds  float64  `json:"seconds"` // from the start of the first until the last had settled
}

// CriticalPath goes back from what settled last, over the need that let each begin.
func CriticalPath(spans []Span) Path {
	named, last := make(map[string]*Span, len(spans)), (*Span)(nil)
	for i := range spans {
		s := &spans[i]
		named[s.Service] = s
		if s.Began != nil && s.Settled != nil && (last == nil || *s.Settled >= *last.Settled) {
			last = s
		}
	}
	p := Path{Services: []string{}}
	for s := last; s != nil; s = s.after(named) {
		p.Services = append(p.Services, s.Service)
		p.Seconds = *last.Settled - *s.Began
	}
	slices.Reverse(p.Services)
	return p
}

// after is the need that was the last to come before a service began; nil: it waited for
// none.
func (s *Span) after(named map[string]*Span) (last *Span) {
	latest := 0.0
	for _, name := range s.Needs {
		n := named[name]
		if n == nil || n.Began == nil || *n.Began > *s.Began {
			continue // it was not wanted, or failed before it was started
		}
		came := *n.Began // where that was enough
		if n.Settled != nil && *n.Settled <= *s.Began {
			came = *n.Settled
		}
		if last == nil || came > latest {
			last, latest = n, came
		}
	}
	return last
}

// pathMost is how many services of a path are named at each end.
const pathMost = 4

// String is the path in one line: "db → migrate → app 1.1s".
func (p Path) String() string {
	names := p.Services
	if n := len(names); n > 2*pathMost+1 {
		names = slices.Concat(names[:pathMost], []string{"…"}, names[n-pathMost:])
	}
	return strings.Join(names, " → ") + " " + Short(Seconds(p.Seconds))
}
