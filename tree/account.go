package tree

import (
	"slices"
	"strings"

	"bole/tree/accounts"
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

// userName is the user as the definition says it; faults in it are reported when it
// is read.
func (d *definition) userName() string {
	s, _ := d.keys.get("user").v.(string)
	s, _ = expand(s, d.environ.lookup)
	s, _, _ = strings.Cut(s, ":")
	return s
}

// accounts are those of the root directory that the service will have, read once.
func (d *definition) accounts() *accounts.Files {
	l, root := d.loader, ""
	if l.accounts == nil {
		l.accounts = map[string]*accounts.Files{}
	}
	if l.accounts[root] == nil {
		l.accounts[root] = accounts.Read(root)
	}
	return l.accounts[root]
}
