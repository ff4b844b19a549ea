package engine

import (
	"fmt"

	"bole/tree"
)

// The promises: what holds of every state, however it came about.

// spared says which states are not held to their promises: of the trees of three
// services, that are so many, most.
func (x *explorer) spared(n int) bool { return len(x.tree.Services) == 3 && n%*every != 0 }

func (x *explorer) promises(i int) string {
	if x.nodes[i].snapshot.Over || !x.last && x.spared(i) {
		return ""
	}
	for _, promise := range []func(*monitor, func(Event) *violation) *violation{settles, obeysTeardown, resistsTeardown, ignoresTeardown} {
		x.load(i)
		x.tail = x.tail[:0]
		if broken := promise(x.m, x.step); broken != nil {
			return x.report(i, broken)
		}
	}
	return ""
}

// drive answers for the world, and ticks when it has nothing to say, until
// neither has anything more to say.
func drive(m *monitor, step func(Event) *violation, answer func() (Event, bool)) *violation {
	for range 100 * len(m.world) {
		ev, ok := answer()
		if !ok {
			ev = Tick{}
			_, ok = m.e.Deadline()
		}
		if !ok || m.e.Snapshot().Over {
			return nil
		}
		if broken := step(ev); broken != nil {
			return broken
		}
	}
	return &violation{name: "liveness", what: "it never comes to rest"}
}

func (m *monitor) obliging() (Event, bool) { return m.world.answer(m.e.tree) }

// settles: in a world that does what it is asked to, all that is wanted settles
// and all else goes down.
func settles(m *monitor, step func(Event) *violation) *violation {
	if broken := drive(m, step, m.obliging); broken != nil {
		return broken
	}
	s := m.e.Snapshot()
	for i := range s.Services {
		r := &s.Services[i]
		settled := r.State == Ready || r.State == Done || r.State == Failed || r.State == Blocked
		if s.Ending && !s.Over || !s.Ending && (r.Wanted != settled || !r.Wanted && r.State != Down || r.Again) {
			return &violation{name: "liveness", what: fmt.Sprintf("%s ends up %s", m.e.tree.Services[i].Name, r.State)}
		}
		if r.State == Failed && r.Reason == NoReason || r.State == Blocked && m.e.Why(tree.ID(i)) == "" {
			return &violation{name: "liveness", what: m.e.tree.Services[i].Name + " has given up without a reason"}
		}
	}
	return nil
}

// obeysTeardown: in such a world a teardown ends at once, with everything down
// and nothing left of it.
func obeysTeardown(m *monitor, step func(Event) *violation) *violation {
	if broken := tearDown(m, step, m.obliging); broken != nil {
		return broken
	}
	s := m.e.Snapshot()
	for i, p := range m.world {
		if s.Services[i].State != Down || p.life != nothing {
			return &violation{name: "liveness", what: m.e.tree.Services[i].Name + " outlives the teardown"}
		}
	}
	return nil
}

// resistsTeardown: where SIGTERM is ignored and SIGKILL works, everyone has had
// the stop signal and a time to obey before the last step.
func resistsTeardown(m *monitor, step func(Event) *violation) *violation {
	return tearDown(m, func(ev Event) *violation {
		broken := step(ev)
		if s := m.e.Snapshot(); broken == nil && s.Final && !m.move.before.Final && (ev == Tick{}) {
			for i, p := range m.move.was {
				if p.life == running && p.run.Role == RoleMain && p.told == untold {
					return &violation{name: "liveness", what: m.e.tree.Services[i].Name + " is killed without a word"}
				}
			}
		}
		return broken
	}, m.world.killed)
}

// ignoresTeardown: where nothing answers, bole ends all the same.
func ignoresTeardown(m *monitor, step func(Event) *violation) *violation {
	return tearDown(m, step, func() (Event, bool) { return nil, false })
}

// tearDown begins the teardown, if it has not begun, and drives it to its end.
func tearDown(m *monitor, step func(Event) *violation, answer func() (Event, bool)) *violation {
	if !m.e.Snapshot().Ending {
		if broken := step(Shutdown{}); broken != nil {
			return broken
		}
	}
	began := m.e.Snapshot().Now
	if broken := drive(m, step, answer); broken != nil {
		return broken
	}
	if s := m.e.Snapshot(); !s.Over || s.Now > began+m.e.tree.ShutdownTimeout {
		return &violation{name: "liveness", what: "the teardown does not end"}
	}
	return nil
}
