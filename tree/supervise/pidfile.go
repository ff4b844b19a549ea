package supervise

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"bole/readiness"
	"bole/tree"
	"bole/tree/engine"
)

// An adopter makes a process that a service's command has left behind, and named in
// its pid-file, the service's own. The engine knows nothing of it: to it the run goes
// on, and becomes ready. For that, the good end of the first process is held back.
type adopter struct {
	*guard
	procs processes

	mu     sync.Mutex
	active map[engine.Run]*adoption
	heirs  map[engine.Run]int // processes that are to follow those that have named them
}

// An adoption is looked for until the pid-file names a process of the service.
type adoption struct {
	pid    int             // of the first process
	wrote  readiness.Check // whether the pid-file was written in this run
	exited *engine.Exited  // how that has ended
	over   chan struct{}   // closed when nobody is looked for any more
}

func newAdopter(g *guard, p processes) *adopter {
	return &adopter{guard: g, procs: p, active: map[engine.Run]*adoption{}, heirs: map[engine.Run]int{}}
}

// expect is to be called before the first process is made: it may have ended before
// begin.
func (a *adopter) expect(run engine.Run, file string) {
	x := &adoption{wrote: readiness.File(file), over: make(chan struct{})}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.active[run] = x
}

// begin looks for the process that the file names, unless the run is over already. The
// first process may be that itself.
func (a *adopter) begin(run engine.Run, pid int, file string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if x := a.active[run]; x != nil {
		x.pid = pid
		a.goes("pid-file", func() { a.watch(run, x, file) })
	}
}

// The file is looked at every so often: it may be on any file system, and in a
// directory that is not there yet.
const lookFirst, lookMost = 5 * time.Millisecond, 200 * time.Millisecond

func (a *adopter) watch(run engine.Run, x *adoption, file string) {
	for wait := lookFirst; ; wait = min(wait*3/2, lookMost) {
		if pid, err := readPID(file); err == nil && a.found(run, x, pid) {
			return
		}
		select {
		case <-x.over:
			return
		case <-a.quit:
			return
		case <-time.After(wait):
		}
	}
}

// found takes the process for the service's, if it is one of it. A number that is
// left from an earlier life, or is somebody else's, is none. Of an orphan without a name
// the file itself tells whose it is, if this run has written it.
func (a *adopter) found(run engine.Run, x *adoption, pid int) bool {
	nameless := x.wrote(context.Background()) == nil
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.active[run] != x:
		return true
	case x.exited == nil && pid != x.pid:
		return false // its parent still lives
	case x.exited != nil && a.procs.Adopt(run, pid, nameless) != nil:
		return false
	}
	delete(a.active, run)
	a.mail.post(engine.BecameReady{Run: run})
	return true
}

// follow makes another process of the service its own as soon as the present one has
// ended: MAINPID of sd_notify(3).
func (a *adopter) follow(run engine.Run, pid int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.heirs[run] = pid
}

// inherits reports whether another process has taken the place of one that has ended.
func (a *adopter) inherits(run engine.Run) bool {
	heir := a.heirs[run]
	delete(a.heirs, run)
	return heir != 0 && a.procs.Adopt(run, heir, false) == nil
}

// holds keeps a good end of the first process, as long as another one is looked for.
func (a *adopter) holds(ev engine.Exited) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inherits(ev.Run) {
		return true
	}
	x := a.active[ev.Run]
	if x == nil {
		return false
	}
	if ev.Status == (tree.Status{}) {
		x.exited = &ev
		return true
	}
	a.drop(ev.Run, x)
	return false
}

// stop ends a search: the run is to end. It reports whether there was no process to
// be told so.
func (a *adopter) stop(run engine.Run) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.heirs, run)
	x := a.active[run]
	if x == nil {
		return false
	}
	a.drop(run, x)
	if x.exited == nil {
		return false
	}
	a.mail.post(engine.Exited{Run: run, Strays: true}) // whoever it was has to end
	return true
}

func (a *adopter) drop(run engine.Run, x *adoption) {
	delete(a.active, run)
	close(x.over)
}

var errNoPID = errors.New("it holds no process number")

func readPID(file string) (int, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid < 2 {
		return 0, fmt.Errorf("%s: %w", file, errNoPID)
	}
	return pid, nil
}
