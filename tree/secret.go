package tree

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// secretWords are in the names of variables whose values are nobody's business.
var secretWords = []string{"PASS", "PWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "PRIVATE", "AUTH", "DSN", "COOKIE"}

// secretParts are too short to be looked for inside of a word.
var secretParts = []string{"PW", "PAT", "PIN", "SK", "JWT", "SALT"}

// assignment finds a secret that is one of several settings in a value.
var assignment = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(passw(or)?d|secret|token|api[-_]?key)\s*[=:]\s*\S`)
})

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
	parts := strings.FieldsFunc(upper, func(r rune) bool { return r == '_' || r == '-' || r == '.' })
	if slices.ContainsFunc(parts, func(part string) bool { return slices.Contains(secretParts, part) }) || assignment().MatchString(value) {
		return true
	}
	return slices.Contains(s.Secrets, name) || login().MatchString(value) ||
		slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(upper, word) })
}
