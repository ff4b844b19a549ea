package supervise

import (
	"slices"
	"strings"

	"bole/tree"
	"bole/tree/control"
)

// hidden stands for what is not to be shown.
const hidden = "(hidden)"

// tooShort is a value that stands anywhere by chance: it is hidden in its variable alone.
const tooShort = 5

// veiled are conditions without what looks secret, or is of an env-file, or was handed on
// by a oneshot: neither in the variable nor where else its value stands.
func veiled(svc *tree.Service, c control.Conditions, given []string) control.Conditions {
	veil := newVeil(svc, c.Env, given)
	c.Env, c.Command = slices.Clone(c.Env), slices.Clone(c.Command)
	for i, v := range c.Env {
		name, value, _ := strings.Cut(v, "=")
		if secret(svc, name, value, given) {
			value = hidden
		}
		c.Env[i] = name + "=" + veil.Replace(value)
	}
	for i, text := range c.Command {
		c.Command[i] = veil.Replace(text)
	}
	coverOptions(svc, c.Command)
	return c
}

// coverOptions hides what is written for an option whose name is like a secret's, as in
// --password=x and --token x.
func coverOptions(svc *tree.Service, argv []string) {
	for i, word := range argv {
		name, value, both := strings.Cut(strings.TrimLeft(word, "-"), "=")
		switch {
		case !strings.HasPrefix(word, "-") || !svc.Secret(name, ""):
		case both:
			argv[i] = strings.TrimSuffix(word, value) + hidden
		case i+1 < len(argv) && !strings.HasPrefix(argv[i+1], "-"):
			argv[i+1] = hidden
		}
	}
}

func secret(svc *tree.Service, name, value string, given []string) bool {
	return svc.Secret(name, value) || slices.Contains(given, name)
}

// newVeil hides the secret values of an environment wherever they stand; of two that begin
// alike the longer one counts.
func newVeil(svc *tree.Service, env, given []string) *strings.Replacer {
	var values []string
	for _, v := range env {
		if name, value, _ := strings.Cut(v, "="); len(value) > tooShort && secret(svc, name, value, given) {
			values = append(values, value)
		}
	}
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, value := range values {
		pairs = append(pairs, value, hidden)
	}
	return strings.NewReplacer(pairs...)
}
