package engine

import (
	"testing"
	"time"

	"bole/tree"
)

// TestRestoreOverdue: what was due before the snapshot, and not yet seen by a
// Tick, is not forgotten by the engine that is restored from it.
func TestRestoreOverdue(t *testing.T) {
	app := newLongrun("app")
	app.StopTimeout = time.Second
	tr := tree.Assemble([]tree.Service{app, newLongrun("web")}, nil, tree.Settings{Start: []tree.ID{0, 1}})
	e := New(tr, 1)
	run := Run{Service: 0, Gen: 1}
	for _, ev := range []Event{Boot{}, Spawned{run}, Stop{0}} {
		e.Step(0, ev)
	}
	e.Step(2*time.Second, Spawned{Run{Service: 1, Gen: 1}}) // its driver is late with the Tick
	e = Restore(tr, *e.Snapshot())
	at, ok := e.Deadline()
	if !ok || at > 2*time.Second {
		t.Fatalf("deadline %s, %v; want one that has passed", at, ok)
	}
	if got, want := describe(tr, e.Step(at, Tick{})), "kill app#1 KILL all"; got != want {
		t.Errorf("tick: %q, want %q", got, want)
	}
}

// TestRestoreAnotherTree: a snapshot of another tree is a fault of the caller.
func TestRestoreAnotherTree(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Restore(tree.Assemble([]tree.Service{newLongrun("app")}, nil, tree.Settings{}), Snapshot{})
}

// TestStateText reads back the names that snapshots and the API show.
func TestStateText(t *testing.T) {
	for s := Down; s <= Blocked; s++ {
		text, _ := s.MarshalText()
		var got State
		if err := got.UnmarshalText(text); err != nil || got != s {
			t.Errorf("%s: read back as %s, %v", text, got, err)
		}
	}
	var s State
	if err := s.UnmarshalText([]byte("upp")); err == nil || err.Error() != "no such state: upp" {
		t.Errorf("upp: %v", err)
	}
}
