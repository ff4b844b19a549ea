package engine

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bole/tree"
)

// TestTable prints what every event does to a service in every state: no cell is
// left to chance. A service that is to stop and waits for its turn has states of
// its own. Only what concerns the service itself, or the whole tree, is shown;
// "·" is nothing.
func TestTable(t *testing.T) {
	got := "# What every event does to a service in every state (TestTable; -update writes it anew).\n" +
		table("longrun", "tree\ndb fd\napp requires=db fd restart=on-failure limit=1\nweb wants=app", longrunStates) +
		table("longrun with steps", "tree\ndb fd\napp only-if prepare finish requires=db fd restart=on-failure limit=1\nweb wants=app", stepStates) +
		table("oneshot", "tree\ndb fd\napp oneshot down requires=db start-timeout=1m\nweb wants=app", oneshotStates)
	const file = "testdata/table.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the table differs (-want +got; -update accepts it):\n%s", diff)
	}
}

// A row is a state and the way there.
type row struct{ state, way string }

var longrunStates = []row{
	{"down", "boot; settle; stop app; settle"},
	{"waiting", "boot"},
	{"blocked", "boot; spawn-failed db 127"},
	{"starting, no process yet", "boot; settle db"},
	{"starting", "boot; settle db; spawned app"},
	{"starting, fd closed", "boot; settle db; spawned app; closed app"},
	{"ready", "boot; settle"},
	{"ready, to stop, not its turn", "boot; settle; stop web; stop app"},
	{"ready, to restart, not its turn", "boot; settle; stop web; restart app"},
	{"stopping, no process yet", "boot; settle db; stop app"},
	{"stopping", "boot; settle; stop app"},
	{"stopping, to start again", "boot; settle; stop app; start app"},
	{"stopping, killed", "boot; settle; stop app; tick"},
	{"stopping, was not ready in time", "boot; settle db; spawned app; tick"},
	{"stopping, strays of a stop", "boot; settle; stop app; exited app 0 strays"},
	{"stopping, strays of a crash", "boot; settle; exited app 1 strays"},
	{"backoff", "boot; settle; exited app 1"},
	{"failed", "boot; settle; exited app 125"},
	{"done", "boot; settle; exited app 0"},
	{"teardown: ready, not its turn", "boot; settle; shutdown"},
	{"teardown: stopping", "boot; settle; shutdown; settle web"},
	{"teardown, last step: stopping", "boot; settle; shutdown; shutdown"},
}

var stepStates = []row{
	{"starting, no only-if yet", "boot; settle db"},
	{"starting, during only-if", "boot; settle db; spawned app"},
	{"starting, no prepare yet", "boot; settle db; spawned app; exited app 0"},
	{"starting, during prepare", "boot; settle db; spawned app; exited app 0; spawned app"},
	{"starting", "boot; settle db; spawned app; exited app 0; spawned app; exited app 0; spawned app"},
	{"done, skipped", "boot; settle db; spawned app; exited app 1"},
	{"stopping, during prepare", "boot; settle db; spawned app; exited app 0; spawned app; stop app"},
	{"stopping, no finish yet", "boot; settle; stop app; exited app 0"},
	{"stopping, during finish of a stop", "boot; settle; stop app; exited app 0; spawned app"},
	{"stopping, during finish of a crash", "boot; settle; exited app 1; spawned app"},
	{"stopping, strays of a finish", "boot; settle; exited app 1; spawned app; exited app 0 strays"},
	{"teardown: during finish", "boot; settle; shutdown; settle web; exited app 0; spawned app"},
}

var oneshotStates = []row{
	{"starting, no process yet", "boot; settle db"},
	{"starting", "boot; settle db; spawned app"},
	{"stopping, during up", "boot; settle db; spawned app; stop app"},
	{"stopping, was not done in time", "boot; settle db; spawned app; tick"},
	{"done", "boot; settle"},
	{"done, with strays", "boot; settle db; spawned app; exited app 0 strays"},
	{"done, to stop, not its turn", "boot; settle; stop web; stop app"},
	{"stopping, no down yet", "boot; settle; stop app"},
	{"stopping, during down", "boot; settle; stop app; spawned app"},
	{"stopping, during down, to start again", "boot; settle; stop app; spawned app; start app"},
	{"stopping, strays of down", "boot; settle; stop app; spawned app; exited app 0 strays"},
	{"failed", "boot; settle db; spawned app; exited app 1"},
	{"teardown: done, not its turn", "boot; settle; shutdown"},
	{"teardown: stopping, during down", "boot; settle; shutdown; settle web; spawned app"},
}

var tableEvents = []string{"start app", "stop app", "restart app", "restart app with dependents", "shutdown", "shutdown & shutdown",
	"spawned app", "spawn-failed app 127", "spawn-failed app 1 retry", "ready app", "closed app", "exited app 0", "exited app 1", "exited app 125",
	"exited app TERM", "exited app 0 strays", "exited app 1 strays", "gone app", "tick"}

func table(kind, definition string, rows []row) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "\n%s %s\n", kind, r.state)
		for _, ev := range tableEvents {
			fmt.Fprintf(&b, "  %-28s %s\n", ev, cell(definition, r.way, ev))
		}
	}
	return b.String()
}

// cell plays the way to a state, and tells what one event does there.
func cell(definition, way, event string) string {
	p := &player{}
	if err := p.begin(strings.Split(definition, "\n")); err != nil {
		return err.Error()
	}
	for verb := range strings.SplitSeq(way, "; ") {
		if err := p.verb(verb); err != nil {
			return verb + ": " + err.Error()
		}
	}
	id, _ := p.tree.Find("app")
	before := *p.m.e.Record(id)
	p.trace.Reset()
	if err := p.verb(event); err != nil {
		return err.Error()
	}
	return cellText(p, id, before)
}

// cellText is what a step has done to one service: its effects, or else what has
// changed in its record.
func cellText(p *player, id tree.ID, before Record) string {
	var out []string
	for _, ef := range p.m.move.effects {
		switch ef := ef.(type) {
		case Changed:
			if ef.Service == id {
				out = append(out, "→ "+ef.To.String())
			}
		case Spawn:
			if ef.Run.Service == id {
				out = append(out, Describe(p.tree, ef))
			}
		case Kill:
			if ef.Run.Service == id {
				out = append(out, Describe(p.tree, ef))
			}
		case Sweep:
			if ef.Run.Service == id {
				out = append(out, Describe(p.tree, ef))
			}
		case Stale:
			out = append(out, "stale")
		default:
			out = append(out, Describe(p.tree, ef))
		}
	}
	after := p.m.e.Record(id)
	switch {
	case len(out) > 0:
	case before.Wanted != after.Wanted:
		out = append(out, fmt.Sprintf("wanted: %v", after.Wanted))
	case before.Again != after.Again:
		out = append(out, fmt.Sprintf("again: %v", after.Again))
	case before.Cause != after.Cause:
		out = append(out, "cause: "+after.Cause.String())
	case before.Hard != after.Hard:
		out = append(out, "to be killed")
	case before.Due != after.Due:
		out = append(out, "due in "+(after.Due-p.m.e.Snapshot().Now).Round(time.Millisecond).String())
	case before.Phase != after.Phase:
		out = append(out, "runs")
	default:
		out = append(out, "·")
	}
	return strings.Join(out, "; ")
}
