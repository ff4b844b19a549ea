package supervise

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

const sigkill = int(unix.SIGKILL)

// An oom tells whether the kernel has killed something of this cgroup because memory was
// short (memory.events of cgroup v2). Whom, it does not say: whoever was found killed just
// then.
type oom struct {
	mu     sync.Mutex
	looked bool
	file   string // "": there is none
	kills  uint64 // that have been seen
}

// look reports whether there was one since the last look.
func (o *oom) look() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.looked {
		o.looked, o.file = true, memoryEvents()
	}
	if o.file == "" {
		return false
	}
	text, err := os.ReadFile(o.file)
	if err != nil {
		return false
	}
	before := o.kills
	o.kills = killsIn(text)
	return o.kills > before
}

// memoryEvents is the file of this process's cgroup as it is usually mounted: with all
// cgroups, or, in a container, with its own at the top.
func memoryEvents() string {
	const top, file = "/sys/fs/cgroup", "/memory.events"
	text, _ := os.ReadFile("/proc/self/cgroup")
	for line := range strings.Lines(string(text)) {
		path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::")
		if _, err := os.Stat(top + path + file); ok && err == nil {
			return top + path + file
		}
	}
	if _, err := os.Stat(top + file); err == nil {
		return top + file
	}
	return ""
}

func killsIn(text []byte) uint64 {
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if n, ok := strings.CutPrefix(lines.Text(), "oom_kill "); ok {
			kills, _ := strconv.ParseUint(n, 10, 64)
			return kills
		}
	}
	return 0
}
