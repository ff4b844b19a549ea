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
		if name, value, _ := strings.Cut(v, "="); secret(svc, name, value, given) {
			c.Env[i] = name + "=" + hidden
		}
	}
	for _, list := range [][]string{c.Env, c.Command} {
		for i, text := range list {
			list[i] = veil.Replace(text)
		}
	}
	return c
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
