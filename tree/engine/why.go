package engine

import (
	"fmt"
	"strings"
	"time"

	"bole/tree"
)

// Why says in plain words why a service is in its state, from the facts that
// settle reads. It is empty where there is nothing to say.
func (e *Engine) Why(id tree.ID) string {
	r := e.Record(id)
	switch r.State {
	case Waiting:
		return "waiting for " + e.list(e.Waits(id))
	case Starting:
		return e.whyStarting(id)
	case Ready:
		if waits := e.Waits(id); len(waits) > 0 {
			return "stops after " + e.list(waits)
		}
	case Stopping:
		return e.whyStopping(r)
	case Backoff:
		return fmt.Sprintf("%s; next start in %s", r.Last, Short(r.Due-e.state.Now))
	case Failed:
		return e.whyFailed(id)
	case Done:
		if e.tree.Services[id].Kind == tree.Longrun {
			return r.Last.String() + "; it is not to be restarted"
		}
	case Blocked:
		return e.whyBlocked(id)
	}
	return ""
}

// list names services with where each of them stands.
func (e *Engine) list(ids []tree.ID) string {
	var out []string
	for _, id := range ids {
		r := e.Record(id)
		out = append(out, fmt.Sprintf("%s (%s for %s)", e.tree.Services[id].Name, r.State, Short(e.state.Now-r.Since)))
	}
	return strings.Join(out, ", ")
}

func (e *Engine) whyStarting(id tree.ID) string {
	s, r := &e.tree.Services[id], e.Record(id)
	switch {
	case r.Phase == Spawning:
		return "its process is being made"
	case s.Kind == tree.Oneshot:
		return "running for " + Short(e.state.Now-r.Began)
	case r.Shut:
		return fmt.Sprintf("it has closed fd %d without a newline", s.ReadyFD)
	}
	return fmt.Sprintf("no newline on fd %d yet", s.ReadyFD)
}

func (e *Engine) whyStopping(r *Record) string {
	what := "told to stop"
	switch {
	case r.Hard:
		what = "killed, and not gone yet"
	case r.Role == RoleDown && r.Phase != Sweeping:
		what = "its down is running"
	case r.Phase == Sweeping:
		what = "ended; what it left behind is being ended"
	case r.Cause != Asked:
		what = r.Cause.String() + "; told to stop"
	}
	if r.Due > 0 {
		what += "; SIGKILL in " + Short(r.Due-e.state.Now)
	}
	return what
}

func (e *Engine) whyFailed(id tree.ID) string {
	p, r := &e.tree.Services[id].Restart, e.Record(id)
	switch {
	case r.Reason == Limit && p.Limit == 0:
		return r.Last.String() + "; no restart is allowed"
	case r.Reason == Limit && p.Within > 0:
		return fmt.Sprintf("restarted %d times within %s; last: %s", p.Limit, Short(p.Within), r.Last)
	case r.Reason == Limit:
		return fmt.Sprintf("restarted %d times in a row; last: %s", p.Limit, r.Last)
	case r.Reason == GiveUp:
		return r.Last.String() + ", which means: give up"
	}
	return r.Last.String()
}

func (e *Engine) whyBlocked(id tree.ID) string {
	var out []string
	for _, d := range e.tree.Services[id].Needs {
		if e.gate(d) == blocked {
			out = append(out, fmt.Sprintf("%s is %s", e.tree.Services[d.On].Name, e.Record(d.On).State))
		}
	}
	return strings.Join(out, ", ")
}

// String says how a run ended, as the middle of a sentence about its service.
func (e End) String() string {
	how := "exited with code " + fmt.Sprint(e.Status.Code)
	if e.Status.Signal != 0 {
		how = "ended by " + e.Status.String()
	}
	switch e.Cause {
	case NotSpawned:
		return e.Text
	case TimedOut, Unsaid:
		return fmt.Sprintf("%s (%s)", e.Cause, how)
	}
	how += " after " + Short(e.Ran)
	if e.Cause == Ended && !e.Ready {
		how += ", before it was ready"
	}
	return how
}

func (c Cause) String() string {
	return [...]string{"", "asked to stop", "ended by itself", "not started", "not ready in time", "closed its notification fd without a newline"}[c]
}

// Short is a duration as people read it: two or three digits.
func Short(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
