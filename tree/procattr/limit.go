package procattr

import (
	"fmt"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// Unlimited stands for no limit.
const Unlimited = ^uint64(0)

// A Limit is how much of a resource a process may have, see setrlimit(2). The soft
// limit counts; the process may raise it up to the hard one.
type Limit struct {
	Name string `json:"name"` // "nofile"
	Soft uint64 `json:"soft"` // Unlimited: none
	Hard uint64 `json:"hard"`
	Keep bool   `json:"keep,omitempty"` // the hard limit stays as it is
}

// A resource is one that a process can be limited in.
type resource struct {
	name   string
	number int
	bytes  bool // it is counted in bytes
}

var resources = []resource{
	{"as", unix.RLIMIT_AS, true},
	{"core", unix.RLIMIT_CORE, true},
	{"cpu", unix.RLIMIT_CPU, false},
	{"data", unix.RLIMIT_DATA, true},
	{"fsize", unix.RLIMIT_FSIZE, true},
	{"locks", unix.RLIMIT_LOCKS, false},
	{"memlock", unix.RLIMIT_MEMLOCK, true},
	{"msgqueue", unix.RLIMIT_MSGQUEUE, true},
	{"nice", unix.RLIMIT_NICE, false},
	{"nofile", unix.RLIMIT_NOFILE, false},
	{"nproc", unix.RLIMIT_NPROC, false},
	{"rss", unix.RLIMIT_RSS, true},
	{"rtprio", unix.RLIMIT_RTPRIO, false},
	{"rttime", unix.RLIMIT_RTTIME, false},
	{"sigpending", unix.RLIMIT_SIGPENDING, false},
	{"stack", unix.RLIMIT_STACK, true},
}

// LimitNames are the resources that there are, as getrlimit(2) calls them, in lower
// case and without RLIMIT_.
func LimitNames() []string {
	var out []string
	for _, r := range resources {
		out = append(out, r.name)
	}
	return out
}

func findResource(name string) (resource, bool) {
	i := slices.IndexFunc(resources, func(r resource) bool { return r.name == name })
	if i < 0 {
		return resource{}, false
	}
	return resources[i], true
}

// InBytes reports whether a resource is counted in bytes, so that "64MiB" is a value.
func InBytes(name string) bool {
	r, _ := findResource(name)
	return r.bytes
}

// String is the limit as it would be written.
func (l Limit) String() string {
	if l.Keep || l.Soft == l.Hard {
		return amount(l.Soft)
	}
	return fmt.Sprintf("{ soft = %s, hard = %s }", amount(l.Soft), amount(l.Hard))
}

func amount(n uint64) string {
	if n == Unlimited {
		return "unlimited"
	}
	return strconv.FormatUint(n, 10)
}
