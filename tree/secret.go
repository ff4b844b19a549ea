package tree

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// secretWords are in the names of variables whose values are nobody's business.
var secretWords = []string{"PASS", "PWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "PRIVATE", "AUTH", "DSN", "COOKIE"}

// login finds a password in a URL, as in postgres://app:password@db/shop.
var login = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`://[^/@\s:]*:[^/@\s]+@`) })

// withoutLogin is a URL for a message, without the user and the password that it may have.
func withoutLogin(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if at := strings.LastIndexByte(rest, '@'); ok && at >= 0 {
		return scheme + "://(hidden)" + rest[at:]
	}
	return url
}

// Secret reports whether the value of a variable is not to be shown: it is of an env-file,
// its name looks like a secret's, or there is a password in it.
func (s *Service) Secret(name, value string) bool {
	upper := strings.ToUpper(name)
	if upper == "PWD" || upper == "OLDPWD" {
		return false
	}
	return slices.Contains(s.Secrets, name) || login().MatchString(value) ||
		slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(upper, word) })
}
