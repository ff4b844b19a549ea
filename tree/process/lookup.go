package process

import (
	"cmp"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"bole/tree/procattr"
)

// lookup finds a command's program as its own environment says. A relative path
// counts from its own directory.
func lookup(c *Command) (string, error) {
	if len(c.Argv) == 0 || c.Argv[0] == "" {
		return "", &StartError{Program: `""`, Errno: unix.ENOENT, Reason: "its command is empty"}
	}
	name := c.Argv[0]
	if strings.Contains(name, "/") {
		return name, nil
	}
	path := pathOf(c.Env)
	found := unix.ENOENT
	for _, dir := range filepath.SplitList(path) {
		file := cmp.Or(dir, ".") + "/" + name
		switch err := executable(at(c.Dir, file)); err {
		case nil:
			return file, nil
		case unix.EACCES:
			found = unix.EACCES
		}
	}
	text := "not found in PATH (" + path + ")"
	if found == unix.EACCES {
		text = "what PATH (" + path + ") has of that name is not executable"
	}
	return "", &StartError{Program: name, Errno: found, Reason: text}
}

// at is a path as seen from a directory.
func at(dir, path string) string {
	if dir == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// executable reports whether a file is one that somebody may execute.
func executable(path string) error {
	var st unix.Stat_t
	switch err := unix.Stat(path, &st); {
	case err != nil:
		return err
	case st.Mode&unix.S_IFMT != unix.S_IFREG || st.Mode&0o111 == 0:
		return unix.EACCES
	}
	return nil
}

// pathOf is the PATH of an environment.
func pathOf(env []string) string {
	for _, v := range env {
		if path, ok := strings.CutPrefix(v, "PATH="); ok && path != "" {
			return path
		}
	}
	return procattr.DefaultPath
}
