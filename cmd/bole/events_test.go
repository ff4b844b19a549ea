package main

import (
	"strings"
	"testing"
	"time"

	"bole/tree/control"
)

func TestEventLines(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.Local)
	events := []control.Event{
		{Number: 7, At: at, Kind: control.EventState, Service: "ready", From: "starting", To: "ready"},
		{Number: 8, At: at, Kind: control.EventState, Service: "app", From: "ready", To: "failed", Why: "exited with code 1 → failed"},
		{Number: 12345, At: at, Kind: control.EventHealth, Service: "db", To: "unhealthy", Why: "HTTP 503\x1b[2J"},
		{Number: 12346, At: at, Kind: control.EventCommand, Text: "stop db, asked for by uid 0, pid 7"},
		{Number: 12350, At: at, Kind: control.EventLost},
	}
	for _, test := range []struct {
		on   screen
		want string
	}{{screen{}, `2026-01-02 03:04:05.678     7  ready: starting → ready
2026-01-02 03:04:05.678     8  app: ready → failed: exited with code 1 → failed
2026-01-02 03:04:05.678 12345  db: unhealthy: HTTP 503·[2J
2026-01-02 03:04:05.678 12346  stop db, asked for by uid 0, pid 7
2026-01-02 03:04:05.678 12350  earlier events are not kept any more
`}, {screen{80, true}, `2026-01-02 03:04:05.678     7  ready: starting → ^[32mready^[0m
2026-01-02 03:04:05.678     8  app: ready → ^[31mfailed^[0m: exited with code 1 → failed
2026-01-02 03:04:05.678 12345  db: ^[31munhealthy^[0m: HTTP 503·[2J
2026-01-02 03:04:05.678 12346  stop db, asked for by uid 0, pid 7
2026-01-02 03:04:05.678 12350  earlier events are not kept any more
`}} {
		var b strings.Builder
		for i := range events {
			eventLine(&b, test.on)(&events[i])
		}
		want(t, "lines", strings.ReplaceAll(b.String(), "\x1b", "^"), test.want)
	}
}
