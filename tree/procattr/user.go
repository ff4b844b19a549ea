package procattr

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"bole/tree/accounts"
)

// An Account is who runs a command, and what the password file says of it: nothing
// for a number that the file does not have.
type Account struct {
	Credential
	Login accounts.User
}

// A Credential is who runs a command.
type Credential struct {
	UID    uint32   `json:"uid"`
	GID    uint32   `json:"gid"`
	Groups []uint32 `json:"groups"`          // supplementary ones
	Asked  bool     `json:"asked,omitempty"` // for these very groups: not to set them is a fault
}

// LookupUser finds a user by name or number ("" is bole's own) in the files of a
// root directory ("" is bole's own), with the group and the supplementary groups
// given, or, where these are empty, with those of the files. A number need not be in
// the files: an image may have none. Then its group is the one of the same number.
func LookupUser(root, name, group string, groups []string) (*Account, error) {
	files := accounts.Read(root)
	a, err := account(files, name)
	if err != nil {
		return nil, err
	}
	if group != "" {
		if a.GID, err = lookupGroup(files, group); err != nil {
			return nil, err
		}
	}
	switch {
	case groups != nil:
		a.Asked = true
		a.Groups, err = lookupGroups(files, groups)
	case a.Login.Name != "":
		a.Groups = files.Groups(a.Login.Name, a.GID)
	}
	return a, err
}

// account finds the user alone.
func account(files *accounts.Files, name string) (*Account, error) {
	if name == "" {
		return &Account{Credential: OwnCredential()}, nil
	}
	if u, ok := files.User(name); ok {
		return &Account{Credential{UID: u.UID, GID: u.GID}, u}, nil
	}
	uid, ok := accounts.Number(name)
	if !ok {
		return nil, fmt.Errorf("there is no user %q on this machine", name)
	}
	return &Account{Credential: Credential{UID: uid, GID: uid}}, nil
}

// OwnCredential is what this process has.
func OwnCredential() Credential {
	c := Credential{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid()), Groups: []uint32{}}
	groups, _ := os.Getgroups()
	for _, g := range groups {
		c.Groups = append(c.Groups, uint32(g))
	}
	return c
}

func lookupGroup(files *accounts.Files, name string) (uint32, error) {
	gid, ok := files.Group(name)
	if !ok {
		return 0, fmt.Errorf("there is no group %q on this machine", name)
	}
	return gid, nil
}

func lookupGroups(files *accounts.Files, names []string) ([]uint32, error) {
	out := []uint32{}
	for _, name := range names {
		gid, err := lookupGroup(files, name)
		if err != nil {
			return nil, err
		}
		out = append(out, gid)
	}
	return out, nil
}

// Own reports whether a credential is what this process has already. Then it
// need not be set, which an ordinary user may not, not even to itself.
func (c *Credential) Own() bool {
	if int(c.UID) != os.Geteuid() || int(c.GID) != os.Getegid() {
		return false
	}
	return os.Geteuid() != 0 && !c.Asked || c.ownGroups()
}

// SetsGroups reports whether the supplementary groups have to be set, and can be:
// in a user namespace whose maker was not root, setgroups is refused to everybody
// (user_namespaces(7)).
func (c *Credential) SetsGroups() bool {
	text, err := os.ReadFile("/proc/self/setgroups")
	return !c.ownGroups() && (c.Asked || err != nil || strings.TrimSpace(string(text)) != "deny")
}

func (c *Credential) ownGroups() bool {
	have := OwnCredential().Groups
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

// String is "uid:gid".
func (c *Credential) String() string { return fmt.Sprintf("%d:%d", c.UID, c.GID) }
