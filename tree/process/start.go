package process

import (
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Command says what to run, and in what conditions.
type Command struct {
	Argv   []string // Argv[0] is looked for in Env's PATH, unless it holds a slash
	Env    []string
	Dir    string      // "": bole's own
	User   *Credential // nil: bole's own
	Stdin  int         // open files of this process; the child has no others,
	Stdout int         // but for Notify
	Stderr int
	Notify int    // a file of this process that the child sees as NotifyAs
	As     int    // 3 or more; 0: there is none
	Mark   string // the value of BOLE_SERVICE in Env
}

// A Credential is who runs a command.
type Credential struct {
	UID, GID uint32
	Groups   []uint32 // supplementary ones
}

// Start makes the process of a run, as the leader of a new session, with the
// signals and limits that bole itself was started with, but none ignored and none
// blocked. It returns when the program is executed, or cannot be. An error is a
// *StartError. It is safe to call from several goroutines at a time.
func (t *Table[K]) Start(key K, c *Command) (pid int, err error) {
	path, err := lookup(c)
	if err != nil {
		return 0, err
	}
	t.mu.Lock()
	t.making++
	t.mu.Unlock()
	pid, errno := forkExec(path, c)
	t.made(key, c, pid, errno == nil)
	if errno != nil {
		return 0, explain(path, c, errno)
	}
	return pid, nil
}

// made enters the child in the table. Whoever had to leave an end to later may
// take it now.
func (t *Table[K]) made(key K, c *Command, pid int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.making--
	if ok {
		child := &child[K]{key: key, pid: pid, mark: c.Mark, alive: true}
		t.byPID[pid], t.byKey[key] = child, child
	}
	if t.owed {
		t.owed = t.making > 0
		select {
		case t.again <- struct{}{}:
		default:
		}
	}
}

func forkExec(path string, c *Command) (int, error) {
	attr := &syscall.ProcAttr{
		Dir:   c.Dir,
		Env:   c.Env,
		Files: files(c),
		Sys:   &syscall.SysProcAttr{Setsid: true},
	}
	if u := c.User; u != nil {
		attr.Sys.Credential = &syscall.Credential{Uid: u.UID, Gid: u.GID, Groups: u.Groups, NoSetGroups: !maySetGroups()}
	}
	// A child has the signal mask of the thread that made it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer unblockSignals()()
	return syscall.ForkExec(path, c.Argv, attr)
}

// files is what the child's descriptors are, from 0 on.
func files(c *Command) []uintptr {
	out := []uintptr{uintptr(c.Stdin), uintptr(c.Stdout), uintptr(c.Stderr)}
	if c.As == 0 {
		return out
	}
	for len(out) < c.As {
		out = append(out, ^uintptr(0)) // closed
	}
	return append(out, uintptr(c.Notify))
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
