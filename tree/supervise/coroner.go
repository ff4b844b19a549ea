package supervise

import (
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"bole/tree"
	"bole/tree/control"
	"bole/tree/engine"
	"bole/tree/process"
)

const (
	endsMost  = 10 // of a service, that are kept
	wordsMost = 50 // lines of what it wrote before it failed
)

// A coroner keeps how the runs of services have ended, and of the last that failed what
// there was to find. The spawner tells it of the conditions, the reaper of what the kernel
// has counted, and the loop of the end.
type coroner struct {
	*guard
	tree *tree.Tree
	view *viewer
	keep func(e *engine.Engine, ef engine.Changed, heard <-chan struct{}) // called when a service gives up; heard is closed when its last words are known
	oom  oom

	mu     sync.Mutex
	counts map[tree.ID]counts // of the process of each that has ended last
	scenes map[tree.ID]*scene
}

// counts are the kernel's, of a process that has ended.
type counts struct {
	role      engine.Role
	maxRSS    int64
	core, oom bool
}

// A scene is what is kept of one service.
type scene struct {
	conditions *control.Conditions // of the last process
	given      []string            // names of its variables that oneshots have handed on
	noted      engine.End          // the last end that was seen
	ends       []control.EndNote   // the newest first
	fatal      *control.EndNote    // the last that was a failure
	lines      []control.Line      // the last before that
}

func newCoroner(g *guard, t *tree.Tree, v *viewer, keep func(*engine.Engine, engine.Changed, <-chan struct{})) *coroner {
	return &coroner{guard: g, tree: t, view: v, keep: keep, counts: map[tree.ID]counts{}, scenes: map[tree.ID]*scene{}}
}

// scene is to be called with the lock.
func (c *coroner) scene(id tree.ID) *scene {
	if c.scenes[id] == nil {
		c.scenes[id] = &scene{}
	}
	return c.scenes[id]
}

// spawns keeps the conditions in which a process is made.
func (c *coroner) spawns(svc *tree.Service, p *process.Command, given []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.scene(svc.ID)
	s.given = given
	s.conditions = &control.Conditions{Command: p.Argv, Directory: p.Dir, Env: p.Env, User: svc.User, Credential: p.User, Attributes: p.Attr}
}

// reaped keeps what the kernel has counted, until the loop hears of the end.
func (c *coroner) reaped(x process.Exit[engine.Run]) {
	n := counts{role: x.Key.Role, maxRSS: ownMemory(x.MaxRSS), core: x.Core}
	if x.Signal == sigkill {
		n.oom = c.oom.look()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[x.Key.Service] = n
}

// ownMemory is the most that a process had, if that is known: the kernel counts what bole
// had when it made the process as the process's too.
func ownMemory(most int64) int64 {
	var own unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &own); most <= int64(own.Maxrss)<<10 {
		return 0
	}
	return most
}

// changed notes an end, if there is a new one, and whether the service gives up by it.
func (c *coroner) changed(e *engine.Engine, ef engine.Changed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := e.Record(ef.Service)
	if r.Last.Cause == engine.NoCause {
		return
	}
	s := c.scene(ef.Service)
	fresh := r.Last != s.noted
	if fresh {
		c.note(s, e, ef.Service)
	}
	if fresh && c.failed(&r.Last, ef.Service) || ef.To == engine.Failed {
		s.fatal = &s.ends[0]
		heard := make(chan struct{})
		c.console.After(int(ef.Service), func() { c.lastWords(ef.Service, heard) })
		if ef.To == engine.Failed {
			c.keep(e, ef, heard)
		}
	}
}

func (c *coroner) note(s *scene, e *engine.Engine, id tree.ID) {
	last := e.Record(id).Last
	note := control.EndNote{At: c.view.wall(last.At), What: e.How(id), Exit: exit(&last), Ran: last.Ran.Seconds()}
	if n := c.counts[id]; n.role == last.Role && last.Cause != engine.NotSpawned {
		note.MaxRSS, note.Core, note.OOM = n.maxRSS, n.core, n.oom
	}
	s.noted = last
	s.ends = slices.Insert(slices.Clip(s.ends[:min(len(s.ends), endsMost-1)]), 0, note)
}

// failed reports whether an end was a failure.
func (c *coroner) failed(end *engine.End, id tree.ID) bool {
	switch end.Cause {
	case engine.Asked, engine.Late:
		return false
	case engine.Ended:
		return !c.tree.Services[id].OnSuccess.Has(end.Status)
	}
	return true
}

// lastWords keeps what the service has written until its end.
func (c *coroner) lastWords(id tree.ID, heard chan<- struct{}) {
	defer close(heard)
	lines := c.view.tail(id, wordsMost)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.scene(id).lines = lines
}

// of is a copy of what is kept of a service.
func (c *coroner) of(id tree.ID) scene {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.scenes[id]; s != nil {
		return *s
	}
	return scene{}
}
