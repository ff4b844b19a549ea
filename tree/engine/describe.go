package engine

import (
	"fmt"

	"bole/tree"
)

// Describe says an event or an effect in one line, with the names of the tree.
// Logs, tests and scenarios share this spelling.
func Describe(t *tree.Tree, x interface{ text(names) string }) string { return x.text(names{t}) }

// names spells what an event or effect is about.
type names struct{ tree *tree.Tree }

func (n names) of(id tree.ID) string { return n.tree.Services[id].Name }

// run is name#generation, and the role where it is not the usual one.
func (n names) run(r Run) string {
	s := fmt.Sprintf("%s#%d", n.of(r.Service), r.Gen)
	if r.Role != RoleMain {
		s += "/" + r.Role.String()
	}
	return s
}
