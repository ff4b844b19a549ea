package procattr

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Check says what of the attributes this process, as it is now, could not give. It
// changes nothing. The limits are those that hold for it; something else may hold
// where the definitions will run.
func (a *Attr) Check() (out []*Fault) {
	caps, _ := getCaps()
	can := func(n int) bool { return caps.effective&(1<<n) != 0 }
	doubt := func(key string, value any, reason string) {
		out = append(out, &Fault{Key: key, Value: fmt.Sprint(value), Reason: reason})
	}
	if a.Nice != nil && *a.Nice < priority() && !can(unix.CAP_SYS_NICE) {
		doubt("nice", *a.Nice, fmt.Sprintf("only root (CAP_SYS_NICE) may go below %d", priority()))
	}
	if a.OOMScoreAdj != nil && *a.OOMScoreAdj < oomScoreAdj() && !can(unix.CAP_SYS_RESOURCE) {
		doubt("oom-score-adj", *a.OOMScoreAdj, fmt.Sprintf("only root (CAP_SYS_RESOURCE) may go below %d", oomScoreAdj()))
	}
	if count, has := OnlineCPUs(); count > 0 {
		for _, n := range a.CPUs {
			if !has(n) {
				doubt("cpu-affinity", n, fmt.Sprintf("there is no processor %d for bole, which may use %d", n, count))
			}
		}
	}
	for _, l := range a.Limits {
		if hard := hardLimit(l.Name); max(l.Soft, l.Hard) > hard && !can(unix.CAP_SYS_RESOURCE) {
			doubt("limits."+l.Name, l, "not permitted here: the hard limit is "+amount(hard))
		}
	}
	if a.Bounding != nil && bounding()&^*a.Bounding != 0 && !can(unix.CAP_SETPCAP) {
		doubt("capabilities", a.Bounding, "only root (CAP_SETPCAP) may take capabilities away")
	}
	if missing := a.Ambient &^ caps.permitted; missing != 0 {
		doubt("ambient-capabilities", a.Ambient, fmt.Sprintf("bole itself does not have %s", missing))
	}
	if a.Chroot != "" && !can(unix.CAP_SYS_CHROOT) {
		doubt("chroot", a.Chroot, "only root (CAP_SYS_CHROOT) may change the root directory")
	}
	return out
}

// priority is the nice value of this process; the kernel's call gives 20 minus that.
func priority() int {
	n, _ := unix.Getpriority(unix.PRIO_PROCESS, 0)
	return 20 - n
}

func oomScoreAdj() int {
	text, _ := os.ReadFile("/proc/self/oom_score_adj")
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return -1000 // nobody knows, so nothing is wrong
	}
	return n
}

func hardLimit(name string) uint64 {
	r, _ := findResource(name)
	var l syscall.Rlimit
	if syscall.Getrlimit(r.number, &l) != nil {
		return Unlimited
	}
	return l.Max
}
