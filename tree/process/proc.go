package process

import (
	"bytes"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A proc reads /proc. Where it is not mounted there is nothing to read, and
// strays are those of the process group alone.
type proc struct {
	orphans int // the list of the first thread's children, open; -1: the kernel has none
}

// openProc keeps the list open: it is read at each end of a service.
func openProc() proc {
	self := strconv.Itoa(os.Getpid())
	fd, err := unix.Open("/proc/self/task/"+self+"/children", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		fd = -1 // CONFIG_PROC_CHILDREN is missing, or /proc
	}
	return proc{fd}
}

// children lists the children of this process's first thread: orphans that it
// inherited, and few others. ok is false if the kernel does not say.
func (p proc) children() (pids []int, ok bool) {
	if p.orphans < 0 {
		return nil, false
	}
	buf := make([]byte, 4096)
	n, err := unix.Pread(p.orphans, buf, 0)
	if err != nil || n == len(buf) {
		return nil, false // more than fits: then there are orphans enough
	}
	for _, f := range bytes.Fields(buf[:n]) {
		if pid, err := strconv.Atoi(string(f)); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids, true
}

// A stat is what /proc/PID/stat says of a process.
type stat struct {
	pid, parent, group, session int
	began                       uint64 // clock ticks since boot: with the pid, one process and no other
	zombie                      bool
}

// stat reads one process's; ok is false when there is none.
func (p proc) stat(pid int) (s stat, ok bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return s, false
	}
	_, rest, _ := bytes.Cut(text, []byte{'('}) // the name may hold anything, also blanks and brackets
	f := strings.Fields(string(rest[bytes.LastIndexByte(rest, ')')+1:]))
	if len(f) < 20 {
		return s, false
	}
	number := func(i int) int { n, _ := strconv.Atoi(f[i]); return n }
	began, _ := strconv.ParseUint(f[19], 10, 64)
	return stat{pid, number(1), number(2), number(3), began, f[0] == "Z" || f[0] == "X"}, true
}

// all reads every live process's.
func (p proc) all() (out []stat) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			if s, ok := p.stat(pid); ok && !s.zombie {
				out = append(out, s)
			}
		}
	}
	return out
}

// marked reports whether a process carries BOLE_SERVICE=mark. Another user's
// environment may be unreadable, and a process may clear its own.
func (p proc) marked(pid int, mark string) bool {
	env, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil || mark == "" {
		return false
	}
	return bytes.Contains(append([]byte{0}, env...), []byte("\x00BOLE_SERVICE="+mark+"\x00"))
}
