package process

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A proc reads /proc.
type proc struct {
	mounted bool // and of the PID namespace that this process is in
	orphans int  // the list of the first thread's children, open; -1: the kernel has none
}

// openProc keeps the list open: it is read at each end of a service.
func openProc() proc {
	if !procMounted() {
		return proc{orphans: -1}
	}
	fd, err := unix.Open("/proc/self/task/"+strconv.Itoa(os.Getpid())+"/children", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		fd = -1 // the kernel was built without CONFIG_PROC_CHILDREN
	}
	return proc{true, fd}
}

func procMounted() bool {
	name, err := os.Readlink("/proc/self")
	return err == nil && name == strconv.Itoa(os.Getpid())
}

// children lists the children of this process's first thread: orphans that it
// inherited, and few others. ok is false if the kernel does not say.
func (p proc) children() (pids []int, ok bool) {
	if p.orphans < 0 {
		return nil, false
	}
	var text []byte
	for buf := make([]byte, 4096); ; { // the kernel gives a page at a time
		n, err := unix.Pread(p.orphans, buf, int64(len(text)))
		if err != nil {
			return nil, false
		}
		if n == 0 {
			return numbers(text), true
		}
		text = append(text, buf[:n]...)
	}
}

func numbers(text []byte) (out []int) {
	for _, f := range bytes.Fields(text) {
		if n, err := strconv.Atoi(string(f)); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// A stat is what /proc/PID/stat says of a process.
type stat struct {
	pid, parent, group, session int
	began                       uint64 // clock ticks since boot: with the pid, one process and no other
	ticks                       uint64 // of processor time, with that of children it has waited for
	pages                       uint64 // in memory
	ending                      bool   // it is about to be a zombie, or is one
	zombie                      bool
}

// stat reads one process's; ok is false when there is none.
func (p proc) stat(pid int) (s stat, ok bool) {
	var buf [1024]byte
	text := read("/proc/"+strconv.Itoa(pid)+"/stat", buf[:])
	_, rest, _ := bytes.Cut(text, []byte{'('}) // the name may hold anything, also blanks and brackets
	f := strings.Fields(string(rest[bytes.LastIndexByte(rest, ')')+1:]))
	if !p.mounted || len(f) < 22 {
		return s, false
	}
	number := func(i int) int { n, _ := strconv.Atoi(f[i]); return n }
	count := func(i int) uint64 { n, _ := strconv.ParseUint(f[i], 10, 64); return n }
	return stat{
		pid: pid, parent: number(1), group: number(2), session: number(3), began: count(19),
		ticks: count(11) + count(12) + count(13) + count(14), pages: count(21),
		ending: number(6)&pfExiting != 0,
		zombie: f[0] == "X" || f[0] == "Z" && number(17) < 2, // threads may outlive the first one
	}, true
}

// pfExiting is PF_EXITING of the kernel (include/linux/sched.h).
const pfExiting = 4

// read reads the beginning of a small file, with three system calls.
func read(path string, buf []byte) []byte {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	n, _ := unix.Read(fd, buf)
	return buf[:max(n, 0)]
}

// all reads every process's.
func (p proc) all() (out []stat) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			if s, ok := p.stat(pid); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

// mark is the BOLE_SERVICE of a process. It is certain if there was an environment
// to read: that of a process that is about to execute a program is empty for a
// moment, and some can never be read.
func (p proc) mark(pid int) (mark string, certain bool) {
	return p.variable(pid, "BOLE_SERVICE")
}

// variable is what a process's environment says of a name.
func (p proc) variable(pid int, name string) (value string, certain bool) {
	dir := "/proc/" + strconv.Itoa(pid)
	env, err := os.ReadFile(dir + "/environ")
	if os.IsPermission(err) {
		env = readAsOwner(dir, "environ")
	}
	for v := range bytes.SplitSeq(env, []byte{0}) {
		if n, value, _ := bytes.Cut(v, []byte{'='}); string(n) == name {
			return string(value), true
		}
	}
	return "", len(env) > 0
}

// readAsOwner reads a file with the rights of its directory's owner. In a container
// root usually has not CAP_SYS_PTRACE, without which another user's environment
// is closed to it; but it may take on that user's file system ids, for one thread.
func readAsOwner(dir, name string) []byte {
	var st unix.Stat_t
	if os.Geteuid() != 0 || unix.Stat(dir, &st) != nil {
		return nil
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer staysDumpable()
	unix.Setfsgid(int(st.Gid)) // first: as another user it may not
	defer unix.Setfsgid(os.Getegid())
	unix.Setfsuid(int(st.Uid))
	defer unix.Setfsuid(0)
	text, _ := os.ReadFile(dir + "/" + name)
	return text
}
