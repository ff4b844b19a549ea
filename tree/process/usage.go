package process

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Usage is what the processes of a run have of the machine.
type Usage struct {
	Processes int           // that live
	Resident  uint64        // bytes in memory; what several of them share counts for each
	CPU       time.Duration // user and system time, also of children that they have waited for
}

// tick is the unit of times in /proc: USER_HZ is 100 on every Linux that Go runs on.
const tick = time.Second / 100

// Usage returns what each run that lives uses: its own process, and all that belong to
// it. All of /proc is read, without the lock; where there is none, the map is empty.
func (t *Table[K]) Usage() map[K]Usage {
	out := map[K]Usage{}
	if !t.proc.mounted {
		return out
	}
	c := t.census()
	for _, s := range c.all {
		if o := c.of(s.pid); o.run != nil && !s.zombie {
			out[o.run.key] = out[o.run.key].plus(s)
		}
	}
	return out
}

func (u Usage) plus(s stat) Usage {
	return Usage{u.Processes + 1, u.Resident + s.pages*uint64(os.Getpagesize()), u.CPU + time.Duration(s.ticks)*tick}
}

// SelfUsage is what this process itself uses, without its children; without /proc its
// memory is 0.
func SelfUsage() Usage {
	s, _ := proc{mounted: procMounted()}.stat(os.Getpid())
	var used unix.Rusage
	unix.Getrusage(unix.RUSAGE_SELF, &used)
	return Usage{1, Usage{}.plus(s).Resident, time.Duration(used.Utime.Nano() + used.Stime.Nano())}
}

// PID is the number of the run's process, 0 if it does not live. It is for people: by the
// time that it is used it may be another's.
func (t *Table[K]) PID(key K) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.byKey[key]; c != nil && c.alive {
		return c.pid
	}
	return 0
}
