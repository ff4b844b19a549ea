// Package engine is the state machine of a whole tree. It decides everything
// and does nothing: events go in, effects come out, as plain values.
//
//	e := engine.New(t, seed)
//	for _, effect := range e.Step(elapsed, engine.Boot{}) {
//		... // carry it out; what comes of it is an event of a later Step
//	}
//	at, ok := e.Deadline() // when it wants a Tick if nothing else happens
//
// It has no clock, starts no goroutine and touches no file, so the same events
// at the same times give the same effects: a list of events is a bug report, and
// small trees can be searched through and through.
//
// # States
//
// A service has one State. These are at rest, nothing of the service runs:
//
//	Down      not wanted, or not begun
//	Waiting   wanted; what it depends on is not there yet
//	Blocked   wanted; something that it cannot be without has given up
//	Backoff   wanted; it failed, and will be tried again at Due
//	Failed    wanted; it gave up. The record keeps why
//	Done      of a longrun: it ended well and is not to be restarted
//
// These are active, a stop has something to end or to undo:
//
//	Starting  asked for, or running and not ready
//	Ready     it can serve
//	Stopping  told to end, or its strays are
//	Done      of a oneshot: it succeeded, and its down is still to run
//
// Beside the state stands the Phase of its current run: asked for (Spawning),
// Running, its process gone and its strays left (Sweeping), or none. A service
// has one run at a time, and every run its own Gen: what is reported of an
// earlier one is Stale and changes nothing.
//
// # Wishes
//
// Wanted is the operator's word, and nobody else ever changes it. Start and Boot
// set it for a service and all that it brings in; Stop clears it for a service
// and all that cannot be without it. Hence the first invariant: whoever is
// wanted, what it requires is wanted too. During the teardown (Ending) nothing
// counts as wanted.
//
// Again means: down once, then up by itself. A Restart sets it; so does a bound
// service's partner that went away. A service that is not wanted or has Again set
// is leaving.
//
// # Who decides
//
// An event records a fact: the process is there, it is ready, it ended, somebody
// wants it down. Only three facts move a state at once, for they leave no choice:
// readiness (to Ready), the end of a run (see below), a command to one that rests
// in Failed, Backoff or Done (to Waiting, its failures forgotten).
//
// Everything else is decided by settle, which looks at one service: its state,
// its wish, its deadline, its neighbours. It never sees an event. So "the newest
// command wins" needs no code, and a thing that becomes possible is done whatever
// made it so. Whenever a service changes, it and its neighbours are put on the
// worklist, which gives them back in topological order until it is empty.
//
// settle starts a Waiting service when every gate is open:
//
//   - requires, binds: the other is ready (with until = started: runs) and not
//     leaving. It is Failed, Blocked or an ended longrun: the service is Blocked,
//     until that changes.
//   - wants, after: the other is settled or not wanted, and is not to come back.
//
// It stops an active, leaving service when nobody is in the way: no active service
// that depends on it in whatever manner and is leaving too, and none that is bound
// to it. So what goes up in order goes down in reverse, and a restart leaves those in
// peace that merely require it.
//
// Before any of that, takeAlong makes those leave (Again) that are bound to what is
// leaving or not there: a binding holds from one end of its chain to the other, and
// whoever is settled first must know already.
//
// # Interrupted transitions
//
//	stop during Spawning   Stopping at once; the signal goes out when the process is there
//	stop during Starting   Stopping, whether or not it would ever have been ready
//	stop during Backoff,   Down
//	  Waiting, Blocked
//	start during Stopping  the stop is finished, then it starts again, failures forgotten
//	restart in Backoff     starts now
//	end while leaving but  Down: it was to go anyway, no failure
//	  not yet told
//	oneshot succeeds when  Done, and then its down runs: its work was done
//	  told to stop
//	teardown at any time   all of the above, for everyone
//
// # Steps
//
// A start may have steps before the service's own process: its only-if, then its
// prepare. Each is a run of its own, with the next Gen, in the one state Starting and
// the one start-timeout. Between two of them settle looks anew: whoever lost what it
// needs meanwhile waits for its turn (Late), and whoever is to go is Down. An only-if
// that ends with another code than 0 makes the service Done at once (Skip), which lets
// those start that require it; a prepare that fails is a start that failed.
//
// A finish follows each end of the process, after its strays, as one more run in
// Stopping. What the end leads to is decided when the finish is over, by the end of
// the process; only a finish that ends with 125 has a say: the service gives up. A
// stop-command is no run of the engine's: it is the way in which a stop signal is sent.
//
// # Health
//
// A service that is Ready may be Sick: its health check has failed as often as it may.
// Either that is only said (Judged, and the tree is degraded), or the run is ended with
// the cause Unhealthy, which the restart policy takes for a failure. The same happens,
// with the cause Silent, when a watched service is Ready until its Due: each sign of life
// sets that anew; and with the cause Triggered when it asks for that itself. A service that
// is leaving is left in peace by all of them.
//
// # The end of a run
//
// A process that ended may have left others behind. With kill = "mixed" or
// "group" these are ended before the run is over: Stopping, phase Sweeping, with
// what is left of the stop's time, or after a crash with a stop's whole time. Then,
// if somebody wanted it to end, it is Down. Otherwise the restart policy has its
// say: Backoff, Waiting at once when there is no delay, Failed, or Done. What a
// oneshot's up leaves behind stays until the oneshot is stopped.
//
// # Time
//
// A record has one deadline, Due, which belongs to its state and is set or
// cleared by entering one: the start's, the back-off's, the stop's. Deadline is
// the least of them. There are no timers that could fire late.
//
// # Teardown
//
// Shutdown makes everything leave. KillAt is when order ends: KillAll, and
// whatever is reported gone then is Down. ExitAt is when bole exits whatever the
// kernel still holds. Before that everyone who is told to stop has a share of the
// time that is left: see share. A Shutdown that comes when one was asked for before
// (Requested) goes to KillAll at once; a teardown that the tree began by itself does not
// count.
package engine
