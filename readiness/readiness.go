// Package readiness asks programs whether they are ready, in the ways that they
// understand, until one says yes; and then whether they still are.
//
//	notYet := func(why string) { log.Print(why) } // tcp 127.0.0.1:5432: connection refused
//	ready := func() { log.Print("ready") }
//	readiness.Poll(ctx, readiness.TCP("127.0.0.1:5432"), readiness.Standard, notYet, ready)
//
// A check asks once, and says in one line why the answer is no. It reads a bounded
// amount, and returns as soon as its context ends: nothing that a program answers, or
// does not answer, costs more than that.
package readiness

import (
	"context"
	"time"
)

// A Check asks once. nil is yes; the error is why not, in one line. It ends with its
// context, and keeps nothing open.
type Check func(ctx context.Context) error

// Timing says when a check is made.
type Timing struct {
	First   time.Duration // from the end of one to the begin of the next; above 0
	Most    time.Duration // what that grows to, by half each time
	Timeout time.Duration // of one; 0 is for ever
	File    string        // what happens to it brings the next one at once; "": nothing does
}

// Standard is quick for what is ready soon, and costs little where it takes long.
var Standard = Timing{First: 100 * time.Millisecond, Most: time.Second, Timeout: time.Second}

// Poll makes a check until the answer is yes, one at a time, the first at once, or until
// its context ends. notYet gets each reason that differs from the one before; ready is
// called at the yes, which may be some milliseconds before Poll returns.
func Poll(ctx context.Context, check Check, timing Timing, notYet func(why string), ready func()) {
	l, last := lookout{path: timing.File}, ""
	defer l.close()
	for wait := timing.First; ; wait = min(wait*3/2, timing.Most) {
		l.place()
		err := once(ctx, check, timing.Timeout)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			ready()
			return
		case err.Error() != last:
			last = err.Error()
			notYet(last)
		}
		if l.wait(ctx, wait) != nil {
			return
		}
	}
}

// Watch makes a check again and again, each an interval after the one before, until its
// context ends. After so many failures in a row, and with each further one, sick gets the
// reason; after the next success well is called.
func Watch(ctx context.Context, check Check, interval, timeout time.Duration, failures int, sick func(why string), well func()) {
	for failed := 0; sleep(ctx, interval) == nil; {
		err := once(ctx, check, timeout)
		if ctx.Err() != nil {
			return
		}
		switch {
		case err == nil && failed >= failures:
			failed = 0
			well()
		case err == nil:
			failed = 0
		default:
			if failed++; failed >= failures {
				sick(err.Error())
			}
		}
	}
}

func once(ctx context.Context, check Check, timeout time.Duration) error {
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	return check(ctx)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// After says yes from a time on.
func After(t time.Time) Check {
	return func(ctx context.Context) error { return sleep(ctx, time.Until(t)) }
}
