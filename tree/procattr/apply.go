package procattr

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Apply gives this process the attributes, the user (nil: it stays who it is) and
// the working directory ("": it stays there, or goes to the new root). The error is
// a *Fault. What belongs to a thread is the calling thread's alone: it has to be
// locked, and has to be the one that calls exec.
func (a *Attr) Apply(c *Credential, dir string) error {
	groups := c != nil && c.SetsGroups() // asked while there is a /proc
	for _, step := range []func() error{
		a.setTerminal, a.setOOMScoreAdj, a.setNice, a.setCPUs, a.setLimits, a.dropBounding,
		a.changeRoot,
		func() error { return a.become(c, groups) },
		a.keepInheritable, a.raiseAmbient,
		func() error { return a.changeDirectory(dir) },
		a.setUmask, a.setNoNewPrivileges,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// setTerminal makes a terminal the standard files, and the controlling terminal of
// the session, whose leader this process has to be.
func (a *Attr) setTerminal() error {
	if a.Terminal == "" {
		return nil
	}
	fd, err := unix.Open(a.Terminal, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return fault("tty", a.Terminal, err, "")
	}
	defer unix.Close(fd)
	unix.SetNonblock(fd, false) // only not to wait for a modem
	switch err := unix.IoctlSetInt(fd, unix.TIOCSCTTY, 0); err {
	case nil:
	case unix.ENOTTY:
		return &Fault{"tty", a.Terminal, "it is no terminal", unix.ENOTTY}
	default:
		return fault("tty", a.Terminal, err, "it is the controlling terminal of another session")
	}
	for n := range 3 {
		if err := unix.Dup3(fd, n, 0); err != nil {
			return fault("tty", a.Terminal, err, "")
		}
	}
	return nil
}

func (a *Attr) setOOMScoreAdj() error {
	if a.OOMScoreAdj == nil {
		return nil
	}
	err := os.WriteFile("/proc/self/oom_score_adj", []byte(strconv.Itoa(*a.OOMScoreAdj)), 0)
	if errors.Is(err, unix.ENOENT) {
		return &Fault{"oom-score-adj", strconv.Itoa(*a.OOMScoreAdj), "/proc is not mounted", unix.ENOENT}
	}
	return fault("oom-score-adj", *a.OOMScoreAdj, err, "only root (CAP_SYS_RESOURCE) may go below what bole has")
}

func (a *Attr) setNice() error {
	if a.Nice == nil {
		return nil
	}
	return fault("nice", *a.Nice, unix.Setpriority(unix.PRIO_PROCESS, 0, *a.Nice), "only root (CAP_SYS_NICE) may go below what bole has")
}

func (a *Attr) setCPUs() error {
	if a.CPUs == nil {
		return nil
	}
	var set unix.CPUSet
	for _, n := range a.CPUs {
		set.Set(n)
	}
	err := unix.SchedSetaffinity(0, &set)
	if err == unix.EINVAL {
		count, _ := OnlineCPUs()
		return &Fault{"cpu-affinity", fmt.Sprint(a.CPUs), fmt.Sprintf("none of these is among the %d that bole may use", count), unix.EINVAL}
	}
	return fault("cpu-affinity", a.CPUs, err, "")
}

// setLimits goes through package syscall, which then does not put back at exec what
// the Go runtime has made of the limit of open files.
func (a *Attr) setLimits() error {
	for _, l := range a.Limits {
		r, _ := findResource(l.Name)
		var now, want syscall.Rlimit
		if err := syscall.Getrlimit(r.number, &now); err != nil {
			return fault("limits."+l.Name, l, err, "")
		}
		want = syscall.Rlimit{Cur: l.Soft, Max: l.Hard}
		if l.Keep {
			want.Max = now.Max
		}
		hint := "the hard limit is " + amount(now.Max)
		if err := syscall.Setrlimit(r.number, &want); err == unix.EINVAL {
			return &Fault{"limits." + l.Name, l.String(), hint, unix.EINVAL}
		} else if err != nil {
			return fault("limits."+l.Name, l, err, hint)
		}
	}
	return nil
}

// dropBounding takes away what the program shall never have.
func (a *Attr) dropBounding() error {
	if a.Bounding == nil {
		return nil
	}
	for n := range (bounding() &^ *a.Bounding).numbers {
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(n), 0, 0, 0); err != nil {
			return fault("capabilities", a.Bounding, err, "only root (CAP_SETPCAP) may take capabilities away")
		}
	}
	return nil
}

func (a *Attr) changeRoot() error {
	if a.Chroot == "" {
		return nil
	}
	if err := unix.Chroot(a.Chroot); err != nil {
		hint := "only root (CAP_SYS_CHROOT) may change the root directory"
		if err == unix.EACCES {
			hint = ""
		}
		return fault("chroot", a.Chroot, err, hint)
	}
	return fault("chroot", a.Chroot, unix.Chdir("/"), "")
}

// become changes the user of this thread. The capabilities that are asked for
// outlive the change.
func (a *Attr) become(c *Credential, groups bool) error {
	if c == nil {
		return nil
	}
	if a.Ambient != 0 {
		if err := unix.Prctl(unix.PR_SET_KEEPCAPS, 1, 0, 0, 0); err != nil {
			return fault("ambient-capabilities", a.Ambient, err, "")
		}
	}
	err := c.set(groups)
	switch err {
	case nil:
		return nil
	case unix.EPERM:
		return &Fault{"user", c.String(), fmt.Sprintf("not permitted: bole runs as user %d", os.Geteuid()), unix.EPERM}
	case unix.EINVAL:
		return &Fault{"user", c.String(), "this user namespace does not have both the user and the group", unix.EINVAL}
	}
	return fault("user", c, err, "")
}

// set changes the calling thread alone, unlike package syscall, as keeping
// capabilities does too.
func (c *Credential) set(withGroups bool) error {
	if withGroups {
		groups := append(c.Groups[:len(c.Groups):len(c.Groups)], 0) // there is a first one to point to
		if _, _, e := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(c.Groups)), uintptr(unsafe.Pointer(&groups[0])), 0); e != 0 {
			return e
		}
	}
	gid, uid := uintptr(c.GID), uintptr(c.UID)
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESGID, gid, gid, gid); e != 0 {
		return e
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, uid, uid, uid); e != 0 {
		return e
	}
	return nil
}

// keepInheritable takes from the inheritable set what the bounding set has not:
// root would have it back by exec.
func (a *Attr) keepInheritable() error {
	if a.Bounding == nil {
		return nil
	}
	caps, err := getCaps()
	if err == nil && caps.inheritable&^*a.Bounding != 0 {
		caps.inheritable &= *a.Bounding
		err = caps.set()
	}
	return fault("capabilities", a.Bounding, err, "")
}

// raiseAmbient has an exec pass capabilities on to a program of an ordinary user:
// they must be permitted and inheritable for that. Nothing else that the change of
// the user has left stays.
func (a *Attr) raiseAmbient() error {
	if a.Ambient == 0 {
		return nil
	}
	caps, err := getCaps()
	if err != nil {
		return fault("ambient-capabilities", a.Ambient, err, "")
	}
	if missing := a.Ambient &^ caps.permitted; missing != 0 {
		return &Fault{"ambient-capabilities", a.Ambient.String(), fmt.Sprintf("not permitted: bole itself does not have %s", missing), unix.EPERM}
	}
	if _, uid, _ := unix.Getresuid(); uid != 0 {
		caps = threadCaps{a.Ambient, a.Ambient, a.Ambient}
	} else {
		caps.inheritable |= a.Ambient
	}
	const hint = "the bounding set does not have them, or the container forbids it"
	if err := caps.set(); err != nil {
		return fault("ambient-capabilities", a.Ambient, err, hint)
	}
	for n := range a.Ambient.numbers {
		if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, uintptr(n), 0, 0); err != nil {
			return fault("ambient-capabilities", a.Ambient, err, hint)
		}
	}
	return nil
}

func (a *Attr) changeDirectory(dir string) error {
	if dir == "" {
		return nil
	}
	return fault("directory", dir, unix.Chdir(dir), "its user may not enter it")
}

func (a *Attr) setUmask() error {
	if a.Umask != nil {
		unix.Umask(*a.Umask)
	}
	return nil
}

func (a *Attr) setNoNewPrivileges() error {
	if !a.NoNewPrivileges {
		return nil
	}
	return fault("no-new-privileges", true, unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "")
}
