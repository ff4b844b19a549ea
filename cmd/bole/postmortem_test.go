package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"bole/tree/control"
	"bole/tree/procattr"
)

func ptr[T any](v T) *T { return &v }

// scene is a service that has failed with all that there can be to say.
func scene() *control.Postmortem {
	return &control.Postmortem{
		Service: "app", State: "failed", Why: "exited with code 143 after 1.2s, before it was ready", Restarts: 2,
		End: &control.EndNote{
			At: begin, What: "exited with code 143 after 1.2s, before it was ready", Exit: &control.Exit{Code: ptr(143), Status: 143}, Ran: 1.2345,
			MaxRSS: 300 << 20, Core: true, OOM: true,
		},
		Conditions: control.Conditions{
			Command: []string{"java", "-jar", "it's.jar", "two\nlines"}, Directory: "/srv", Env: []string{"TZ=UTC", "DB_PASSWORD=(hidden)"}, User: "app",
			Credential: &procattr.Credential{UID: 1000, GID: 100, Groups: []uint32{100, 7}},
			Attributes: &procattr.Attr{
				Nice: ptr(5), OOMScoreAdj: ptr(-100), Umask: ptr(0o27), CPUs: []int{0, 2}, Chroot: "/jail", NoNewPrivileges: true, Bounding: ptr(procattr.Capabilities(1)), Ambient: 1 << 10,
				Limits: []procattr.Limit{{Name: "nofile", Soft: 64, Hard: procattr.Unlimited}, {Name: "core", Soft: 0, Hard: 0}}, Terminal: "/dev/tty1",
			},
		},
		Lines: []string{"Exception in thread \"main\" java.net.ConnectException", "\tat Main.main(Main.java:7)"},
		Events: []control.Event{
			changed(0, "app", "waiting", ""), changed(1200, "app", "failed", "exited with code 143"),
		},
		Blocks: []string{"web", "proxy"},
		Requires: []control.Service{
			{Name: "db", State: "ready", Ready: true}, {Name: "cache", State: "backoff", Why: "ended by signal SEGV"},
		},
	}
}

// The whole page, as it stands in testdata.
func TestPostmortemPage(t *testing.T) {
	never := control.Postmortem{
		Service: "web", State: "blocked", Why: "app is failed", Requires: []control.Service{{Name: "app", State: "failed", Why: "exited with code 1"}},
		Conditions: control.Conditions{Command: []string{"web"}, User: "ghost"},
	}
	again := scene()
	again.State, again.Why, again.Events, again.Blocks, again.Requires = "ready", "", nil, nil, nil
	for range eventsShown + 7 {
		again.Events = append(again.Events, changed(0, "app", "ready", ""))
	}
	var out strings.Builder
	for _, p := range []*control.Postmortem{scene(), &never, again} {
		newScenePage(&out, p, begin.Add(90*time.Second)).print()
		out.WriteString("=====\n")
	}
	const path = "testdata/postmortem.txt"
	if *update {
		os.WriteFile(path, []byte(out.String()), 0o644)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	same(t, path, out.String(), string(want))
}

func TestExitWords(t *testing.T) {
	for want, x := range map[string]*control.Exit{
		"none":   nil,
		"code 1": {Code: ptr(1)},
		"code 127 (a shell's: a command is not there)":                   {Code: ptr(127)},
		"code 137 (128 + 9: what a shell or a JVM makes of signal KILL)": {Code: ptr(137)},
		"code 255": {Code: ptr(255)},
		"signal SEGV (an invalid access to memory)": {Signal: ptr("SEGV")},
		"signal HUP": {Signal: ptr("HUP")},
		"there was no process (a shell's code for that is 126)": {Status: 126},
	} {
		same(t, "words", exitWords(x), want)
	}
}

// A shell is the service's, if that lets anybody in; it does not pass for the service.
func TestShell(t *testing.T) {
	for _, test := range []struct{ shell, command, want string }{
		{"", "", "/bin/sh"},
		{"/bin/bash", "", "/bin/bash /bin/sh"},
		{"/usr/sbin/nologin", "", "/bin/sh"},
		{"/bin/bash", "id", "id"},
	} {
		env := []string{"SHELL=/old", "A=1", "SHELL=" + test.shell}
		var got []string
		for _, argv := range commands(strings.Fields(test.command), env) {
			got = append(got, argv...)
		}
		same(t, test.shell, strings.Join(got, " "), test.want)
	}
	env := shellEnv([]string{"A=1", "BOLE_SERVICE=app", "NOTIFY_FD=3", "NOTIFY_SOCKET=@x", "WATCHDOG_USEC=1", "BOLE_ENV=/run/x", "B=2"})
	same(t, "environment", strings.Join(env, " "), "A=1 B=2")
}
