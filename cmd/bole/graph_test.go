package main

import (
	"strings"
	"testing"
)

// The tree that runs, in each form.
func TestGraphRunning(t *testing.T) {
	s := shop()
	s.Services[1].Kind, s.Services[1].Requires = "oneshot", []string{"db"}
	s.Services[3].Name, s.Services[3].Wants, s.Services[3].Started = "web", []string{"app"}, []string{"app"}
	d := drawingOfRunning(s)
	for _, test := range []struct {
		flags graphFlags
		want  string
	}{{graphFlags{}, `web (blocked)
└─ wants until started app (backoff)
   └─ requires migrate (done)
      └─ requires db (ready, unhealthy)
cron (down)
`}, {graphFlags{dot: true}, `digraph "bole" {
	"db" [label="db\nready, unhealthy", style=filled, fillcolor="#ffc9c9"];
	"migrate" [shape=box, label="migrate\ndone", style=filled, fillcolor="#d3f9d8"];
	"app" [label="app\nbackoff", style=filled, fillcolor="#fff3bf"];
	"web" [label="web\nblocked", style=filled, fillcolor="#ffc9c9"];
	"cron" [label="cron\ndown", style=filled, fillcolor="#e9ecef"];
	"migrate" -> "db";
	"app" -> "migrate";
	"web" -> "app" [style=dashed, label="wants until started"];
}
`}, {graphFlags{mermaid: true}, `flowchart LR
  s0("db<br>ready, unhealthy"):::ill
  s1["migrate<br>done"]:::well
  s2("app<br>backoff"):::underway
  s3("web<br>blocked"):::ill
  s4("cron<br>down"):::down
  s1 -->|requires| s0
  s2 -->|requires| s1
  s3 -.->|wants until started| s2
  classDef down fill:#e9ecef,color:#212529
  classDef ill fill:#ffc9c9,color:#212529
  classDef underway fill:#fff3bf,color:#212529
  classDef well fill:#d3f9d8,color:#212529
`}} {
		var b strings.Builder
		if err := d.print(&b, test.flags); err != nil {
			t.Error(err)
		}
		want(t, "graph", b.String(), test.want)
	}
	var b strings.Builder
	d.print(&b, graphFlags{json: true})
	if text := strings.Join(strings.Fields(b.String()), ""); !strings.Contains(text, `{"name":"db","kind":"longrun","state":"ready","healthy":false,"needs":[]},{"name":"migrate","kind":"oneshot","state":"done","needs":[{"service":"db","kind":"requires","until":"ready"}]}`) ||
		!strings.Contains(text, `"needs":[{"service":"app","kind":"wants","until":"started"}]`) {
		t.Error(text)
	}
}
