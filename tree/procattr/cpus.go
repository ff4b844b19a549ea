package procattr

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// CPUsMost is the highest number of a processor, plus one, that the kernel's set
// has room for.
const CPUsMost = 1024

// ParseCPUs reads a list of processors as taskset(1) writes it: "0-3,6".
func ParseCPUs(s string) (out []int, ok bool) {
	for part := range strings.SplitSeq(s, ",") {
		low, high, to := strings.Cut(strings.TrimSpace(part), "-")
		if !to {
			high = low
		}
		first, err := strconv.ParseUint(low, 10, 16)
		last, err2 := strconv.ParseUint(high, 10, 16)
		if err != nil || err2 != nil || first > last || last >= CPUsMost {
			return nil, false
		}
		for n := first; n <= last; n++ {
			out = append(out, int(n))
		}
	}
	return out, true
}

// OnlineCPUs reports how many processors this process may use, and whether the one
// of that number is among them.
func OnlineCPUs() (count int, has func(int) bool) {
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil {
		return 0, func(int) bool { return true }
	}
	return set.Count(), set.IsSet
}
