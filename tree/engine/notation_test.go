package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"bole/tree"
)

// The notation of trees and events that scenarios are written in, and in which
// the search prints what it has found.

// newLongrun has the values of a longrun whose definition says nothing.
func newLongrun(name string) tree.Service {
	return tree.Service{
		Name: name, Kind: tree.Longrun, Enabled: true, StartTimeout: time.Minute,
		Restart:    tree.Restart{Policy: tree.Always, Delay: 200 * time.Millisecond, MaxDelay: 30 * time.Second, Reset: 10 * time.Second, Limit: -1},
		OnSuccess:  tree.Codes{{}, {Signal: 1}, {Signal: 2}, {Signal: 15}, {Signal: 13}},
		GiveUp:     tree.Codes{{Code: 125}},
		StopSignal: int(unix.SIGTERM), StopTimeout: 5 * time.Second,
	}
}

// newOneshot has the values of a oneshot whose definition says nothing.
func newOneshot(name string) tree.Service {
	s := newLongrun(name)
	s.Kind, s.StartTimeout, s.Restart.Policy = tree.Oneshot, 0, tree.Never
	s.OnSuccess = tree.Codes{{}}
	return s
}

// parseTree reads a tree block: a line "tree key=value…", then one line a
// service, those that others depend on first.
func parseTree(lines []string) (*tree.Tree, uint64, error) {
	settings := tree.Settings{ShutdownTimeout: 9 * time.Second}
	var services []tree.Service
	ids := map[string]tree.ID{}
	for _, line := range lines[1:] {
		s, err := parseService(strings.Fields(line), ids)
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %w", line, err)
		}
		ids[s.Name] = tree.ID(len(services))
		services = append(services, s)
		if s.Enabled {
			settings.Start = append(settings.Start, ids[s.Name])
		}
	}
	seed := uint64(1)
	for _, word := range strings.Fields(lines[0])[1:] {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "shutdown-timeout":
			settings.ShutdownTimeout = duration(value)
		case "on-failure":
			settings.OnFailure = consequence(value)
		case "start":
			settings.Start = dependencies(value, ids)
		case "seed":
			seed, _ = strconv.ParseUint(value, 10, 64)
		default:
			return nil, 0, fmt.Errorf("%s: unknown key %q", lines[0], key)
		}
	}
	return tree.Assemble(services, nil, settings), seed, nil
}

func dependencies(list string, ids map[string]tree.ID) (out []tree.ID) {
	for _, name := range strings.Split(list, ",") {
		id, ok := ids[name]
		if !ok {
			panic("no service " + name + " before this")
		}
		out = append(out, id)
	}
	return out
}

func parseService(words []string, ids map[string]tree.ID) (s tree.Service, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	s = newLongrun(words[0])
	if slices.Contains(words, "oneshot") {
		s = newOneshot(words[0])
	}
	for _, word := range words[1:] {
		key, value, _ := strings.Cut(word, "=")
		setKey(&s, key, value, ids)
	}
	slices.SortFunc(s.Needs, func(a, b tree.Dep) int { return int(a.On - b.On) })
	return s, nil
}

var depKeys = map[string]tree.DepKind{"after": tree.After, "wants": tree.Wants, "requires": tree.Requires, "binds": tree.Binds}

func setKey(s *tree.Service, key, value string, ids map[string]tree.ID) {
	if kind, ok := depKeys[key]; ok {
		for _, name := range strings.Split(value, ",") {
			name, started := strings.CutSuffix(name, ":started")
			until := tree.UntilReady
			if started {
				until = tree.UntilStarted
			}
			s.Needs = append(s.Needs, tree.Dep{On: dependencies(name, ids)[0], Kind: kind, Until: until})
		}
		return
	}
	switch key {
	case "oneshot":
	case "fd":
		s.ReadyFD = 3
	case "health":
		s.Health = &tree.Health{Restart: value != "mark"}
	case "watchdog":
		s.Watchdog = duration(value)
	case "down":
		s.Down = []string{"down"}
	case "only-if":
		s.OnlyIf = []string{"only-if"}
	case "prepare":
		s.Prepare = []string{"prepare"}
	case "finish":
		s.Finish, s.FinishTimeout = []string{"finish"}, 5*time.Second
	case "finish-timeout":
		s.FinishTimeout = duration(value)
	case "disabled":
		s.Enabled = false
	case "essential":
		s.Essential = true
	case "foreground":
		s.Essential, s.Foreground, s.Restart.Policy, s.GiveUp, s.OnSuccess = true, true, tree.Never, nil, tree.Codes{{}}
	case "start-timeout":
		s.StartTimeout = duration(value)
	case "restart":
		s.Restart.Policy = map[string]tree.Policy{"always": tree.Always, "on-failure": tree.OnFailure, "never": tree.Never}[value]
	case "delay":
		s.Restart.Delay = duration(value)
	case "max-delay":
		s.Restart.MaxDelay = duration(value)
	case "reset":
		s.Restart.Reset = duration(value)
	case "limit":
		count, within, _ := strings.Cut(value, "/")
		s.Restart.Limit, _ = strconv.Atoi(count)
		s.Restart.Within = duration(within)
	case "success":
		s.OnSuccess = codes(value)
	case "giveup":
		s.GiveUp = codes(value)
	case "signal":
		s.StopSignal = int(status(value).Signal)
	case "stop":
		s.StopTimeout = duration(value)
	case "kill":
		s.Kill = map[string]tree.KillMode{"mixed": tree.KillMixed, "group": tree.KillGroup, "process": tree.KillProcess}[value]
	case "on-failure":
		s.OnFailure = consequence(value)
	default:
		panic("unknown key " + key)
	}
}

func duration(s string) time.Duration {
	if s == "" {
		return 0
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		panic(err)
	}
	return d
}

func consequence(s string) tree.Consequence {
	return map[string]tree.Consequence{"keep": tree.Keep, "shutdown": tree.Shutdown}[s]
}

func codes(list string) (out tree.Codes) {
	for _, word := range strings.Split(list, ",") {
		out = append(out, status(word))
	}
	return out
}

// status reads a code or a signal's name.
func status(word string) tree.Status {
	if n, err := strconv.Atoi(word); err == nil {
		return tree.Status{Code: uint8(n)}
	}
	sig := unix.SignalNum("SIG" + word)
	if sig == 0 {
		panic("no signal " + word)
	}
	return tree.Status{Signal: uint8(sig)}
}

// formatTree writes a tree block. Of the keys it writes those that trees of
// tests are made with.
func formatTree(t *tree.Tree) string {
	var b strings.Builder
	b.WriteString("tree")
	if t.ShutdownTimeout != 9*time.Second {
		fmt.Fprintf(&b, " shutdown-timeout=%s", t.ShutdownTimeout)
	}
	b.WriteByte('\n')
	for i := range t.Services {
		b.WriteString(formatService(t, &t.Services[i]) + "\n")
	}
	return b.String()
}

func formatService(t *tree.Tree, s *tree.Service) string {
	words, usual := []string{s.Name}, newLongrun("")
	if s.Kind == tree.Oneshot {
		words, usual = append(words, "oneshot"), newOneshot("")
	}
	add := func(differs bool, format string, args ...any) {
		if differs {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	add(s.Down != nil, "down")
	add(s.OnlyIf != nil, "only-if")
	add(s.Prepare != nil, "prepare")
	add(s.Finish != nil, "finish finish-timeout=%s", s.FinishTimeout)
	add(s.ReadyFD != 0, "fd")
	add(s.Health != nil && s.Health.Restart, "health")
	add(s.Health != nil && !s.Health.Restart, "health=mark")
	add(s.Watchdog != 0, "watchdog=%s", s.Watchdog)
	for _, d := range s.Needs {
		until := map[tree.Until]string{tree.UntilStarted: ":started"}[d.Until]
		add(true, "%s=%s%s", [...]string{"after", "wants", "requires", "binds"}[d.Kind], t.Services[d.On].Name, until)
	}
	add(!s.Enabled, "disabled")
	add(s.Essential, "essential")
	add(s.StartTimeout != usual.StartTimeout, "start-timeout=%s", s.StartTimeout)
	add(s.StopTimeout != usual.StopTimeout, "stop=%s", s.StopTimeout)
	add(s.Kill != usual.Kill, "kill=%s", [...]string{"mixed", "group", "process"}[s.Kill])
	add(s.OnFailure != tree.AsTree, "on-failure=%s", [...]string{"", "keep", "shutdown"}[s.OnFailure])
	r, u := s.Restart, usual.Restart
	add(r.Policy != u.Policy, "restart=%s", [...]string{"always", "on-failure", "never"}[r.Policy])
	add(r.Delay != u.Delay, "delay=%s", r.Delay)
	add(r.Reset != u.Reset, "reset=%s", r.Reset)
	add(r.Limit >= 0 && r.Within == 0, "limit=%d", r.Limit)
	add(r.Limit >= 0 && r.Within > 0, "limit=%d/%s", r.Limit, r.Within)
	return strings.Join(words, " ")
}

// parseEvent reads an event as Describe writes it. A run without #N is the
// current one; a status may be just a code or a signal's name.
func parseEvent(e *Engine, text string) (ev Event, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: %v", text, p)
		}
	}()
	text, reason, _ := strings.Cut(text, ": ")
	words := strings.Fields(strings.NewReplacer(",", "", "exit code ", "", "signal ", "").Replace(text))
	verb, rest := words[0], words[1:]
	switch verb {
	case "boot":
		return Boot{}, nil
	case "shutdown":
		if len(rest) > 0 {
			return Shutdown{Signal: int(status(rest[0]).Signal)}, nil
		}
		return Shutdown{}, nil
	case "start":
		return Start{find(e, rest[0])}, nil
	case "stop":
		return Stop{find(e, rest[0])}, nil
	case "restart":
		return Restart{find(e, rest[0]), len(rest) > 1}, nil
	}
	run := parseRun(e, rest[0])
	switch verb {
	case "spawned":
		return Spawned{run}, nil
	case "spawn-failed":
		return SpawnFailed{run, reason, status(rest[1]).Code, slices.Contains(rest, "retry")}, nil
	case "ready":
		return BecameReady{run}, nil
	case "closed":
		return NotifyClosed{run}, nil
	case "not-yet":
		return NotYet{run, reason}, nil
	case "says", "leaves":
		return Says{run, reason, verb == "leaves"}, nil
	case "extend":
		return Extend{run, duration(rest[1])}, nil
	case "alive":
		return Alive{run, duration(strings.Join(rest[1:], ""))}, nil
	case "hung":
		return Hung{run}, nil
	case "failing":
		return Failing{run, reason}, nil
	case "healthy":
		return Healthy{run}, nil
	case "exited":
		return Exited{run, status(rest[1]), slices.Contains(rest, "strays")}, nil
	case "gone":
		return StraysGone{run}, nil
	}
	return nil, fmt.Errorf("unknown verb %q", verb)
}

func find(e *Engine, name string) tree.ID {
	id, ok := e.tree.Find(name)
	if !ok {
		panic("no service " + name)
	}
	return id
}

// parseRun reads name, name#N or name#N/ROLE.
func parseRun(e *Engine, word string) Run {
	name, gen, explicit := strings.Cut(word, "#")
	run := e.Run(find(e, name))
	if explicit {
		gen, role, _ := strings.Cut(gen, "/")
		n, err := strconv.Atoi(gen)
		if err != nil {
			panic(err)
		}
		run.Gen, run.Role = uint32(n), Role(max(0, slices.Index(roleNames[:], role)))
	}
	return run
}
