package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"bole/tree/procattr"
)

// aboutAccess finds what lacks a permission: the file, a directory above it, the
// file system, or its interpreter.
func aboutAccess(file string, c *Command) string {
	var st unix.Stat_t
	unix.Stat(file, &st)
	if st.Mode&0o111 == 0 {
		return "it is not executable; chmod +x would make it so"
	}
	if closed := closedTo(c.User, filepath.Dir(file)); closed != "" {
		return closed
	}
	if !may(c.User, &st) {
		return fmt.Sprintf("%s may not execute it (mode %#o, user %d, group %d)", who(c.User), st.Mode&0o7777, st.Uid, st.Gid)
	}
	var fs unix.Statfs_t
	if unix.Statfs(file, &fs) == nil && fs.Flags&unix.ST_NOEXEC != 0 {
		return "it is on a file system that is mounted noexec"
	}
	if name := interpreter(file); name != "" && unix.Stat(name, &st) == nil && !may(c.User, &st) {
		return fmt.Sprintf("its interpreter %s is not executable", name)
	}
	return "permission denied"
}

// aboutInterpreter: the file is there, so what is missing is what it names.
func aboutInterpreter(file string) string {
	name := interpreter(file)
	switch {
	case name == "":
		return "the dynamic loader that it was linked for does not exist here; is it of another distribution?"
	case strings.HasSuffix(name, "\r"):
		return fmt.Sprintf("its first line ends in CR LF, so its interpreter %q does not exist; save it with LF", name)
	}
	return fmt.Sprintf("its interpreter %s does not exist", name)
}

// interpreter is what a script's first line names, as the kernel reads it
// (fs/binfmt_script.c), or "".
func interpreter(file string) string {
	var buf [256]byte
	line, _, _ := bytes.Cut(read(file, buf[:]), []byte{'\n'})
	line, ok := bytes.CutPrefix(line, []byte("#!"))
	if !ok {
		return ""
	}
	line = bytes.TrimLeft(line, " \t")
	if i := bytes.IndexAny(line, " \t\x00"); i >= 0 {
		line = line[:i]
	}
	return string(line)
}

// closedTo names the first directory on the way to dir that the user may not enter.
func closedTo(u *procattr.Credential, dir string) string {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	dir, _ = filepath.Abs(dir)
	for i, r := range dir + "/" {
		var st unix.Stat_t
		if part := dir[:max(i, 1)]; r == '/' && unix.Stat(part, &st) == nil && !may(u, &st) {
			return fmt.Sprintf("%s may not enter %s (mode %#o, user %d, group %d)", who(u), part, st.Mode&0o7777, st.Uid, st.Gid)
		}
	}
	return ""
}

// may reports whether a user may execute a file, or enter a directory, as far as
// its mode says.
func may(u *procattr.Credential, st *unix.Stat_t) bool {
	if u == nil {
		c := procattr.OwnCredential()
		u = &c
	}
	switch {
	case u.UID == 0:
		return st.Mode&unix.S_IFMT == unix.S_IFDIR || st.Mode&0o111 != 0
	case u.UID == st.Uid:
		return st.Mode&0o100 != 0
	case u.GID == st.Gid || slices.Contains(u.Groups, st.Gid):
		return st.Mode&0o010 != 0
	}
	return st.Mode&0o001 != 0
}

func who(u *procattr.Credential) string {
	if u == nil {
		return fmt.Sprintf("bole's own user %d", os.Geteuid())
	}
	return fmt.Sprintf("user %d", u.UID)
}
