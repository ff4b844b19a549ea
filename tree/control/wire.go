package control

import (
	"fmt"
	"strings"
	"time"
)

// A Status is the whole tree at one moment.
type Status struct {
	Tree     Tree                `json:"tree"`
	Services []Service           `json:"services"`          // each after all that it depends on
	Bundles  map[string][]string `json:"bundles,omitempty"` // the members of each
}

// A Tree is what there is to say of all services together.
type Tree struct {
	State   string    `json:"state"` // starting, ready, degraded, stopping or down
	PID     int       `json:"pid"`   // bole's own, in its PID namespace
	Since   time.Time `json:"since"` // when bole was started
	Version string    `json:"version"`
	Event   uint64    `json:"event"` // the number of the last event before this
}

// A Service is where one service stands.
type Service struct {
	Name        string    `json:"name"`
	Kind        string    `json:"kind"` // longrun or oneshot
	Description string    `json:"description,omitempty"`
	State       string    `json:"state"`   // down, waiting, starting, ready, stopping, backoff, failed, done or blocked
	Wanted      bool      `json:"wanted"`  // the operator's word: it should be up
	Ready       bool      `json:"ready"`   // it can be relied on: a longrun is ready, a oneshot done
	Healthy     *bool     `json:"healthy"` // null: nobody asks for its health, or it is not ready
	PID         int       `json:"pid"`     // of its main process; 0: there is none
	Since       time.Time `json:"since"`   // when it came into its state
	Restarts    int       `json:"restarts"`
	Exit        *Exit     `json:"exit"` // how its last process ended; null: none has
	Why         string    `json:"why"`  // why it is in its state, for people; may be empty

	StartSeconds *float64   `json:"start_seconds"` // from the start of its process until it was ready, or done; null: it was not
	ReadySince   *time.Time `json:"ready_since"`   // null: it is not ready
	LogBytes     uint64     `json:"log_bytes"`     // that it has written

	Requires []string `json:"requires,omitempty"`
	Binds    []string `json:"binds,omitempty"`
	Wants    []string `json:"wants,omitempty"`
	After    []string `json:"after,omitempty"`
	Started  []string `json:"until_started,omitempty"` // of those, the ones that only have to be started
}

// An Exit is how a process ended.
type Exit struct {
	Code   *int    `json:"code"`   // null: by a signal, or there was no process
	Signal *string `json:"signal"` // such as "SEGV"; null: by itself
	Status int     `json:"status"` // as a shell gives it: the code, or 128 and the signal's number; 127, 126: no process
}

// Usage is what the processes of a service use.
type Usage struct {
	Processes  int     `json:"processes"`
	Resident   uint64  `json:"resident_bytes"`
	CPUSeconds float64 `json:"cpu_seconds"`
}

// A Health is the answer to a health check: whether traffic may be sent.
type Health struct {
	Healthy bool   `json:"healthy"`
	State   string `json:"state"`  // the tree's
	Reason  string `json:"reason"` // in one line, for people
}

// fewMost is how many services a line names.
const fewMost = 3

// Few puts what is said of services into one line: the first ones, and how many more.
func Few(said []string) string {
	if n := len(said) - fewMost; n > 0 {
		return fmt.Sprintf("%s; and %d more", strings.Join(said[:fewMost], "; "), n)
	}
	return strings.Join(said, "; ")
}

// Health is that of the tree: good when all that is wanted is ready or done, and nothing
// is unhealthy.
func (s *Status) Health() Health {
	h := Health{Healthy: s.Tree.State == "ready", State: s.Tree.State}
	counts, bad := map[string]int{}, []string(nil)
	for i := range s.Services {
		x := &s.Services[i]
		switch {
		case !x.Wanted:
		case x.Good():
			counts[x.State]++
		default:
			bad = append(bad, x.Said())
		}
	}
	switch {
	case len(bad) > 0:
		h.Reason = Few(bad)
	case h.Healthy:
		h.Reason = fmt.Sprintf("%d ready, %d done", counts["ready"], counts["done"])
	case h.State == "down":
		h.Reason = "nothing is wanted"
	}
	return h
}

// String is a health's one line.
func (h Health) String() string {
	if h.Reason == "" {
		return h.State
	}
	return h.State + ": " + h.Reason
}

// Good reports whether there is nothing to say against a service.
func (s *Service) Good() bool {
	return (s.State == "ready" || s.State == "done") && (s.Healthy == nil || *s.Healthy)
}

// Said is a service's state with the reason, in one line.
func (s *Service) Said() string {
	if s.Why == "" {
		return s.Name + " is " + s.State
	}
	return fmt.Sprintf("%s is %s: %s", s.Name, s.State, s.Why)
}
