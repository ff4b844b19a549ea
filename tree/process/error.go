package process

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// A StartError says why a program could not be run, in words that name the path
// that is at fault: the directory is not the program, and neither is a script's
// interpreter.
type StartError struct {
	Program string // as the command names it
	Errno   syscall.Errno
	text    string
}

func (e *StartError) Error() string { return fmt.Sprintf("cannot run %s: %s", e.Program, e.text) }

// Code is what a shell would end with: 127 for what is not there, 126 for what
// cannot be run.
func (e *StartError) Code() int {
	if e.Errno == unix.ENOENT {
		return 127
	}
	return 126
}

// Temporary reports whether it may work a moment later, unchanged.
func (e *StartError) Temporary() bool {
	switch e.Errno {
	case unix.EAGAIN, unix.ENOMEM, unix.EMFILE, unix.ENFILE:
		return true
	}
	return false
}

// explain finds out what a failed fork or exec was about: the kernel gives one
// number for a dozen steps.
func explain(path string, c *Command, err error) error {
	errno, _ := err.(syscall.Errno)
	e := &StartError{Program: c.Argv[0], Errno: errno}
	if errno == unix.EPERM && c.User != nil {
		e.text = fmt.Sprintf("not permitted to become user %d, group %d: bole runs as user %d", c.User.UID, c.User.GID, os.Geteuid())
		return e
	}
	for _, ask := range []func(string, *Command, syscall.Errno) string{aboutMachine, aboutDirectory, aboutFile} {
		if e.text = ask(path, c, errno); e.text != "" {
			return e
		}
	}
	e.text = errno.Error()
	return e
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
	}
	return ""
}

func aboutDirectory(_ string, c *Command, _ syscall.Errno) string {
	if c.Dir == "" {
		return ""
	}
	var st unix.Stat_t
	switch err := unix.Stat(c.Dir, &st); {
	case err != nil:
		return fmt.Sprintf("its directory %s: %s", c.Dir, err)
	case st.Mode&unix.S_IFMT != unix.S_IFDIR:
		return fmt.Sprintf("its directory %s is not a directory", c.Dir)
	}
	return ""
}

func aboutFile(path string, c *Command, errno syscall.Errno) string {
	file := at(c.Dir, path)
	var st unix.Stat_t
	if err := unix.Stat(file, &st); err != nil {
		return fmt.Sprintf("%s: %s", path, err)
	}
	switch {
	case st.Mode&unix.S_IFMT == unix.S_IFDIR:
		return path + " is a directory"
	case errno == unix.ENOEXEC:
		return path + " is not a program: it has no #! line and is no executable of this machine"
	case errno == unix.ENOENT:
		return aboutInterpreter(file, path)
	case errno == unix.EACCES && st.Mode&0o111 == 0:
		return path + " is not executable; chmod +x would make it so"
	case errno == unix.EACCES:
		return path + ": permission denied, to the file, a directory above it, its interpreter or the working directory"
	}
	return ""
}

// aboutInterpreter: the file is there, so what is missing is what it names.
func aboutInterpreter(file, path string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	line, _ := bufio.NewReaderSize(f, 256).ReadSlice('\n')
	if script, ok := bytes.CutPrefix(line, []byte("#!")); ok {
		name, _, _ := strings.Cut(strings.TrimSpace(string(script)), " ")
		if strings.HasSuffix(string(line), "\r\n") {
			return fmt.Sprintf("%s: its first line ends in CR LF, so its interpreter %q does not exist; save it with LF", path, name+"\r")
		}
		return fmt.Sprintf("%s: its interpreter %s does not exist", path, name)
	}
	return path + ": the dynamic loader that it was linked for does not exist here"
}
