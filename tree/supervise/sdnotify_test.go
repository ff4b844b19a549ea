package supervise

import (
	"net"
	"strings"
	"testing"
	"time"

	"bole/tree/engine"
	"bole/tree/process"
)

// A process may say that it is ready before whoever made it has come to write it down.
func TestNotificationBeforeTheProcessIsKnown(t *testing.T) {
	w := &world{t: t, runs: map[engine.Run]*fake{}}
	w.start = func(c *process.Command) error {
		conn, err := net.Dial("unixgram", strings.TrimPrefix(c.Env[0], "NOTIFY_SOCKET="))
		if err != nil {
			return err
		}
		defer conn.Close()
		conn.Write([]byte("READY=1"))
		w.mu.Unlock()
		defer w.mu.Lock()
		time.Sleep(10 * time.Millisecond) // enough for one who listens too early
		return nil
	}
	said := &transcript{}
	l := newListener(&guard{console: said, mail: newMailbox(), quit: make(chan struct{})}, w, nil)
	app, run, c := longrun("app"), engine.Run{Role: engine.RoleMain, Gen: 1}, &process.Command{Mark: "app"}
	app.Notifies = true
	heard, err := l.expect(run, &app, c)
	if err != nil {
		t.Fatal(err)
	}
	defer l.ended(run)
	_, err = w.Start(run, c)
	heard.begin(err == nil)
	select {
	case <-l.mail.filled:
		want(t, "events", l.mail.take(nil), []engine.Event{engine.BecameReady{Run: run}})
	case <-time.After(10 * time.Second):
		t.Errorf("it is not heard: %s", said.lines)
	}
}
