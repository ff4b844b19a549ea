package supervise

import (
	"maps"
	"sync"
	"time"

	"bole/tree"
	"bole/tree/control"
	"bole/tree/engine"
)

// usageFresh is how old an answer may be: to make one, all of /proc is read.
const usageFresh = 100 * time.Millisecond

// A usage is what services use. The processor time of each only grows, whoever of its
// processes has gone, and with it what it has used.
type usage struct {
	mu   sync.Mutex
	at   time.Time
	last map[string]control.Usage
	seen map[engine.Run]time.Duration // of those that live
	cpu  map[tree.ID]time.Duration
}

// Usage is what each service that runs uses, by its name.
func (v *viewer) Usage() map[string]control.Usage {
	u := &v.usage
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.at.IsZero() || time.Since(u.at) > usageFresh {
		u.last, u.at = u.look(v), time.Now()
	}
	return u.last
}

func (u *usage) look(v *viewer) map[string]control.Usage {
	if u.cpu == nil {
		u.cpu, u.seen = map[tree.ID]time.Duration{}, map[engine.Run]time.Duration{}
	}
	now, out := v.procs.Usage(), map[string]control.Usage{}
	for run, x := range now {
		u.cpu[run.Service] += max(0, x.CPU-u.seen[run])
		u.seen[run] = x.CPU
		name := v.tree.Services[run.Service].Name
		sum := out[name]
		out[name] = control.Usage{Processes: sum.Processes + x.Processes, Resident: sum.Resident + x.Resident, CPUSeconds: u.cpu[run.Service].Seconds()}
	}
	maps.DeleteFunc(u.seen, func(run engine.Run, _ time.Duration) bool { _, lives := now[run]; return !lives })
	return out
}
