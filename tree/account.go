package tree

import (
	"slices"
	"strings"

	"bole/tree/accounts"
	"bole/tree/procattr"
)

// accountVariables are what a service that has a user gets from that user's entry
// in the password file, unless its definition says otherwise.
var accountVariables = []string{"HOME", "USER", "LOGNAME", "SHELL"}

// setAccount leaves to the password file what only it can say, and that when the
// service is started: something may make the user until then.
func (d *definition) setAccount() {
	if d.keys.get("user") == nil {
		return
	}
	drop := map[string]bool{}
	for _, name := range accountVariables {
		if !d.environ.says(name) {
			d.UserEnv = append(d.UserEnv, name)
			drop[name] = true
		}
	}
	d.environ = d.environ.over(nil, drop)
}

// fromAccount reports whether a variable will come from the password file.
func (d *definition) fromAccount(name string) bool {
	return slices.Contains(accountVariables, name) && d.keys != nil && d.keys.get("user") != nil && !d.environ.says(name)
}

// accountVariable is what the password file says now, if the user exists now.
func (d *definition) accountVariable(name string) (string, bool) {
	user, ok := d.accounts().User(d.userName())
	return user.Variable(name), ok || d.environ.lenient
}

// userName is the user as the definition says it.
func (d *definition) userName() string {
	name, _, _ := strings.Cut(d.peek("user"), ":")
	return name
}

// peek is the text of a key before it is read, which is when its faults are
// reported.
func (d *definition) peek(key string) string {
	e := d.keys.get(key)
	if e == nil {
		return ""
	}
	s, _ := e.v.(string)
	s, _ = expand(s, d.environ.lookup)
	return s
}

// Conditions are who runs a service's commands (nil: bole's own user) and their
// environment, as the user and group files of its root directory are now: something
// that ran before may have made the user. The error is for people.
func (s *Service) Conditions() (*procattr.Credential, []string, error) {
	if s.User == "" && s.Group == "" && s.Groups == nil {
		return nil, s.Env, nil
	}
	a, err := procattr.LookupUser(s.Attr.Chroot, s.User, s.Group, s.Groups)
	if err != nil {
		return nil, nil, err
	}
	env := slices.Clone(s.Env)
	for _, name := range s.UserEnv {
		if v := a.Login.Variable(name); v != "" && !hasVariable(env, name) {
			env = append(env, name+"="+v)
		}
	}
	if a.Own() {
		return nil, env, nil
	}
	return &a.Credential, env, nil
}

func hasVariable(env []string, name string) bool {
	return slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, name+"=") })
}

// accounts are those of the root directory that the service will have, read once.
func (d *definition) accounts() *accounts.Files {
	l, root := d.loader, d.peek("chroot")
	if l.accounts == nil {
		l.accounts = map[string]*accounts.Files{}
	}
	if l.accounts[root] == nil {
		l.accounts[root] = accounts.Read(root)
	}
	return l.accounts[root]
}
