package process

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"bole/tree/procattr"
)

// A StartError says why a program could not be run, in words that name the path
// that is at fault: the directory is not the program, and neither is a script's
// interpreter.
type StartError struct {
	Program string // as the command names it; "": it did not come so far
	Path    string // where it was found, or ""
	Errno   syscall.Errno
	Reason  string // "it" is the program
}

func (e *StartError) Error() string {
	if e.Program == "" {
		return e.Reason
	}
	if e.Path != "" && e.Path != e.Program {
		return fmt.Sprintf("cannot run %s, found as %s: %s", e.Program, e.Path, e.Reason)
	}
	return fmt.Sprintf("cannot run %s: %s", e.Program, e.Reason)
}

// Code is what a shell would end with: 127 for what is not there, 126 for what
// cannot be run.
func (e *StartError) Code() int {
	if e.Errno == unix.ENOENT && e.Program != "" {
		return 127
	}
	return 126
}

// Temporary reports whether it may work a moment later, unchanged.
func (e *StartError) Temporary() bool {
	switch e.Errno {
	case unix.EAGAIN, unix.ENOMEM, unix.EMFILE, unix.ENFILE, unix.ETXTBSY:
		return true
	}
	return false
}

// explain finds out what a failed fork or exec was about: the kernel gives one
// number for a dozen steps.
func explain(path string, c *Command, errno syscall.Errno) error {
	e := &StartError{Program: c.Argv[0], Path: path, Errno: errno}
	for _, ask := range []func(string, *Command, syscall.Errno) string{aboutUser, aboutMachine, aboutDirectory, aboutFile} {
		if e.Reason = ask(at(c.Dir, path), c, errno); e.Reason != "" {
			return e
		}
	}
	e.Reason = errno.Error()
	return e
}

func aboutUser(_ string, c *Command, errno syscall.Errno) string {
	if c.User == nil {
		return ""
	}
	if same := procattr.OwnCredential(); errno == unix.EPERM && c.User.UID == same.UID && c.User.GID == same.GID {
		return fmt.Sprintf("not permitted to set its groups: bole runs as user %d", same.UID)
	}
	who := fmt.Sprintf("user %d, group %d", c.User.UID, c.User.GID)
	switch errno {
	case unix.EPERM:
		return fmt.Sprintf("not permitted to become %s: bole runs as user %d", who, os.Geteuid())
	case unix.EINVAL:
		return fmt.Sprintf("cannot become %s: this user namespace does not have both", who)
	}
	return ""
}

func aboutMachine(_ string, _ *Command, errno syscall.Errno) string {
	switch errno {
	case unix.EAGAIN:
		return "too many processes: a limit of the user or the container (nproc, pids.max) is reached"
	case unix.ENOMEM:
		return "no memory for one more process"
	case unix.EMFILE, unix.ENFILE:
		return "too many open files"
	case unix.E2BIG:
		return "its arguments and environment are too long"
	case unix.EBADF:
		return "one of its standard files or its notification fd cannot be given to it: not open, or beyond the limit of open files (nofile)"
	}
	return ""
}

func aboutDirectory(_ string, c *Command, errno syscall.Errno) string {
	if c.Dir == "" {
		return ""
	}
	var st unix.Stat_t
	switch err := unix.Stat(c.Dir, &st); {
	case err != nil:
		return "its directory " + missing(c.Dir, err)
	case st.Mode&unix.S_IFMT != unix.S_IFDIR:
		return "its directory " + c.Dir + " is not a directory"
	case errno == unix.EACCES:
		if closed := closedTo(c.User, c.Dir); closed != "" {
			return "its directory " + c.Dir + ": " + closed
		}
	}
	return ""
}

func aboutFile(file string, c *Command, errno syscall.Errno) string {
	var st unix.Stat_t
	if err := unix.Stat(file, &st); err != nil {
		return missing("it", err)
	}
	switch {
	case st.Mode&unix.S_IFMT == unix.S_IFDIR:
		return "it is a directory"
	case errno == unix.ENOEXEC:
		return "it is not a program: it has no #! line and is no executable of this machine"
	case errno == unix.ETXTBSY:
		return "it is open for writing: somebody is about to change it"
	case errno == unix.ENOENT:
		return aboutInterpreter(file)
	case errno == unix.EACCES:
		return aboutAccess(file, c)
	}
	return ""
}

// missing is why stat found nothing.
func missing(path string, err error) string {
	switch err {
	case unix.ENOENT:
		return path + " does not exist"
	case unix.ENOTDIR:
		return path + " does not exist: something on the way to it is not a directory"
	}
	return path + ": " + err.Error()
}
