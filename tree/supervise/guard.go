package supervise

import (
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"bole/tree/engine"
)

// exitBug is bole's code when a fault of its own made it tear the tree down
// (EX_SOFTWARE of sysexits.h).
const exitBug = 70

// A guard is what all who work for a supervisor share: the ways to tell the engine
// and the people, the end, and the care for panics.
type guard struct {
	console outputs
	mail    *mailbox
	quit    chan struct{} // closed when the loop has ended
	crashed atomic.Bool   // bole itself has a fault
}

// guarded runs f and catches its panic: a PID 1 must not die of a bug. What was
// in f's hands is lost, so the tree is torn down, and the exit code says that it
// was bole's own fault. It goes down in order, unless the fault was the loop's: then
// nobody knows the order any more, and all is killed. Those who are needed for that
// guard each of their turns, so that they are there for the next.
func (g *guard) guarded(name string, f func()) {
	defer func() {
		if p := recover(); p != nil {
			g.console.Say(fmt.Sprintf("a fault of bole's own, in %s: %v: the tree is torn down\n%s", name, p, debug.Stack()))
			if !g.crashed.Swap(true) { // a second Shutdown would kill what is left
				g.mail.post(engine.Shutdown{})
			}
		}
	}()
	f()
}

// goes starts a goroutine; no other go statement is in this package.
func (g *guard) goes(name string, f func()) { go g.guarded(name, f) }

// actor makes a member of the run group. Every one watches quit, which the loop
// closes, so nobody has to be interrupted; and when one has failed, the others go
// on until the teardown is over.
func (g *guard) actor(name string, f func()) (execute func() error, interrupt func(error)) {
	return func() error {
		g.guarded(name, f)
		<-g.quit
		return nil
	}, func(error) {}
}
