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
	c.Env, c.Command = slices.Clone(c.Env), slices.Clone(c.Command)
	var values []string
	for i, v := range c.Env {
		name, value, _ := strings.Cut(v, "=")
		if svc.Secret(name, value) || slices.Contains(given, name) {
			c.Env[i] = name + "=" + hidden
			if len(value) > tooShort {
				values = append(values, value, hidden)
			}
		}
	}
	veil := strings.NewReplacer(values...)
	for _, list := range [][]string{c.Env, c.Command} {
		for i, text := range list {
			list[i] = veil.Replace(text)
		}
	}
	return c
}
