package tree

import "time"

// healthEvery and healthFailures are how often a service is asked for its health, and
// how often in a row the answer may be bad, unless the definition says it.
const (
	healthEvery    = 10 * time.Second
	healthFailures = 3
	failuresMost   = 1000
)

// actions are what may follow when it counts as unhealthy.
var actions = []string{"restart", "mark"}

const healthExample = `a table such as { http = "http://127.0.0.1:8080/health" }`

// setHealth takes exactly one form.
func setHealth(d *definition, v value) {
	if !v.table(healthExample, keyNames(healthParts)...) {
		return
	}
	f := v.form(healthForms)
	if f == nil {
		return
	}
	v.refuse(f)
	h := &Health{Probe: Probe{Interval: healthEvery, Timeout: probeTimeout}, Failures: healthFailures}
	ok := v.probe(&h.Probe, f)
	if failures, said := v.field("failures"); said {
		n, good := failures.number(1, failuresMost)
		h.Failures, ok = int(n), ok && good
	}
	if v.action(d) && ok {
		d.Health = h
	}
}

// action is what follows when it counts as unhealthy.
func (v value) action(d *definition) bool {
	action, said := v.field("action")
	if !said {
		d.healthAction = ""
		return true
	}
	i, ok := action.choice(actions)
	if ok {
		d.healthAction = actions[i]
	}
	return ok
}

// checkHealth: an unhealthy service is restarted, unless it is never to be.
func (d *definition) checkHealth() {
	if d.Health == nil {
		return
	}
	never := d.Restart.Policy == Never
	if never && d.healthAction == "restart" {
		action, _ := newValue(d, d.keys.get("health")).field("action")
		action.fail(`write action = "mark", or restart = "on-failure"`, "with restart = \"never\" it is not to be restarted")
	}
	d.Health.Restart = !never && d.healthAction != "mark"
}

// setWatchdog takes no time in which nobody could give a sign of life.
func setWatchdog(d *definition, v value) {
	t, ok := v.duration()
	switch {
	case ok && t > 0 && t < time.Millisecond:
		v.fail("", "a watchdog of less than a millisecond would end it at once")
	case ok:
		d.Watchdog = t
	}
}

func (h *Health) argv() []string {
	if h == nil {
		return nil
	}
	return h.Command
}
