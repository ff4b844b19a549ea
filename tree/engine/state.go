package engine

import (
	"time"

	"bole/tree"
)

// State is where a service stands, as people are told.
type State uint8

const (
	Down     State = iota // not wanted, or not begun
	Waiting               // for what it depends on
	Starting              // its process is asked for or runs, and is not ready
	Ready                 // it has said that it can serve
	Stopping              // it, or what it left behind, is being ended
	Backoff               // it failed, and will be started again
	Failed                // it gave up
	Done                  // a oneshot that succeeded; a longrun that ended well and stays so
	Blocked               // something that it cannot be without gave up
)

// States is the number of states.
const States = len(stateNames)

var stateNames = [...]string{"down", "waiting", "starting", "ready", "stopping", "backoff", "failed", "done", "blocked"}

func (s State) String() string { return stateNames[s] }

// MarshalText gives the state's name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the state's name; it is an error if there is none such.
func (s *State) UnmarshalText(b []byte) error {
	for i, name := range stateNames {
		if name == string(b) {
			*s = State(i)
			return nil
		}
	}
	return errUnknownState(b)
}

type errUnknownState string

func (e errUnknownState) Error() string { return "no such state: " + string(e) }

// Phase is how far the current run of a service is.
type Phase uint8

const (
	NoRun    Phase = iota // there is no process
	Spawning              // asked for, no answer yet
	Running               // the process lives
	Sweeping              // it has ended; what it left behind is being ended
)

// Cause is why a run is being ended, or why it ended unasked.
type Cause uint8

const (
	NoCause       Cause = iota // of an End: there was none yet
	Asked                      // somebody wants it down, or down and up again
	Ended                      // it ended by itself
	NotSpawned                 // there never was a process
	TimedOut                   // it was not ready, or not done, in time
	ClosedUnready              // it closed its notification fd without the newline
	Unhealthy                  // it failed its health check
	Silent                     // its watchdog has had no sign of life
	Late                       // what it needs has gone while it prepared itself; it waits again
	Triggered                  // it has asked its watchdog for its end
)

// Record is all that the engine knows of one service: plain data, that can be
// written out and read back. Times are since the start of the engine.
type Record struct {
	State  State
	Since  time.Duration // when it entered State
	Wanted bool          // the operator's word
	Again  bool          // it is to go down, and to come back by itself

	Gen    uint32 // of the current or last run
	Role   Role   // of the current or last run
	Phase  Phase
	Cause  Cause         // why the current run is being ended; NoCause while it is not
	Skip   bool          // its only-if said no: it is Done without having run
	GaveUp bool          // its finish said that it is not to be started again
	Hard   bool          // SIGKILL was sent to the current run
	Shut   bool          // the current run's notification fd was closed without the newline
	Left   bool          // a oneshot that is done has left processes behind
	NotYet string        // why the current or last run was not ready when it was last asked
	Says   string        // what the current or last run says of itself
	Sick   string        // why the current or last run is unhealthy; "": it is not
	Watch  time.Duration // how often the current run is to give a sign of life; 0: it need not
	Due    time.Duration // when State has lasted too long; 0 is never
	Began  time.Duration // when the current or last run was asked for
	Said   bool          // the current or last run has become ready
	SaidAt time.Duration // and when

	Last     End             // of the last run that is over
	Tries    int             // automatic restarts in a row
	Window   []time.Duration // of the automatic restarts that a limit with a window counts
	Restarts int             // automatic restarts ever
	Reason   Reason          // why it is Failed
}

// End is how a run ended.
type End struct {
	Role   Role
	Cause  Cause
	Status tree.Status
	Text   string        // of NotSpawned, Unhealthy: the reason; of TimedOut: why it was not ready; of another failure: what it said of itself
	Retry  bool          // of NotSpawned: the reason may pass
	Ran    time.Duration // from the asking for it to its end
	Ready  bool          // it had been ready
	At     time.Duration
}

// Reason is why a service gave up.
type Reason uint8

const (
	NoReason  Reason = iota
	NoRestart        // its policy says so
	GiveUp           // it ended with a code that says so
	Limit            // it was restarted as often as it may
	NoProgram        // its program could not be run
	Finished         // its finish says so
)

// Snapshot is the engine's whole state: plain data, that can be written out and
// read back into an engine for the same tree.
type Snapshot struct {
	Now      time.Duration // since the start of the engine
	Random   uint64
	Services []Record // by tree.ID

	Ending    bool          // the teardown has begun
	Signal    int           // that asked for it; 0: none in particular
	Requested bool          // somebody asked for it; it may have begun before, by itself
	Final     bool          // its last step has begun
	KillAt    time.Duration // when that step is due; 0 is never
	ExitAt    time.Duration // when bole ends whatever is left; 0 is never
	Over      bool          // Exit was given
	Code      uint8         // bole's exit code
}
