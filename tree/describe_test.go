package tree

import (
	"fmt"
	"reflect"
	"strings"

	"bole/tree/procattr"
)

// describe is a tree as text: what differs from the standards, one service after
// another.
func describe(t *Tree) string {
	b := &strings.Builder{}
	name := func(id ID) string { return t.Services[id].Name }
	fmt.Fprintf(b, "tree: shutdown-timeout %v, on-failure %d, start%s\n", t.ShutdownTimeout, t.OnFailure, names(t.Start, name))
	if t.HTTP != "" || t.Control != (Control{Mode: controlMode}) {
		fmt.Fprintf(b, "asked: http %q, control %q, mode %#o, group %q\n", t.HTTP, t.Control.Path, t.Control.Mode, t.Control.Group)
	}
	for i := range t.Services {
		s := &t.Services[i]
		fmt.Fprintf(b, "\n%s %s\n", s.Kind, s.Name)
		standard := standardLongrun
		if s.Kind == Oneshot {
			standard = standardOneshot
		}
		got, want := reflect.ValueOf(*s), reflect.ValueOf(standard)
		for f := range got.NumField() {
			field := got.Type().Field(f).Name
			switch field {
			case "ID", "Name", "Needs", "Kind":
				continue
			}
			if !reflect.DeepEqual(got.Field(f).Interface(), want.Field(f).Interface()) {
				fmt.Fprintf(b, "  %s: %s\n", field, written(got.Field(f).Interface()))
			}
		}
		for _, d := range s.Needs {
			fmt.Fprintf(b, "  %s %s until %s\n", d.Kind, name(d.On), d.Until)
		}
	}
	for _, x := range t.Bundles {
		fmt.Fprintf(b, "\nbundle %s (%s):%s\n", x.Name, x.Description, names(x.Members, name))
	}
	return b.String()
}

// written is a value without addresses; of an Attr, what is set.
func written(v any) string {
	a, ok := v.(procattr.Attr)
	if !ok {
		return fmt.Sprintf("%q", fmt.Sprint(v))
	}
	var out []string
	for x, i := reflect.ValueOf(a), 0; i < x.NumField(); i++ {
		if f := x.Field(i); !f.IsZero() {
			out = append(out, fmt.Sprintf("%s %v", x.Type().Field(i).Name, reflect.Indirect(f).Interface()))
		}
	}
	return strings.Join(out, ", ")
}

func names(ids []ID, name func(ID) string) (out string) {
	for _, id := range ids {
		out += " " + name(id)
	}
	return out
}
