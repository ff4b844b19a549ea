package engine

import (
	"slices"

	"golang.org/x/sys/unix"

	"bole/tree"
)

// life is how far a run is, as the machine sees it.
type life uint8

const (
	nothing life = iota
	asked        // a process was asked for; the answer is not there yet
	running
	strays // a sweep was asked for; the answer is not there yet
)

// told is the strongest signal that a run was sent.
type told uint8

const (
	untold told = iota
	softly
	hardly
)

// A proc is what there is of one service on the machine. It is made from
// effects and reports alone, never from the engine's records.
type proc struct {
	run    Run
	life   life
	told   told
	said   bool // it has announced its readiness
	quiet  bool // it owes no sign of life any more
	closed bool // its notification fd is closed
	left   bool // it has left strays behind, that nobody was asked to end
}

// A world is what the effects of an engine have made of the machine.
type world []proc

// report takes in what happened to a run, if it can have happened to it.
func (w world) report(ev Event) {
	switch ev.(type) {
	case Boot, Start, Stop, Restart, Shutdown, Tick:
		return
	}
	p := &w[runOf(ev).Service]
	if late(w, ev) {
		return
	}
	switch ev := ev.(type) {
	case Spawned:
		if p.life == asked {
			p.life = running
		}
	case SpawnFailed:
		if p.life == asked {
			p.life = nothing
		}
	case BecameReady:
		p.awake()
		p.said = true
	case Says:
		p.awake()
		p.quiet = p.quiet || ev.Leaves
	case Alive:
		p.awake()
		p.quiet = p.quiet && ev.Every == 0
	case NotYet, Extend, Hung, Failing, Healthy:
		p.awake()
	case NotifyClosed:
		p.awake()
		p.closed = true
	case Exited:
		if p.life == running || p.life == asked {
			p.life, p.left = nothing, ev.Strays
		}
	case StraysGone:
		if p.life == strays {
			p.life, p.left = nothing, false
		}
	}
}

func (p *proc) awake() {
	if p.life == asked {
		p.life = running
	}
}

// carryOut does what an effect asks for.
func (w world) carryOut(ef Effect) {
	switch ef := ef.(type) {
	case Spawn:
		before := w[ef.Run.Service] // what a step of a start leaves behind belongs to the service
		left := before.left && before.run.Role != RoleOnlyIf && before.run.Role != RolePrepare
		w[ef.Run.Service] = proc{run: ef.Run, life: asked, left: left}
	case Kill:
		w[ef.Run.Service].tell(ef.Signal)
	case Sweep:
		w[ef.Run.Service].life = strays
		w[ef.Run.Service].tell(ef.Signal)
	case KillAll:
		for i := range w {
			if w[i].life == running || w[i].life == strays {
				w[i].told = hardly
			}
		}
	}
}

func (p *proc) tell(signal int) {
	if signal == int(unix.SIGKILL) {
		p.told = hardly
	} else {
		p.told = max(p.told, softly)
	}
}

// answer is what an obliging machine reports next of the first service that has
// anything to report: what is asked for is done at once, and done well.
func (w world) answer(t *tree.Tree, only ...tree.ID) (Event, bool) {
	for i := range w {
		if len(only) > 0 && !slices.Contains(only, tree.ID(i)) {
			continue
		}
		if ev := w[i].answer(&t.Services[i]); ev != nil {
			return ev, true
		}
	}
	return nil, false
}

func (p *proc) answer(s *tree.Service) Event {
	switch {
	case p.life == asked:
		return Spawned{p.run}
	case p.life == strays:
		return StraysGone{p.run}
	case p.life != running:
		return nil
	case p.told == hardly:
		return Exited{Run: p.run, Status: tree.Status{Signal: uint8(unix.SIGKILL)}}
	case p.told == softly:
		return Exited{Run: p.run, Status: tree.Status{Signal: uint8(unix.SIGTERM)}}
	case s.Kind == tree.Oneshot, p.run.Role != RoleMain:
		return Exited{Run: p.run}
	case (s.ReadyFD != 0 || s.Health != nil) && !p.said && !p.closed:
		return BecameReady{p.run}
	case s.Watchdog != 0 && !p.quiet:
		return Says{Run: p.run, Leaves: true}
	}
	return nil
}

// killed is what a machine reports on which a process ends by SIGKILL alone.
func (w world) killed() (Event, bool) {
	for i := range w {
		switch p := &w[i]; {
		case p.life == asked:
			return Spawned{p.run}, true
		case p.life == running && p.told == hardly:
			return Exited{Run: p.run, Status: tree.Status{Signal: uint8(unix.SIGKILL)}}, true
		case p.life == strays && p.told == hardly:
			return StraysGone{p.run}, true
		}
	}
	return nil, false
}
