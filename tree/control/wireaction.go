package control

import (
	"fmt"
	"strings"
	"time"

	"bole/tree/procattr"
)

// An Action is what somebody wants done.
type Action struct {
	Verb       string   `json:"action"`               // start, stop, restart, reload or signal
	Services   []string `json:"services"`             // one at least; a bundle stands for its members
	Dependents bool     `json:"dependents,omitempty"` // of restart: what requires them restarts too
	Signal     string   `json:"signal,omitempty"`     // of signal: such as "HUP"
}

// String is the action as a command line says it.
func (a Action) String() string {
	text := a.Verb + " " + strings.Join(a.Services, " ")
	if a.Dependents {
		text += " --with-dependents"
	}
	if a.Signal != "" {
		text += " " + a.Signal
	}
	return text
}

// An Operation is an action that was taken, and what has become of it.
type Operation struct {
	ID uint64 `json:"id"`
	Action
	By      Peer      `json:"by"`             // who asked for it
	Began   time.Time `json:"began"`          // when
	Event   uint64    `json:"event"`          // the number of the last event before it
	Last    uint64    `json:"last,omitempty"` // and, when it is over, of the last one of it
	Touches []string  `json:"touches"`        // the services that it starts or stops, in the order of the tree
	Also    []string  `json:"also"`           // those of them that nobody has named
	State   string    `json:"state"`          // running, done, failed, or superseded: somebody wanted something else since
	Reasons []string  `json:"reasons"`        // of failed and superseded, one for each service that is not as asked
}

// Over reports whether nothing more will come of it.
func (o *Operation) Over() bool { return o.State != OperationRunning }

// The states of an operation.
const (
	OperationRunning    = "running"
	OperationDone       = "done"
	OperationFailed     = "failed"
	OperationSuperseded = "superseded"
)

// An Event is something that has happened to the tree.
type Event struct {
	Number    uint64    `json:"number"` // counts from 1, without a gap
	At        time.Time `json:"at"`
	Kind      string    `json:"kind"` // state, health, command, or lost: events before this one are not kept any more
	Service   string    `json:"service,omitempty"`
	From      string    `json:"from,omitempty"` // of state: the state before
	To        string    `json:"to,omitempty"`   // and after; of health: healthy or unhealthy
	Why       string    `json:"why,omitempty"`
	Operation uint64    `json:"operation,omitempty"` // of command: its number
	Text      string    `json:"text,omitempty"`      // of command: what, and by whom
}

// The kinds of events.
const (
	EventState   = "state"
	EventHealth  = "health"
	EventCommand = "command"
	EventLost    = "lost"
)

// String is the event without its time, in one line.
func (e *Event) String() string {
	text := ""
	switch e.Kind {
	case EventState:
		text = fmt.Sprintf("%s: %s → %s", e.Service, e.From, e.To)
	case EventHealth:
		text = fmt.Sprintf("%s: %s", e.Service, e.To)
	case EventLost:
		text = "earlier events are not kept any more"
	default:
		text = e.Text
	}
	if e.Why != "" {
		text += ": " + e.Why
	}
	return text
}

// A Line is one that a service has written.
type Line struct {
	Service string    `json:"service"`
	At      time.Time `json:"at"` // when bole read it
	Text    string    `json:"text"`
	Lost    uint64    `json:"lost,omitempty"` // bytes before it that this reader was too slow for
}

// A Step is one of a plan: what happens to a service.
type Step struct {
	Do      string `json:"do"` // start or stop
	Service string `json:"service"`
}

// A Detail is all that there is to say of one service.
type Detail struct {
	Service
	Usage      Usage     `json:"usage"`
	Command    []string  `json:"command"`
	Dependents []string  `json:"dependents"` // that depend on it in whatever way
	Ends       []EndNote `json:"ends"`       // its last ones, the newest first
	Lines      []Line    `json:"lines"`      // its last ones
}

// An EndNote is how one run of a service ended.
type EndNote struct {
	At     time.Time `json:"at"`
	What   string    `json:"what"` // for people, such as "exited with code 1 after 1.2s"
	Exit   *Exit     `json:"exit"`
	Ran    float64   `json:"ran_seconds"`
	MaxRSS int64     `json:"max_rss_bytes"` // 0: not known, for it was less than bole's own
	Core   bool      `json:"core_dumped,omitempty"`
	OOM    bool      `json:"oom_killed,omitempty"` // by the kernel, as far as its counters say
}

// A Postmortem is the scene of the accident.
type Postmortem struct {
	Service    string     `json:"service"`
	State      string     `json:"state"`
	Why        string     `json:"why"`
	End        *EndNote   `json:"end"` // of the last run that failed; null: none has
	Restarts   int        `json:"restarts"`
	Conditions Conditions `json:"conditions"`
	Lines      []string   `json:"lines"`    // the last that it wrote before that end
	Events     []Event    `json:"events"`   // of this service
	Blocks     []string   `json:"blocks"`   // who cannot start because of it
	Requires   []Service  `json:"requires"` // as they are now
}

// Conditions are what a service's process has besides its program.
type Conditions struct {
	Command    []string             `json:"command"`
	Directory  string               `json:"directory"`  // "": not known
	Env        []string             `json:"env"`        // in a postmortem, values that look secret are hidden unless they are asked for
	User       string               `json:"user"`       // as the definition says it; "": bole's own
	Credential *procattr.Credential `json:"credential"` // null: there is no such user
	Attributes *procattr.Attr       `json:"attributes"`
}
