package engine

import (
	"fmt"

	"bole/tree"
)

// An Effect is something to be done, or to be known, outside. Effects are plain
// comparable values; one that could not be carried out comes back as an event.
type Effect interface{ text(names) string }

// Scope says which processes of a run a signal is for.
type Scope uint8

const (
	ToMain  Scope = iota // the run's own process
	ToGroup              // its process group
	ToAll                // its process, its group, and every stray of the service
)

type (
	// Spawn asks for a process. The answer is Spawned or SpawnFailed. A finish is told
	// how the process ended that it follows.
	Spawn struct {
		Run   Run
		After tree.Status
	}

	// Kill asks for a signal. A stopped process is to be continued with it, so
	// that it can act on it.
	Kill struct {
		Run    Run
		Signal int
		To     Scope
	}

	// Sweep asks for a signal to every stray of the service, whose process has
	// ended. The answer is StraysGone as soon as none is left, at once if there is
	// none. Signal 0 only asks: they had their signal together with the process. A
	// second Sweep sends its signal to those that are still there.
	Sweep struct {
		Run    Run
		Signal int
	}

	// Changed tells that a service has entered another state.
	Changed struct {
		Service  tree.ID
		From, To State
	}

	// Judged tells that a ready service has become unhealthy, and why, or healthy again.
	Judged struct {
		Service tree.ID
		Healthy bool
		Why     string
	}

	// Stale tells that a report came too late and was dropped.
	Stale struct{ Event Event }

	// KillAll is the last step of a teardown: SIGKILL for all that is left.
	KillAll struct{}

	// Exit is the last effect: bole is to end with this code.
	Exit struct{ Code uint8 }
)

func (ef Spawn) text(n names) string {
	if ef.Run.Role == RoleFinish {
		return fmt.Sprintf("spawn %s after %s", n.run(ef.Run), ef.After)
	}
	return "spawn " + n.run(ef.Run)
}
func (ef Sweep) text(n names) string {
	return "sweep " + n.run(ef.Run) + " " + tree.SignalName(ef.Signal)
}
func (ef Judged) text(n names) string {
	if ef.Healthy {
		return n.of(ef.Service) + " is healthy again"
	}
	return n.of(ef.Service) + " is unhealthy"
}
func (ef Stale) text(n names) string { return "stale " + ef.Event.text(n) }
func (KillAll) text(names) string    { return "kill all" }

func (ef Kill) text(n names) string {
	return "kill " + n.run(ef.Run) + " " + tree.SignalName(ef.Signal) + [...]string{"", " group", " all"}[ef.To]
}

func (ef Changed) text(n names) string {
	return n.of(ef.Service) + " " + ef.From.String() + " → " + ef.To.String()
}

func (ef Exit) text(names) string { return fmt.Sprintf("exit %d", ef.Code) }
