package tree

import (
	"os"
	"os/user"
	"slices"
	"strings"
)

// accountVariables are what a service that has a user gets from that user's entry
// in the password file, unless its definition says otherwise.
var accountVariables = []string{"HOME", "USER", "LOGNAME", "SHELL"}

// An account is an entry of the password file, as far as it is of use here.
type account struct {
	exists    bool
	uid       string
	variables map[string]string
}

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
	value, ok := d.loader.account(d.userName()).variables[name]
	return value, ok || d.environ.lenient
}

// userName is the user as the definition says it; faults in it are reported when it
// is read.
func (d *definition) userName() string {
	s, _ := d.keys.get("user").v.(string)
	s, _ = expand(s, d.environ.lookup)
	s, _, _ = strings.Cut(s, ":")
	return s
}

// account looks a user up, by name or number, once.
func (l *loader) account(name string) account {
	a, ok := l.accounts[name]
	if ok {
		return a
	}
	if l.accounts == nil {
		l.accounts = map[string]account{}
	}
	u, err := user.Lookup(name)
	if err != nil {
		u, err = user.LookupId(name)
	}
	if err == nil {
		a = account{true, u.Uid, map[string]string{"HOME": u.HomeDir, "USER": u.Username, "LOGNAME": u.Username, "SHELL": shellOf(u.Username)}}
	}
	l.accounts[name] = a
	return a
}

// shellOf is a user's shell. Package user leaves it out.
func shellOf(name string) string {
	text, _ := os.ReadFile("/etc/passwd")
	for line := range strings.Lines(string(text)) {
		if f := strings.Split(strings.TrimSpace(line), ":"); len(f) == 7 && f[0] == name && f[6] != "" {
			return f[6]
		}
	}
	return "/bin/sh"
}
