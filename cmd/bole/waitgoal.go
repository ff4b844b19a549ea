package main

import (
	"fmt"
	"slices"

	"bole/tree/control"
)

// A goal is what is waited for. Each service is looked at as it is now.
type goal struct {
	name     string
	met      func(*control.Service) bool
	up       bool // what has given up does not come to it any more by itself
	whenGone bool // it is met when bole itself is gone
}

var goals = []goal{
	{name: "ready", up: true, met: func(x *control.Service) bool { return x.Ready }},
	{name: "healthy", up: true, met: func(x *control.Service) bool { return x.Ready && x.Good() }},
	{name: "settled", met: func(x *control.Service) bool { return gaveUp(x) || x.State == "ready" || x.State == "done" }},
	{name: "down", whenGone: true, met: func(x *control.Service) bool { return gaveUp(x) || x.State == "down" }},
}

func goalOf(name string) (goal, error) {
	i := slices.IndexFunc(goals, func(g goal) bool { return g.name == name })
	if i < 0 {
		return goal{}, fmt.Errorf("--for takes ready, healthy, settled or down, not %q", name)
	}
	return goals[i], nil
}

func goalNames() (names []string) {
	for _, g := range goals {
		names = append(names, g.name)
	}
	return names
}

// gaveUp reports whether nothing of a service runs, nor will unless somebody starts it.
func gaveUp(x *control.Service) bool {
	switch x.State {
	case "failed", "blocked":
		return true
	case "done":
		return !x.Ready
	case "down":
		return !x.Wanted
	}
	return false
}

// count leaves out what is not wanted, but where that is just what is waited for.
func (g *goal) count(services []control.Service) []control.Service {
	if g.name == "down" {
		return services
	}
	return slices.DeleteFunc(slices.Clone(services), func(x control.Service) bool { return !x.Wanted })
}

// judge says how far it has come.
func (g *goal) judge(tree string, services []control.Service) *outcome {
	var open, lost []string
	for i := range services {
		switch x := &services[i]; {
		case g.met(x):
		case g.up && gaveUp(x):
			lost = append(lost, hopeless(x))
		default:
			open = append(open, x.Said())
		}
	}
	switch {
	case len(lost) > 0:
		return &outcome{over: true, Reason: control.Few(lost), Services: services}
	case len(open) > 0 && g.up && tree == "stopping":
		return &outcome{over: true, Reason: "the tree is being torn down: " + control.Few(open), Services: services}
	}
	met := len(open) == 0
	return &outcome{over: met, Met: met, Reason: control.Few(open), Services: services}
}

func hopeless(x *control.Service) string {
	if x.State == "down" {
		return fmt.Sprintf("%s is down, and not wanted: bole start %s", x.Name, x.Name)
	}
	return x.Said()
}
