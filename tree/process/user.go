package process

import (
	"fmt"
	"math"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
)

// An Account is what the password and group files say of a user.
type Account struct {
	Credential
	Name, Home, Shell string // empty for a number that the files do not have
}

// LookupUser finds a user by name or number ("" is bole's own), with the group and
// the supplementary groups given, or, where these are empty, with those of the
// files. A number need not be in the files: an image may have none. Then its group
// is the one of the same number.
func LookupUser(name, group string, groups []string) (*Account, error) {
	a, known, err := account(name)
	if err != nil {
		return nil, err
	}
	if group != "" {
		if a.GID, err = lookupGroup(group); err != nil {
			return nil, err
		}
	}
	if groups != nil {
		a.asked = true
		a.Groups, err = lookupGroups(groups)
	} else if known != nil {
		a.Groups = memberships(known, a.GID)
	}
	return a, err
}

// account finds the user alone. known is nil for a number that the files do not
// have.
func account(name string) (a *Account, known *user.User, err error) {
	if name == "" {
		return &Account{Credential: own()}, nil, nil
	}
	uid, numeric := number(name)
	if numeric {
		known, err = user.LookupId(name)
	} else {
		known, err = user.Lookup(name)
	}
	if err != nil && !numeric {
		return nil, nil, fmt.Errorf("there is no user %q on this machine", name)
	}
	if err != nil {
		return &Account{Credential: Credential{UID: uid, GID: uid}}, nil, nil
	}
	uid, _ = number(known.Uid)
	gid, _ := number(known.Gid)
	return &Account{Credential{UID: uid, GID: gid}, known.Username, known.HomeDir, shellOf(known.Username)}, known, nil
}

func own() Credential {
	c := Credential{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid()), Groups: []uint32{}}
	groups, _ := os.Getgroups()
	for _, g := range groups {
		c.Groups = append(c.Groups, uint32(g))
	}
	return c
}

func lookupGroup(name string) (uint32, error) {
	if gid, ok := number(name); ok {
		return gid, nil
	}
	g, err := user.LookupGroup(name)
	if err != nil {
		return 0, fmt.Errorf("there is no group %q on this machine", name)
	}
	gid, _ := number(g.Gid)
	return gid, nil
}

func lookupGroups(names []string) ([]uint32, error) {
	out := []uint32{}
	for _, name := range names {
		gid, err := lookupGroup(name)
		if err != nil {
			return nil, err
		}
		out = append(out, gid)
	}
	return out, nil
}

// memberships are the groups that list the user, as a login gives them. An image
// may have users and no file of groups.
func memberships(u *user.User, primary uint32) []uint32 {
	out := []uint32{primary}
	ids, _ := u.GroupIds()
	for _, id := range ids {
		if gid, ok := number(id); ok && !slices.Contains(out, gid) {
			out = append(out, gid)
		}
	}
	return out
}

// shellOf reads the shell from the password file: package user does not give it.
func shellOf(name string) string {
	text, _ := os.ReadFile("/etc/passwd")
	for line := range strings.Lines(string(text)) {
		if f := strings.Split(strings.TrimSpace(line), ":"); len(f) == 7 && f[0] == name && f[6] != "" {
			return f[6]
		}
	}
	return "/bin/sh"
}

// number reads a uid or gid. The greatest is none: it means "unchanged".
func number(s string) (uint32, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil && n < math.MaxUint32
}

// Own reports whether a credential is what this process has already. Then it
// need not be set, which an ordinary user may not, not even to itself.
func (c *Credential) Own() bool {
	if int(c.UID) != os.Geteuid() || int(c.GID) != os.Getegid() {
		return false
	}
	return os.Geteuid() != 0 && !c.asked || c.ownGroups()
}

// setsGroups reports whether the supplementary groups have to be set, and can be:
// in a user namespace whose maker was not root, setgroups is refused to everybody
// (user_namespaces(7)).
func (c *Credential) setsGroups() bool {
	text, err := os.ReadFile("/proc/self/setgroups")
	return !c.ownGroups() && (c.asked || err != nil || strings.TrimSpace(string(text)) != "deny")
}

func (c *Credential) ownGroups() bool {
	have := own().Groups
	if len(have) != len(c.Groups) {
		return false
	}
	for _, g := range c.Groups {
		if !slices.Contains(have, g) {
			return false
		}
	}
	return true
}
