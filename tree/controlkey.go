package tree

import (
	"fmt"

	"bole/tree/accounts"
)

// A Control is where bole is asked and told things.
type Control struct {
	Path  string // of the socket; "": the first of the usual places that can be had
	Mode  int    // permission bits of the socket
	Group string // name or number, whose the socket is; "": bole's own
}

// GID is the number of the socket's group as this machine's group file is now, -1 for
// bole's own.
func (c Control) GID() (int, error) {
	if c.Group == "" {
		return -1, nil
	}
	gid, ok := accounts.Read("").Group(c.Group)
	if !ok {
		return 0, fmt.Errorf("there is no group %s on this machine", c.Group)
	}
	return int(gid), nil
}

// Open reports whether others than bole's own user and root are let in.
func (c Control) Open() bool { return c.Mode&0o022 != 0 }

// controlMode lets in nobody but bole's own user, and root; groupMode, where a group is
// named, that too; controlMost is for all.
const controlMode, groupMode, controlMost = 0o600, 0o660, 0o777

var controlParts = []Key{
	{Name: "path", Type: pathType, Default: "the first usual place that can be had", Doc: "where the socket is", Example: `"/run/bole.sock"`},
	{Name: "mode", Type: octalType(controlMost), Default: `"0600"`, Doc: "its permission bits", Example: `"0660"`},
	{Name: "group", Type: accountType, Default: "bole's own", Doc: "its group", Example: `"adm"`},
}

func controlType() *Type {
	words := "path, or { path, mode, group }"
	return &Type{Words: words, Schema: func() Schema { return anyOf(pathSchema(), tableSchema(controlParts)) }, Parts: controlParts}
}

// setControl takes a path, or a table with who else is let in.
func setControl(d *definition, v value) {
	c := Control{Mode: controlMode}
	ok := true
	if _, table := v.v.(map[string]any); table {
		ok = v.control(&c)
	} else {
		c.Path, ok = v.absolute()
	}
	if ok {
		d.settings.Control = c
	}
}

func (v value) control(c *Control) bool {
	good, ok := v.table("", keyNames(controlParts)...), true
	if path, said := v.field("path"); said {
		c.Path, ok = path.absolute()
		good = good && ok
	}
	if mode, said := v.field("mode"); said {
		c.Mode, ok = mode.octal(controlMost)
		good = good && ok
	}
	if group, said := v.field("group"); said {
		c.Group, ok = group.nameOrNumber()
		good = good && ok
		if _, said := v.field("mode"); !said {
			c.Mode = groupMode
		}
	}
	return good
}

// setHTTP takes an address to listen at.
func setHTTP(d *definition, v value) {
	s, ok := v.text()
	if !ok || s == "" && d.environ.lenient {
		return
	}
	if v.address(s, `write "127.0.0.1:9090", or ":9090" for every address of the container`) {
		d.settings.HTTP = s
	}
}
