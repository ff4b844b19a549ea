package supervise

import (
	"context"
	"errors"
	"slices"
	"time"

	"bole/tree"
	"bole/tree/control"
	"bole/tree/logs"
)

// linesMost is how many lines are given at once, of all services together.
const linesMost = 10_000

// numbered are the services of some names, or all, as the console knows them.
func (s *supervisor) numbered(names []string) (out []int, err error) {
	if len(names) == 0 {
		for i := range s.tree.Services {
			out = append(out, i)
		}
	}
	for _, name := range names {
		ids, err := named(s.tree, name)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if !slices.Contains(out, int(id)) { // it may be of two bundles
				out = append(out, int(id))
			}
		}
	}
	return out, nil
}

// Lines returns the last lines of services, and where to go on.
func (s *supervisor) Lines(services []string, most int) ([]control.Line, control.Position, error) {
	numbers, err := s.numbered(services)
	if err != nil {
		return nil, nil, err
	}
	s.hear(numbers...)
	lines, at := s.console.Tail(numbers, make([]uint64, len(numbers)), min(most, linesMost))
	for i := range lines {
		lines[i].Lost = 0 // from before is no loss
	}
	return s.wires(lines), at, nil
}

// hearMost is how long somebody waits for what is in pipes: longer would only be good for
// something while nobody reads bole's own output.
const hearMost = 100 * time.Millisecond

// hear waits until what services have written by now is taken in: who has seen that one has
// failed sees its last words too.
func (v *viewer) hear(services ...int) {
	late := time.NewTimer(hearMost)
	defer late.Stop()
	for _, n := range services {
		heard := make(chan struct{})
		v.console.After(n, func() { close(heard) })
		select {
		case <-heard:
		case <-late.C:
			return
		}
	}
}

// MoreLines waits for what is written after a position.
func (s *supervisor) MoreLines(ctx context.Context, services []string, from control.Position) ([]control.Line, control.Position, error) {
	numbers, err := s.numbered(services)
	if err != nil {
		return nil, nil, err
	}
	if len(numbers) != len(from) {
		return nil, nil, errors.New("the position is of other services")
	}
	s.console.More(ctx, numbers, from)
	lines, at := s.console.Tail(numbers, from, linesMost)
	return s.wires(lines), at, nil
}

func (v *viewer) wires(lines []logs.Line) []control.Line {
	out := make([]control.Line, len(lines))
	for i, l := range lines {
		out[i] = control.Line{Service: v.tree.Services[l.Service].Name, At: l.When.UTC(), Text: l.Text, Lost: l.Lost}
	}
	return out
}

// tail are the last lines of one service.
func (v *viewer) tail(id tree.ID, most int) []control.Line {
	lines, _ := v.console.Tail([]int{int(id)}, []uint64{0}, most)
	return v.wires(lines)
}
