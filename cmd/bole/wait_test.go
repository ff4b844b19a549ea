package main

import (
	"fmt"
	"strings"
	"testing"

	"bole/tree/control"
)

// Each goal with a service in each state: + it is met, - it will not be, . not yet.
func TestGoals(t *testing.T) {
	var text strings.Builder
	for _, wanted := range []bool{true, false} {
		for _, kind := range []string{"longrun", "oneshot"} {
			for _, state := range states {
				x := control.Service{Name: "x", State: state, Wanted: wanted, Ready: state == "ready" || state == "done" && kind == "oneshot"}
				fmt.Fprintf(&text, "%-5v %s %-8s", wanted, kind, state)
				for _, g := range goals {
					mark := "."
					if o := g.judge("ready", []control.Service{x}); o.Met {
						mark = "+"
					} else if o.over {
						mark = "-"
					}
					fmt.Fprintf(&text, " %s%s", g.name, mark)
				}
				text.WriteString("\n")
			}
		}
	}
	want(t, "goals", text.String(), `true  longrun ready    ready+ healthy+ settled+ down.
true  longrun done     ready- healthy- settled+ down+
true  longrun starting ready. healthy. settled. down.
true  longrun waiting  ready. healthy. settled. down.
true  longrun stopping ready. healthy. settled. down.
true  longrun backoff  ready. healthy. settled. down.
true  longrun failed   ready- healthy- settled+ down+
true  longrun blocked  ready- healthy- settled+ down+
true  longrun down     ready. healthy. settled. down+
true  oneshot ready    ready+ healthy+ settled+ down.
true  oneshot done     ready+ healthy+ settled+ down.
true  oneshot starting ready. healthy. settled. down.
true  oneshot waiting  ready. healthy. settled. down.
true  oneshot stopping ready. healthy. settled. down.
true  oneshot backoff  ready. healthy. settled. down.
true  oneshot failed   ready- healthy- settled+ down+
true  oneshot blocked  ready- healthy- settled+ down+
true  oneshot down     ready. healthy. settled. down+
false longrun ready    ready+ healthy+ settled+ down.
false longrun done     ready- healthy- settled+ down+
false longrun starting ready. healthy. settled. down.
false longrun waiting  ready. healthy. settled. down.
false longrun stopping ready. healthy. settled. down.
false longrun backoff  ready. healthy. settled. down.
false longrun failed   ready- healthy- settled+ down+
false longrun blocked  ready- healthy- settled+ down+
false longrun down     ready- healthy- settled+ down+
false oneshot ready    ready+ healthy+ settled+ down.
false oneshot done     ready+ healthy+ settled+ down.
false oneshot starting ready. healthy. settled. down.
false oneshot waiting  ready. healthy. settled. down.
false oneshot stopping ready. healthy. settled. down.
false oneshot backoff  ready. healthy. settled. down.
false oneshot failed   ready- healthy- settled+ down+
false oneshot blocked  ready- healthy- settled+ down+
false oneshot down     ready- healthy- settled+ down+
`)
}

func TestJudge(t *testing.T) {
	s := shop()
	g, _ := goalOf("ready")
	want(t, "lost", g.judge("degraded", s.Services).Reason, "web-server-with-a-long-name@12 is blocked: app is failed; cron is down, and not wanted: bole start cron")
	want(t, "open", g.judge("degraded", s.Services[:3]).Reason, "app is backoff: exited with code 1 after 1.2s; next start in 800ms")
	o := g.judge("stopping", s.Services[:3])
	want(t, "torn down", fmt.Sprint(o.over, " ", o.Reason), "true the tree is being torn down: app is backoff: exited with code 1 after 1.2s; next start in 800ms")
	g, _ = goalOf("healthy")
	want(t, "unhealthy", g.judge("degraded", s.Services[:1]).Reason, "db is ready: unhealthy: tcp 127.0.0.1:5432: connection refused")
	g, _ = goalOf("down")
	many := append(s.Services[:2:2], s.Services[0], s.Services[0])
	if counted := g.count(s.Services); len(counted) != len(s.Services) {
		t.Errorf("down counts only %d", len(counted))
	}
	want(t, "many", g.judge("ready", many).Reason[len(g.judge("ready", many).Reason)-12:], "; and 1 more")
}
