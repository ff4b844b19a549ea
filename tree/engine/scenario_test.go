package engine

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bole/tree"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestScenarios plays each file of testdata/scenarios: a tree, then blocks of
// events, each with the trace of what they lead to. Every step is held against
// the invariants. A second play writes the engine out and reads it back after
// every step, and must not differ.
//
// Events are written as Describe writes them, several on a line with ; between
// them, several in one step with & between them. There are these verbs besides:
//
//	advance 5s      let time pass, with a tick at every deadline
//	tick            jump to the next deadline
//	settle [NAME…]  the world does all that is asked of it (by those services)
//	status          where the tree and the services stand, and why
func TestScenarios(t *testing.T) {
	files, _ := filepath.Glob("testdata/scenarios/*.txt")
	if len(files) < 60 {
		t.Errorf("only %d scenarios", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { testScenario(t, file) })
	}
}

func testScenario(t *testing.T, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := string(data)
	if !strings.HasPrefix(want, "# ") {
		t.Error("the first line does not say the rule")
	}
	got, err := play(want, false)
	if err != nil {
		t.Fatalf("%v\n%s", err, got)
	}
	if again, err := play(want, true); err != nil || again != got {
		t.Errorf("restored after every step (-) it differs (+): %v\n%s", err, cmp.Diff(got, again))
	}
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if got != want {
		t.Errorf("the trace differs (-want +got; -update accepts it):\n%s", cmp.Diff(want, got))
	}
}

// play runs a scenario and returns it with the traces that it led to, up to the
// first fault.
func play(text string, restore bool) (string, error) {
	p := &player{restore: restore}
	var out []string
	for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		input, _, _ := strings.Cut(block+"\n", "----\n")
		p.trace.Reset()
		err := p.block(strings.Split(strings.TrimRight(input, "\n"), "\n"))
		if p.trace.Len() == 0 {
			p.trace.WriteString("(nothing)\n")
		}
		out = append(out, input+"----\n"+p.trace.String())
		if err != nil {
			return strings.Join(out, "\n"), err
		}
	}
	return strings.Join(out, "\n"), nil
}

// A player is a scenario under way.
type player struct {
	tree    *tree.Tree
	m       *monitor
	now     time.Duration
	trace   strings.Builder
	restore bool // write the engine out and read it back after every step
}

func (p *player) block(lines []string) error {
	for len(lines) > 0 && strings.HasPrefix(lines[0], "#") {
		lines = lines[1:]
	}
	if p.tree == nil {
		return p.begin(lines)
	}
	for _, line := range lines {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for word := range strings.SplitSeq(line, ";") {
			if err := p.verb(strings.TrimSpace(word)); err != nil {
				return fmt.Errorf("%s: %w", strings.TrimSpace(word), err)
			}
		}
	}
	return nil
}

func (p *player) begin(lines []string) (err error) {
	var seed uint64
	if p.tree, seed, err = parseTree(lines); err != nil {
		return err
	}
	p.m = newMonitor(p.tree, seed)
	p.trace.WriteString("order:")
	for i := range p.tree.Services {
		p.trace.WriteString(" " + p.tree.Services[i].Name)
	}
	p.trace.WriteByte('\n')
	return nil
}

func (p *player) verb(text string) error {
	verb, rest, _ := strings.Cut(text, " ")
	switch verb {
	case "advance":
		return p.advance(duration(rest))
	case "tick":
		at, ok := p.m.e.Deadline()
		if !ok {
			return fmt.Errorf("there is no deadline")
		}
		p.now = max(p.now, at)
		return p.step(Tick{})
	case "status":
		p.status()
		return nil
	case "settle":
		return p.settle(strings.Fields(rest))
	}
	var events []Event
	for word := range strings.SplitSeq(text, "&") {
		ev, err := parseEvent(p.m.e, strings.TrimSpace(word))
		if err != nil {
			return err
		}
		events = append(events, ev)
	}
	return p.step(events...)
}

func (p *player) advance(by time.Duration) error {
	end := p.now + by
	for range 10000 {
		at, ok := p.m.e.Deadline()
		if !ok || at > end {
			p.now = end
			return nil
		}
		p.now = max(p.now, at)
		if err := p.step(Tick{}); err != nil {
			return err
		}
	}
	return fmt.Errorf("the deadlines never end")
}

func (p *player) settle(names []string) error {
	var only []tree.ID
	for _, name := range names {
		only = append(only, find(p.m.e, name))
	}
	for range 10000 {
		ev, ok := p.m.world.answer(p.tree, only...)
		if !ok {
			return nil
		}
		if err := p.step(ev); err != nil {
			return err
		}
	}
	return fmt.Errorf("it never settles")
}

func (p *player) step(events ...Event) error {
	effects, broken := p.m.step(p.now, events...)
	p.print(effects)
	if broken != nil {
		return broken
	}
	if p.restore {
		return p.reload()
	}
	return nil
}

// reload has the engine written out and read back.
func (p *player) reload() error {
	data, err := json.Marshal(p.m.e.Snapshot())
	if err != nil {
		return err
	}
	var s Snapshot
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	if diff := cmp.Diff(*p.m.e.Snapshot(), s); diff != "" {
		return fmt.Errorf("the snapshot is not read back as it was:\n%s", diff)
	}
	p.m.e = Restore(p.tree, s)
	return nil
}

// print writes the effects of one step: changes with their time, everything
// else indented below them.
func (p *player) print(effects []Effect) {
	for i, ef := range effects {
		at := ""
		if _, changed := ef.(Changed); changed || i == 0 {
			at = "+" + p.now.Round(time.Millisecond).String()
		}
		text := Describe(p.tree, ef)
		if c, ok := ef.(Changed); ok {
			text = fmt.Sprintf("%-7s %s → %s", p.tree.Services[c.Service].Name, c.From, c.To)
		} else if i > 0 {
			text = "  " + text
		}
		fmt.Fprintf(&p.trace, "%-7s %s\n", at, text)
	}
}

func (p *player) status() {
	e := p.m.e
	fmt.Fprintf(&p.trace, "tree is %s\n", e.Tree())
	for i := range p.tree.Services {
		id := tree.ID(i)
		line := fmt.Sprintf("  %-7s %-8s %s", p.tree.Services[i].Name, e.Record(id).State, e.Why(id))
		p.trace.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// scenario writes a walk through a tree as a scenario file.
func scenario(rule string, t *tree.Tree, walk []Event) string {
	lines := []string{"# " + rule, formatTree(t)}
	for _, ev := range walk {
		lines = append(lines, Describe(t, ev))
	}
	text := strings.Join(lines, "\n") + "\n"
	got, _ := play(text, false)
	return got
}

// TestNotation reads back every tree and event that it writes.
func TestNotation(t *testing.T) {
	text := "tree\ndb fd health=mark watchdog=30s stop=2s kill=group\nmigrate oneshot down requires=db\napp requires=db:started binds=migrate restart=on-failure delay=0s limit=5/1m0s\n"
	tr, _, err := parseTree(strings.Split(strings.TrimSpace(text), "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := formatTree(tr); got != text {
		t.Errorf("tree (-want +got):\n%s", cmp.Diff(text, got))
	}
	run := Run{Service: 1, Role: RoleDown, Gen: 2}
	events := []Event{Boot{}, Start{1}, Stop{2}, Restart{0, false}, Restart{0, true}, Shutdown{}, Spawned{run}, BecameReady{run}, NotifyClosed{run}, NotYet{run, "tcp :1: refused"},
		Says{run, "loading", false}, Says{run, "", true}, Extend{run, time.Second}, Alive{run, 0}, Alive{run, time.Minute}, Hung{run}, Failing{run, "HTTP 503"}, Healthy{run}, StraysGone{run},
		SpawnFailed{run, "no such program", 127, false}, SpawnFailed{run, "", 1, true}, Exited{run, tree.Status{Code: 3}, true}, Exited{run, tree.Status{Signal: 9}, false}}
	for _, ev := range events {
		if got, err := parseEvent(New(tr, 1), Describe(tr, ev)); err != nil || got != ev {
			t.Errorf("%s: read back as %#v, %v", Describe(tr, ev), got, err)
		}
	}
	if !slices.Equal(codes("0,TERM"), tree.Codes{{}, {Signal: 15}}) {
		t.Error("codes")
	}
}
