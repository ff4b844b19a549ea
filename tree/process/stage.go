package process

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"bole/tree/procattr"
)

// What fork and exec cannot give a process it gives itself: the child runs this very
// program once more, under the name below, which takes in an order by a socket,
// applies it, and becomes the service's program. The socket closes with the exec.
const stageName = "bole: about to become a service"

// An order is what the stage does.
type order struct {
	Argv, Env []string
	Dir       string
	User      *procattr.Credential
	Attr      *procattr.Attr

	Foreground bool
}

// execs is what the stage says just before the exec: what then closes the socket is
// not its death.
const execs = '.'

// staged makes the process by way of the stage.
func (c *Command) staged() (pid int, err error) {
	fds, done, err := descriptors(c)
	if err != nil {
		return 0, err
	}
	defer done()
	ours, theirs, err := socketPair()
	if err != nil {
		return 0, err
	}
	defer ours.Close()
	argv := []string{stageName, strconv.Itoa(len(fds))}
	attr := &syscall.ProcAttr{Env: []string{}, Files: append(fds, uintptr(theirs)), Sys: &syscall.SysProcAttr{Setsid: !c.Foreground}}
	pid, err = forkExec(self(), argv, attr)
	unix.Close(theirs)
	if errno, ok := err.(syscall.Errno); ok {
		return 0, explain(self(), &Command{Argv: []string{self()}}, errno)
	}
	if err = c.command(ours); err != nil {
		bury(pid)
		return 0, err
	}
	return pid, nil
}

func socketPair() (ours *os.File, theirs int, err error) {
	p, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, 0, &StartError{Errno: err.(syscall.Errno), Reason: "cannot make a socket: " + err.Error()}
	}
	unix.SetNonblock(p[0], true)
	return os.NewFile(uintptr(p[0]), "stage"), p[1], nil
}

// self is this program, also when its file has been replaced.
func self() string {
	const link = "/proc/self/exe"
	if unix.Access(link, unix.X_OK) == nil {
		return link
	}
	if path, err := filepath.Abs(os.Args[0]); err == nil {
		return path // there is no /proc
	}
	return os.Args[0]
}

// command tells the stage what to do, and waits for what comes of it.
func (c *Command) command(stage *os.File) error {
	err := json.NewEncoder(stage).Encode(order{c.Argv, c.Env, c.Dir, c.User, c.Attr, c.Foreground})
	answer, _ := io.ReadAll(stage)
	if len(answer) == 1 && answer[0] == execs {
		return nil
	}
	var fault StartError
	if len(answer) > 0 && answer[0] == execs {
		answer = answer[1:]
	}
	if bad := json.Unmarshal(answer, &fault); err != nil || bad != nil {
		return &StartError{Program: c.Argv[0], Errno: unix.EAGAIN, Reason: "something ended the helper that was to become it"}
	}
	return &fault
}

// bury takes in the end of a stage that came to nothing. Nobody else does: it is in
// no table, and a fork is under way.
func bury(pid int) {
	for {
		if _, err := unix.Wait4(pid, nil, 0, nil); err != unix.EINTR {
			return
		}
	}
}

// Stage does what it was made for, and does not return, if this process is a stage.
// It is to be called before anything else.
func Stage() {
	if len(os.Args) != 2 || os.Args[0] != stageName {
		return
	}
	fd, err := strconv.Atoi(os.Args[1])
	if err != nil {
		return
	}
	unix.CloseOnExec(fd)
	socket := os.NewFile(uintptr(fd), "stage")
	var o order
	if err := json.NewDecoder(socket).Decode(&o); err == nil {
		json.NewEncoder(socket).Encode(o.carryOut(func() { socket.Write([]byte{execs}) }))
	}
	os.Exit(126)
}

// carryOut returns only if that fails.
func (o *order) carryOut(before func()) *StartError {
	if o.Foreground {
		takeTerminal()
	}
	err := o.Attr.Apply(o.User, o.Dir)
	var fault *procattr.Fault
	if errors.As(err, &fault) {
		return &StartError{Errno: fault.Errno, Reason: fault.Error()}
	}
	return Exec(o.Argv, "", o.Env, before)
}

// Exec makes this process a program: the one that argv[0] means by the environment's
// PATH. The program is told argv0 as its own name, unless that is empty. Exec returns
// only if that fails; before is called at the last moment.
func Exec(argv []string, argv0 string, env []string, before func()) *StartError {
	c := &Command{Argv: argv, Env: env}
	path, err := lookup(c)
	if err == nil {
		args := slices.Clone(argv)
		args[0] = cmp.Or(argv0, args[0])
		before()
		err = explain(path, c, unix.Exec(path, args, env).(syscall.Errno))
	}
	var start *StartError
	errors.As(err, &start)
	return start
}
