package engine

import (
	"slices"
	"time"

	"bole/tree"
)

// searchKinds are the services that the trees are made of. Their limits are
// low, so that every way to give up is near; nothing is forgiven by time. The
// last ones are for the smaller trees alone: what they add is the end of all, and
// more steps of one service.
var searchKinds = []tree.Service{searchKind("plain"), searchKind("fd"), searchKind("oneshot"), searchKind("undone"), searchKind("vital"), searchKind("steps"), searchKind("watched")}

const (
	usual     = 4 // kinds, of which trees of three services are made
	plainOrFD = 1 // the kinds up to this
	watched   = 6 // and of this
)

func searchKind(kind string) tree.Service {
	s := newLongrun("")
	if kind == "oneshot" || kind == "undone" {
		s = newOneshot("")
	}
	s.Restart.Reset = time.Hour
	switch kind {
	case "plain":
		s.Restart.Limit = 1
	case "fd":
		s.ReadyFD, s.Kill = 3, tree.KillGroup
		s.Restart.Policy, s.Restart.Limit, s.Restart.Delay = tree.OnFailure, 1, 0
	case "undone":
		s.Down = []string{"down"}
		s.Restart.Policy, s.Restart.Limit = tree.OnFailure, 1
		s.StartTimeout = time.Minute
	case "steps":
		s.OnlyIf, s.Prepare, s.Finish, s.FinishTimeout = []string{"only-if"}, []string{"prepare"}, []string{"finish"}, time.Second
		s.Restart.Policy, s.Restart.Limit, s.Restart.Delay = tree.OnFailure, 1, 0
	case "watched":
		s.Health, s.Watchdog = &tree.Health{Restart: true}, 10*time.Second
		s.Restart.Limit = 1
	case "vital":
		s.Essential, s.Kill = true, tree.KillProcess
		s.Restart.Policy = tree.OnFailure
		s.Restart.Limit, s.Restart.Within = 1, time.Minute
	}
	return s
}

// arrows are the ways to depend on a service. One that is ready as soon as it
// is started has no until of its own.
func arrows(on *tree.Service) []*tree.Dep {
	out := []*tree.Dep{nil, {Kind: tree.After, Until: tree.UntilReady}, {Kind: tree.Wants, Until: tree.UntilReady},
		{Kind: tree.Requires, Until: tree.UntilReady}, {Kind: tree.Binds, Until: tree.UntilReady}}
	if on.Kind == tree.Oneshot || on.ReadyFD != 0 || on.Prepare != nil || on.Health != nil {
		out = append(out, &tree.Dep{Kind: tree.Wants}, &tree.Dep{Kind: tree.Requires}, &tree.Dep{Kind: tree.Binds})
	}
	return out
}

// smallTrees returns every tree of one, two and three services that does not
// fall into parts, each once up to the order of services that have none.
func smallTrees() (out []*tree.Tree) {
	for a := range searchKinds {
		out = append(out, makeTree([]int{a}, nil))
		for b := range searchKinds {
			if max(a, b) == watched && min(a, b) > plainOrFD {
				continue // they have many events, and add nothing to each other
			}
			for _, ba := range arrows(&searchKinds[a])[1:] {
				out = append(out, makeTree([]int{a, b}, []*tree.Dep{ba}))
			}
		}
	}
	slices.SortStableFunc(out, func(x, y *tree.Tree) int { return len(x.Services) - len(y.Services) })
	for a := range usual {
		for b := range usual {
			for c := range usual {
				out = append(out, threes(a, b, c)...)
			}
		}
	}
	return out
}

func threes(a, b, c int) (out []*tree.Tree) {
	for i, ba := range arrows(&searchKinds[a]) {
		for j, ca := range arrows(&searchKinds[a]) {
			for k, cb := range arrows(&searchKinds[b]) {
				parts := ba == nil && (ca == nil || cb == nil) || ca == nil && cb == nil
				twin := cb == nil && (c < b || c == b && j < i) || // c and b trade places
					ba == nil && (b < a || b == a && k < j) // b and a trade places
				if !parts && !twin {
					out = append(out, makeTree([]int{a, b, c}, []*tree.Dep{ba, ca, cb}))
				}
			}
		}
	}
	return out
}

// makeTree makes a tree of kinds and the arrows b→a, c→a, c→b.
func makeTree(kinds []int, deps []*tree.Dep) *tree.Tree {
	var services []tree.Service
	settings := tree.Settings{ShutdownTimeout: 9 * time.Second}
	for i, kind := range kinds {
		s := searchKinds[kind]
		s.Name = string(rune('a' + i))
		services = append(services, s)
		settings.Start = append(settings.Start, tree.ID(i))
	}
	for i, at := range [][2]int{{1, 0}, {2, 0}, {2, 1}}[:len(deps)] {
		if deps[i] != nil {
			d := *deps[i]
			d.On = tree.ID(at[1])
			services[at[0]].Needs = append(services[at[0]].Needs, d)
		}
	}
	return tree.Assemble(services, nil, settings)
}
