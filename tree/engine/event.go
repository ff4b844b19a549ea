package engine

import (
	"fmt"
	"time"

	"bole/tree"
)

// Role is what a process does for its service.
type Role uint8

const (
	RoleMain    Role = iota // a longrun's process, or a oneshot's up
	RoleDown                // a oneshot's down
	RoleOnlyIf              // asks whether the service is to run at all, before prepare
	RolePrepare             // runs before each start of a longrun's process
	RoleFinish              // runs after each end of a longrun's process
	RoleStop                // a longrun's stop-command; the engine knows nothing of it
	RoleProbe               // a command that is asked whether a longrun is ready; nor of this
	RoleReload              // a longrun's reload command; nor of this
)

var roleNames = [...]string{"main", "down", "only-if", "prepare", "finish", "stop-command", "probe", "reload"}

// String is the key that says what is run.
func (r Role) String() string { return roleNames[r] }

// First is the role of the first process that a start of the service makes.
func First(s *tree.Service) Role {
	switch {
	case s.OnlyIf != nil:
		return RoleOnlyIf
	case s.Prepare != nil:
		return RolePrepare
	}
	return RoleMain
}

// Starts reports whether it is a step on the way up, which a stop has to tell.
func (r Role) Starts() bool { return r == RoleMain || r == RoleOnlyIf || r == RolePrepare }

// Answers reports whether it is a command that somebody waits for who is not the engine.
func (r Role) Answers() bool { return r == RoleProbe || r == RoleReload }

// A Run is one process that the engine asked for. Every report of that process
// brings its Run back: what comes late, of an earlier one, is recognised by it.
// Nothing is ever decided by a process id, for the kernel gives those again.
type Run struct {
	Service tree.ID
	Role    Role
	Gen     uint32 // counts the runs of the service, from 1
}

// An Event is a fact from outside: something has happened, or somebody wants
// something. It changes one record and decides nothing.
type Event interface{ text(names) string }

type (
	// Boot is the first event: what the tree's start key names is wanted,
	// together with all that this brings in.
	Boot struct{}

	// Start says that the service should be up, with all that it brings in.
	// It starts every count of failures anew.
	Start struct{ Service tree.ID }

	// Stop says that the service should be down, after all that cannot be
	// without it.
	Stop struct{ Service tree.ID }

	// Restart says that the service should be up, by a new process, or a new
	// run of its command. With Dependents, all that cannot be without it
	// restart too; otherwise only what is bound to it.
	Restart struct {
		Service    tree.ID
		Dependents bool
	}

	// Shutdown begins the teardown. The second one ends it: kill what is left.
	// The first one during a teardown that began by itself changes nothing. Signal,
	// if any, is what the command in the foreground is told to stop by.
	Shutdown struct{ Signal int }

	// Spawned says that the exec of a run has succeeded.
	Spawned struct{ Run Run }

	// SpawnFailed says that there is no process. Reason is for people. Code is
	// what a shell would give: 127 for a program that is not there, 126 for one
	// that cannot be run. Retry marks a want of the machine that passes, such
	// as too many processes.
	SpawnFailed struct {
		Run    Run
		Reason string
		Code   uint8
		Retry  bool
	}

	// BecameReady says that the run has announced its readiness.
	BecameReady struct{ Run Run }

	// NotifyClosed says that nobody holds the run's notification fd any more, and
	// nobody has written the newline.
	NotifyClosed struct{ Run Run }

	// NotYet says why the run's process is not ready, in one line. It changes nothing
	// but what is said.
	NotYet struct {
		Run Run
		Why string
	}

	// Says is what the process says of itself, in one line. Leaves: it is about to end,
	// and gives no more signs of life.
	Says struct {
		Run    Run
		Text   string
		Leaves bool
	}

	// Extend says that the process needs until so much later for what it is doing: to
	// become ready, or to end.
	Extend struct {
		Run Run
		By  time.Duration
	}

	// Alive is the process's sign of life, for its watchdog. Every, if not 0, is how
	// often it is to come from now on.
	Alive struct {
		Run   Run
		Every time.Duration
	}

	// Hung says that the process wants to be treated as if that sign had not come.
	Hung struct{ Run Run }

	// Failing says that the ready process has failed its health check as often as it
	// may, and why.
	Failing struct {
		Run Run
		Why string
	}

	// Healthy says that it has passed its health check after that.
	Healthy struct{ Run Run }

	// Exited says that the run's process has ended. Strays: it has left
	// processes behind.
	Exited struct {
		Run    Run
		Status tree.Status
		Strays bool
	}

	// StraysGone answers a Sweep: no stray is left.
	StraysGone struct{ Run Run }

	// Tick says that the time of Deadline has come.
	Tick struct{}
)

func (Boot) text(names) string              { return "boot" }
func (ev Start) text(n names) string        { return "start " + n.of(ev.Service) }
func (ev Stop) text(n names) string         { return "stop " + n.of(ev.Service) }
func (ev Spawned) text(n names) string      { return "spawned " + n.run(ev.Run) }
func (ev BecameReady) text(n names) string  { return "ready " + n.run(ev.Run) }
func (ev NotifyClosed) text(n names) string { return "closed " + n.run(ev.Run) }
func (ev NotYet) text(n names) string       { return "not-yet " + n.run(ev.Run) + ": " + ev.Why }
func (ev StraysGone) text(n names) string   { return "gone " + n.run(ev.Run) }
func (ev Extend) text(n names) string       { return fmt.Sprintf("extend %s %s", n.run(ev.Run), ev.By) }
func (ev Hung) text(n names) string         { return "hung " + n.run(ev.Run) }
func (ev Failing) text(n names) string      { return "failing " + n.run(ev.Run) + ": " + ev.Why }
func (ev Healthy) text(n names) string      { return "healthy " + n.run(ev.Run) }
func (Tick) text(names) string              { return "tick" }

func (ev Shutdown) text(names) string {
	if ev.Signal != 0 {
		return "shutdown " + tree.SignalName(ev.Signal)
	}
	return "shutdown"
}

func (ev Says) text(n names) string {
	verb := "says "
	if ev.Leaves {
		verb = "leaves "
	}
	return verb + n.run(ev.Run) + ": " + ev.Text
}

func (ev Alive) text(n names) string {
	if ev.Every > 0 {
		return fmt.Sprintf("alive %s %s", n.run(ev.Run), ev.Every)
	}
	return "alive " + n.run(ev.Run)
}

func (ev Restart) text(n names) string {
	if ev.Dependents {
		return "restart " + n.of(ev.Service) + " with dependents"
	}
	return "restart " + n.of(ev.Service)
}

func (ev SpawnFailed) text(n names) string {
	s := fmt.Sprintf("spawn-failed %s %d", n.run(ev.Run), ev.Code)
	if ev.Retry {
		s += " retry"
	}
	if ev.Reason != "" {
		s += ": " + ev.Reason
	}
	return s
}

func (ev Exited) text(n names) string {
	s := fmt.Sprintf("exited %s %s", n.run(ev.Run), ev.Status)
	if ev.Strays {
		s += ", strays"
	}
	return s
}
