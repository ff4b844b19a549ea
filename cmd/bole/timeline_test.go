package main

import (
	"encoding/xml"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"bole/tree/control"
)

// boot is one in which something is slow, something fails, and something has not settled.
func boot() *control.Timeline {
	t := &control.Timeline{Spans: []control.Span{
		{Service: "db", State: "ready", Began: ref(0.001), Settled: ref(0.305)},
		{Service: "cache", State: "ready", Began: ref(0.001), Settled: ref(0.0014)},
		{Service: "bad", State: "failed", Began: ref(0.002), Settled: ref(0.25)},
		{Service: "proxy", State: "blocked", Settled: ref(0.25), Needs: []string{"bad"}},
		{Service: "migrate", State: "done", Began: ref(0.305), Settled: ref(0.5), Needs: []string{"db"}},
		{Service: "app", State: "ready", Began: ref(0.5), Settled: ref(1.104), Needs: []string{"cache", "migrate"}},
		{Service: "a<b & \"c\"", State: "starting", Began: ref(0.9), Needs: []string{"cache"}},
		{Service: "last", State: "waiting", Needs: []string{"app"}},
	}}
	t.Critical = control.CriticalPath(t.Spans)
	return t
}

func TestTimelineText(t *testing.T) {
	c := newChart(boot(), 1250*time.Millisecond)
	want(t, "in a pipe", c.text(screen{}), `critical path db → migrate → app 1.1s
  SERVICE    STATE      BEGAN   TOOK   0s             500ms           1s
* db         ready        1ms   304ms  █████████
  cache      ready        1ms   400µs  ▒
  bad        failed       2ms   248ms  ▒▒▒▒▒▒▒
  proxy      blocked        -       -
* migrate    done       305ms   195ms           ██████
* app        ready      500ms   604ms                 ███████████████████
  a<b & "c"  starting   900ms  350ms…                              ▒▒▒▒▒▒▒▒▒▒▒
  last       waiting        -       -
`)
	painted := strings.Split(strings.ReplaceAll(c.text(screen{60, true}), "\x1b", "^"), "\n")
	want(t, "colours", painted[2], "* db         ^[32mready   ^[0m     1ms   304ms  ^[33m████^[0m")
	want(t, "colours", painted[4], "  bad        ^[31mfailed  ^[0m     2ms   248ms  ▒▒▒▒")
	for columns := 60; columns < 220; columns++ {
		for line := range strings.Lines(c.text(screen{width: columns})) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > columns {
				t.Errorf("%d columns: %q has %d", columns, line, n)
			}
		}
	}
	want(t, "nothing", newChart(&control.Timeline{}, time.Second).text(screen{}), "  SERVICE  STATE      BEGAN   TOOK   0s\n")
}

func TestTimelineSVG(t *testing.T) {
	got := newChart(boot(), 1250*time.Millisecond).svg()
	for dec := xml.NewDecoder(strings.NewReader(got)); ; {
		if _, err := dec.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, got)
		}
	}
	const golden = "testdata/boot.svg"
	if *update {
		os.WriteFile(golden, []byte(got), 0o644)
	}
	text, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "image", got, string(text))
}

func TestTick(t *testing.T) {
	for whole, want := range map[time.Duration]time.Duration{
		time.Microsecond: time.Microsecond, 509 * time.Millisecond: 100 * time.Millisecond, time.Second: 100 * time.Millisecond,
		1250 * time.Millisecond: 200 * time.Millisecond, 4 * time.Second: 500 * time.Millisecond, time.Hour: 500 * time.Second,
	} {
		if got := tick(whole, 10); got != want {
			t.Errorf("%s: %s, want %s", whole, got, want)
		}
	}
}
