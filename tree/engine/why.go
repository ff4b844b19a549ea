package engine

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"bole/tree"
)

// Why says in plain words why a service is in its state, from the facts that
// settle reads. It is empty where there is nothing to say.
func (e *Engine) Why(id tree.ID) string { return e.why(id, e.Record(id).State) }

// WhyThen says why a service has entered a state in the last step, also if it has
// left it since.
func (e *Engine) WhyThen(c Changed) string { return e.why(c.Service, c.To) }

func (e *Engine) why(id tree.ID, s State) string {
	r := e.Record(id)
	switch s {
	case Waiting:
		return "waiting for " + e.list(e.Waits(id))
	case Starting:
		return e.whyStarting(id)
	case Ready:
		return e.whyReady(id)
	case Stopping:
		return e.whyStopping(id)
	case Backoff:
		return fmt.Sprintf("%s; next start in %s", e.how(id), Short(r.Due-e.state.Now))
	case Failed:
		return e.whyFailed(id)
	case Done:
		if r.Skip {
			return "skipped: its only-if " + how(&r.Last)
		}
		if e.tree.Services[id].Kind == tree.Longrun {
			return e.how(id) + "; it is not to be restarted"
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
		where := fmt.Sprintf("%s for %s", r.State, Short(e.state.Now-r.Since))
		switch {
		case r.Again:
			where = "to be restarted"
		case r.State == Starting && r.NotYet != "":
			where += ": " + r.NotYet
		}
		out = append(out, fmt.Sprintf("%s (%s)", e.tree.Services[id].Name, where))
	}
	return strings.Join(out, ", ")
}

func (e *Engine) whyReady(id tree.ID) string {
	r := e.Record(id)
	var out []string
	if waits := e.Waits(id); len(waits) > 0 {
		out = append(out, "stops after "+e.list(waits))
	}
	if r.Sick != "" {
		out = append(out, "unhealthy: "+r.Sick)
	}
	if r.Says != "" {
		out = append(out, "it says: "+r.Says)
	}
	return strings.Join(out, "; ")
}

func (e *Engine) whyStarting(id tree.ID) string {
	s, r := &e.tree.Services[id], e.Record(id)
	switch {
	case r.Phase == Spawning:
		return "its process is being made"
	case r.Role != RoleMain:
		return fmt.Sprintf("its %s is running for %s", r.Role, Short(e.state.Now-r.Began))
	case s.Kind == tree.Oneshot:
		return "running for " + Short(e.state.Now-r.Began)
	case r.Shut:
		return fmt.Sprintf("it has closed fd %d without a newline", s.ReadyFD)
	}
	return e.unready(id)
}

// unready says what the process of a longrun still lacks to be ready.
func (e *Engine) unready(id tree.ID) string {
	s, r := &e.tree.Services[id], e.Record(id)
	switch {
	case r.NotYet != "":
		return r.NotYet
	case r.Says != "":
		return "it says: " + r.Says
	case s.PIDFile != "":
		return fmt.Sprintf("no process is named by %s yet", s.PIDFile)
	case s.Ready != nil && s.Ready.Kind == tree.ProbeDelay:
		return fmt.Sprintf("it is to have run for %s", Short(s.Ready.Delay))
	case s.Asked() != nil:
		return "no answer yet"
	case s.Notifies:
		return "it has not sent READY=1 yet"
	case s.ReadyLine != "":
		return fmt.Sprintf("no line matches %s yet", strconv.Quote(s.ReadyLine))
	}
	return fmt.Sprintf("no newline on fd %d yet", s.ReadyFD)
}

func (e *Engine) whyStopping(id tree.ID) string {
	r, what := e.Record(id), "told to stop"
	switch {
	case r.Hard:
		what = "killed, and not gone yet"
	case (r.Role == RoleDown || r.Role == RoleFinish) && r.Phase != Sweeping:
		what = fmt.Sprintf("its %s is running", r.Role)
	case r.Phase == Sweeping:
		what = "ended; what it left behind is being ended"
	case r.Cause == Unhealthy:
		what = fmt.Sprintf("%s: %s; told to stop", r.Cause, r.Sick)
	case r.Cause != Asked:
		what = r.Cause.String() + "; told to stop"
	}
	if r.Cause == Ended {
		what = e.how(id) + "; " + strings.TrimPrefix(what, "ended; ")
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
		return e.how(id) + "; no restart is allowed"
	case r.Reason == Limit && p.Within > 0:
		return fmt.Sprintf("restarted %s within %s; last: %s", times(p.Limit), Short(p.Within), e.how(id))
	case r.Reason == Limit:
		return fmt.Sprintf("restarted %s in a row; last: %s", times(p.Limit), e.how(id))
	case r.Reason == GiveUp:
		return e.how(id) + ", which means: give up"
	case r.Reason == Finished:
		return e.how(id) + "; its finish says: give up"
	}
	return e.how(id)
}

// whyBlocked names those that have given up, however far up they are.
func (e *Engine) whyBlocked(id tree.ID) string {
	var out []string
	seen := map[tree.ID]bool{id: true}
	for todo := []tree.ID{id}; len(todo) > 0; todo = todo[1:] {
		for _, d := range e.tree.Services[todo[0]].Needs {
			if seen[d.On] || e.gate(d) != blocked {
				continue
			}
			seen[d.On] = true
			if e.Record(d.On).State == Blocked {
				todo = append(todo, d.On)
			} else {
				out = append(out, e.briefly(d.On))
			}
		}
	}
	return strings.Join(out, ", ")
}

// briefly says how a service has come to rest, as one says it of another.
func (e *Engine) briefly(id tree.ID) string {
	name, r := e.tree.Services[id].Name, e.Record(id)
	switch end := &r.Last; {
	case r.State != Failed:
		return fmt.Sprintf("%s is %s", name, r.State)
	case end.Cause == Ended:
		return fmt.Sprintf("%s failed (%s)", name, end.Status)
	default:
		return fmt.Sprintf("%s failed (%s)", name, end.Cause)
	}
}

// How says how the last run of a service ended, as the middle of a sentence; "" if none
// has.
func (e *Engine) How(id tree.ID) string {
	if e.Record(id).Last.Cause == NoCause {
		return ""
	}
	return e.how(id)
}

// how says how the last run of a service ended, as the middle of a sentence.
func (e *Engine) how(id tree.ID) string {
	end, oneshot := &e.Record(id).Last, e.tree.Services[id].Kind == tree.Oneshot
	how := how(end)
	if end.Role == RoleOnlyIf || end.Role == RolePrepare {
		how = fmt.Sprintf("its %s %s", end.Role, how)
		oneshot = true // it was not to become ready
	}
	switch {
	case end.Cause == NotSpawned && end.Role != RoleMain:
		return fmt.Sprintf("its %s: %s", end.Role, end.Text)
	case end.Cause == NotSpawned:
		return end.Text
	case end.Cause == TimedOut && oneshot:
		return "not done in time (" + how + ")"
	case (end.Cause == TimedOut || end.Cause == Unhealthy) && end.Text != "":
		return fmt.Sprintf("%s: %s (%s)", end.Cause, end.Text, how)
	case end.Cause == TimedOut, end.Cause == ClosedUnready:
		return fmt.Sprintf("%s (%s)", end.Cause, how)
	case end.Cause == Silent, end.Cause == Triggered:
		return fmt.Sprintf("%s (%s)%s", end.Cause, how, said(end))
	}
	how += " after " + Short(end.Ran)
	if end.Cause == Ended && !end.Ready && !oneshot {
		how += ", before it was ready"
	}
	return how + said(end)
}

// said are a process's own words before it failed.
func said(end *End) string {
	if end.Text == "" {
		return ""
	}
	return "; it said: " + end.Text
}

// how says how a process ended.
func how(end *End) string {
	if end.Status.Signal != 0 {
		return "ended by " + end.Status.String()
	}
	return fmt.Sprintf("exited with code %d", end.Status.Code)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func (c Cause) String() string {
	return [...]string{"", "asked to stop", "ended by itself", "not started", "not ready in time", "closed its notification fd without a newline", "failed its health check", "gave its watchdog no sign of life in time", "what it needs has gone meanwhile", "asked its watchdog to end it"}[c]
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
