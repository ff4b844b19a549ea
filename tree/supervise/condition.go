package supervise

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"bole/tree"
	"bole/tree/procattr"
	"bole/tree/process"
)

// condition gives a command the conditions that its service's processes run in. The
// user is looked for at each start: something that ran before may have made it.
func condition(svc *tree.Service, c *process.Command) error {
	c.Attr = &svc.Attr
	if svc.User == "" && svc.Group == "" && svc.Groups == nil {
		return nil
	}
	a, err := procattr.LookupUser(svc.Attr.Chroot, svc.User, svc.Group, svc.Groups)
	if err != nil {
		return err
	}
	if !a.Own() {
		c.User = &a.Credential
	}
	c.Env = withAccount(c.Env, svc.UserEnv, a)
	return nil
}

// withAccount adds what the password file says to an environment that leaves it
// to it.
func withAccount(env, names []string, a *procattr.Account) []string {
	env = slices.Clone(env)
	for _, name := range names {
		if v := a.Login.Variable(name); v != "" && !hasVariable(env, name) {
			env = append(env, name+"="+v)
		}
	}
	return env
}

func hasVariable(env []string, name string) bool {
	return slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, name+"=") })
}

// stdin is a service's standard input. Nobody waits here: a FIFO is opened for both
// reading and writing, so that it is there before anybody writes, and does not end
// when one who wrote has ended.
func (s *spawner) stdin(svc *tree.Service) (*os.File, error) {
	switch svc.Stdin {
	case "":
		return s.null, nil
	case tree.Inherit:
		return os.Stdin, nil
	}
	const quick = unix.O_NONBLOCK | unix.O_NOCTTY
	in, err := os.OpenFile(svc.Stdin, os.O_RDONLY|quick, 0)
	if err == nil && isFIFO(in) {
		in.Close()
		in, err = os.OpenFile(svc.Stdin, os.O_RDWR|quick, 0)
	}
	if err != nil {
		return nil, fmt.Errorf("stdin = %s: %w", svc.Stdin, reason(err))
	}
	return in, unix.SetNonblock(int(in.Fd()), false) // only the open was not to wait
}

func isFIFO(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}

// reason is what the kernel said, without what was asked of it.
func reason(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
