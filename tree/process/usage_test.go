package process

import (
	"os"
	"testing"
	"time"
)

// A run's usage is that of all its processes, also of one that has left its session; what
// they have of the processor grows, and a run that has ended uses nothing.
func TestUsage(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	pid := w.start("app", Command{Argv: []string{"sh", "-c", "sleep 1000 & setsid sleep 1001 & while :; do :; done"}})
	w.start("idle", Command{Argv: []string{"sleep", "1000"}})
	page := uint64(os.Getpagesize())
	w.until("three processes use the processor", func() bool {
		u := w.Usage()["app"]
		return u.Processes == 3 && u.CPU >= 50*time.Millisecond && u.Resident > 30*page
	})
	if u := w.Usage()["idle"]; u.Processes != 1 || u.CPU > 20*time.Millisecond || u.Resident < page {
		t.Errorf("idle: %+v", u)
	}
	if got := w.PID("app"); got != pid {
		t.Errorf("pid %d, not %d", got, pid)
	}
	w.Signal("app", 9, Main)
	w.end("app")
	if u, ok := w.Usage()["app"]; ok || w.PID("app") != 0 || w.PID("nobody") != 0 {
		t.Errorf("after its end: %+v", u)
	}
	if u := SelfUsage(); u.Processes != 1 || u.Resident < page {
		t.Errorf("this process: %+v", u)
	}
}
