// Package accounts reads the password and group files of this machine, or of a
// directory that is to be somebody's root.
//
// The standard library's os/user knows neither a user's shell nor another root,
// and one answer has to serve both the check of a definition and its start.
// What the files mean is in passwd(5) and group(5).
package accounts

import (
	"cmp"
	"iter"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// A User is an entry of the password file.
type User struct {
	Name, Home string
	Shell      string // "/bin/sh" where the file says nothing
	UID, GID   uint32
}

// Variable is what a login sets HOME, USER, LOGNAME or SHELL to.
func (u User) Variable(name string) string {
	switch name {
	case "HOME":
		return u.Home
	case "SHELL":
		return u.Shell
	}
	return u.Name
}

// Files are the two files as they were at one moment. What cannot be read is
// empty: an image may have neither.
type Files struct {
	users  []User
	groups []group
}

type group struct {
	name    string
	gid     uint32
	members []string
}

// Read reads /etc/passwd and /etc/group below a root directory, "" is this
// process's own. In another, symbolic links do not lead out of it.
func Read(root string) *Files {
	var f Files
	for line := range lines(root, "etc/passwd", 7) {
		uid, ok := Number(line[2])
		gid, valid := Number(line[3])
		if ok && valid {
			f.users = append(f.users, User{line[0], line[5], cmp.Or(line[6], "/bin/sh"), uid, gid})
		}
	}
	for line := range lines(root, "etc/group", 4) {
		if gid, ok := Number(line[2]); ok {
			f.groups = append(f.groups, group{line[0], gid, strings.Split(line[3], ",")})
		}
	}
	return &f
}

// lines yields the lines of a file that have so many fields, as all valid ones
// have; comments and NIS's +:: have not, or no number.
func lines(root, name string, fields int) iter.Seq[[]string] {
	text := read(root, name)
	return func(yield func([]string) bool) {
		for line := range strings.Lines(string(text)) {
			f := strings.Split(strings.TrimRight(line, "\r\n"), ":")
			if len(f) == fields && f[0] != "" && !yield(f) {
				return
			}
		}
	}
}

func read(root, name string) []byte {
	if root == "" {
		text, _ := os.ReadFile("/" + name)
		return text
	}
	dir, err := os.OpenRoot(root)
	if err != nil {
		return nil
	}
	defer dir.Close()
	text, _ := dir.ReadFile(name)
	return text
}

// User finds a user by name, or else by number.
func (f *Files) User(name string) (User, bool) {
	uid, numeric := Number(name)
	for _, by := range []func(User) bool{
		func(u User) bool { return u.Name == name },
		func(u User) bool { return numeric && u.UID == uid },
	} {
		if i := slices.IndexFunc(f.users, by); i >= 0 {
			return f.users[i], true
		}
	}
	return User{}, false
}

// Group finds a group by name. A number is one whether or not the file has it.
func (f *Files) Group(name string) (gid uint32, ok bool) {
	for _, g := range f.groups {
		if g.name == name {
			return g.gid, true
		}
	}
	return Number(name)
}

// Groups are those that a login as the user has: the one given, and all that list
// the user.
func (f *Files) Groups(user string, primary uint32) []uint32 {
	out := []uint32{primary}
	for _, g := range f.groups {
		if slices.Contains(g.members, user) && !slices.Contains(out, g.gid) {
			out = append(out, g.gid)
		}
	}
	return out
}

// Number reads a uid or gid. The greatest is none: it means "unchanged".
func Number(s string) (uint32, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil && n < math.MaxUint32
}
