package process

import (
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"bole/tree/procattr"
)

// A Command says what to run, and in what conditions.
type Command struct {
	Argv       []string // Argv[0] is looked for in Env's PATH, unless it holds a slash
	Env        []string
	Dir        string               // "": bole's own
	User       *procattr.Credential // nil: bole's own
	Attr       *procattr.Attr       // nil: what bole itself was started with
	Stdin      int                  // open files of this process, -1 is /dev/null; the child
	Stdout     int                  // has no others, but for Notify
	Stderr     int
	Notify     int    // a file of this process that the child sees as As
	As         int    // 1 or more; 0: there is none
	Foreground bool   // it is to have the terminal that is its standard input; of a session of its own only where that is none
	Mark       string // the service: the value of BOLE_SERVICE in Env
}

// Start makes the process of a run, as the leader of a new session, or of a new
// process group if it is to have the terminal, with the signals and limits that bole
// itself was started with, but none ignored and none blocked. It returns when the
// program is executed, or cannot be. An error is a *StartError. It is safe to call
// from several goroutines at a time.
func (t *Table[K]) Start(key K, c *Command) (pid int, err error) {
	t.mu.Lock()
	t.making++
	t.mu.Unlock()
	if c.Attr.Plain() && !c.Foreground {
		pid, err = c.direct()
	} else {
		pid, err = c.staged()
	}
	t.finish(key, c, pid, err == nil)
	return pid, err
}

// uid is the user as whom it is started.
func (c *Command) uid() int {
	if c.User != nil {
		return int(c.User.UID)
	}
	return os.Geteuid()
}

// direct makes the process by one fork and exec.
func (c *Command) direct() (pid int, err error) {
	path, err := lookup(c)
	if err != nil {
		return 0, err
	}
	fds, done, err := descriptors(c)
	if err != nil {
		return 0, err
	}
	defer done()
	attr := &syscall.ProcAttr{Dir: c.Dir, Env: c.Env, Files: fds, Sys: &syscall.SysProcAttr{Setsid: true}}
	if u := c.User; u != nil {
		attr.Sys.Credential = &syscall.Credential{Uid: u.UID, Gid: u.GID, Groups: u.Groups, NoSetGroups: !u.SetsGroups()}
		defer staysDumpable()
	}
	pid, err = forkExec(path, c.Argv, attr)
	if errno, ok := err.(syscall.Errno); ok {
		err = explain(path, c, errno)
	}
	return pid, err
}

func forkExec(path string, argv []string, attr *syscall.ProcAttr) (pid int, err error) {
	offFirstThread(func() {
		defer unblockSignals()() // a child has the signal mask of the thread that made it
		pid, err = syscall.ForkExec(path, argv, attr)
	})
	return pid, err
}

// finish enters the child that was made. Whoever had to leave an end to later may
// take it now.
func (t *Table[K]) finish(key K, c *Command, pid int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.making--
	if ok {
		t.enter(key, pid, c.Mark, c.uid())
	}
	if t.owed {
		t.owed = t.making > 0
		select {
		case t.again <- struct{}{}:
		default:
		}
	}
}

// dumpable is whether this process could be looked into when it began, see prctl(2).
var dumpable, _ = unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)

// staysDumpable undoes that the kernel takes a process for one with secrets when it,
// or a child that still shares its memory, changes its user: nobody in a container
// could look into bole any more.
func staysDumpable() { unix.Prctl(unix.PR_SET_DUMPABLE, uintptr(dumpable), 0, 0, 0) }

// descriptors are what the child's descriptors are, from 0 on.
func descriptors(c *Command) (out []uintptr, done func(), err error) {
	done = func() {}
	for _, fd := range []int{c.Stdin, c.Stdout, c.Stderr} {
		out = append(out, uintptr(fd))
	}
	if c.Stdin < 0 || c.Stdout < 0 || c.Stderr < 0 {
		null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
		if err != nil {
			return nil, done, &StartError{Program: c.Argv[0], Errno: err.(syscall.Errno), Reason: "/dev/null cannot be opened: " + err.Error()}
		}
		for i, fd := range out {
			if int(fd) < 0 {
				out[i] = uintptr(null)
			}
		}
		done = func() { unix.Close(null) }
	}
	for c.As >= len(out) {
		out = append(out, ^uintptr(0)) // closed
	}
	if c.As > 0 {
		out[c.As] = uintptr(c.Notify)
	}
	return out, done, nil
}

// offFirstThread calls f on one thread, and not on the first: its list of children
// is that of the orphans.
func offFirstThread(f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if unix.Gettid() != os.Getpid() {
		f()
		return
	}
	done := make(chan struct{})
	go func() { // the first thread is locked here
		defer close(done)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		f()
	}()
	<-done
}

// unblockSignals unblocks every signal for this thread, if some were blocked
// when bole was started, and returns what puts the mask back.
func unblockSignals() func() {
	var none, old unix.Sigset_t
	if unix.PthreadSigmask(unix.SIG_SETMASK, &none, &old) != nil || old == none {
		return func() {}
	}
	return func() { unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil) }
}
