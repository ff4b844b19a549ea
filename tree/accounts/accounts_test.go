package accounts

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const passwdFile = `root:x:0:0:root:/root:/bin/bash
# a comment
web:x:33:34:web,,,:/srv:
4711:x:12:12::/a-name-of-digits:/bin/sh
big:x:4294967295:0::/:/bin/sh
+::::::
short:x:7:7
`

const groupFile = `root:x:0:
www:x:34:web
ssl:x:110:db,web
`

// machine is a root directory with the two files.
func machine(t *testing.T, passwd, group string) string {
	t.Helper()
	root := t.TempDir()
	os.Mkdir(filepath.Join(root, "etc"), 0o755)
	for name, text := range map[string]string{"passwd": passwd, "group": group} {
		if err := os.WriteFile(filepath.Join(root, "etc", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestUser(t *testing.T) {
	f := Read(machine(t, passwdFile, groupFile))
	for name, want := range map[string]string{
		"root": "{root /root /bin/bash 0 0} true",
		"web":  "{web /srv /bin/sh 33 34} true",
		"33":   "{web /srv /bin/sh 33 34} true",
		"4711": "{4711 /a-name-of-digits /bin/sh 12 12} true",
		"big":  "{   0 0} false", "short": "{   0 0} false", "+": "{   0 0} false", "": "{   0 0} false", "-1": "{   0 0} false",
	} {
		u, ok := f.User(name)
		if got := fmt.Sprint(u, ok); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

func TestGroups(t *testing.T) {
	f := Read(machine(t, passwdFile, groupFile))
	for name, want := range map[string]string{"ssl": "110 true", "5": "5 true", "nogroup": "0 false", "4294967295": "4294967295 false"} {
		gid, ok := f.Group(name)
		if got := fmt.Sprint(gid, ok); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
	if diff := cmp.Diff([]uint32{34, 110}, f.Groups("web", 34)); diff != "" {
		t.Error(diff)
	}
}

// A link of the other root leads to nothing of this one.
func TestLinksStayInside(t *testing.T) {
	root := machine(t, passwdFile, groupFile)
	os.Remove(filepath.Join(root, "etc/passwd"))
	os.Symlink("/etc/passwd", filepath.Join(root, "etc/passwd"))
	if u, ok := Read(root).User("root"); ok {
		t.Errorf("found %+v", u)
	}
	if _, ok := Read("").User("root"); !ok {
		t.Error("this machine has no root")
	}
	if _, ok := Read(t.TempDir()).User("root"); ok {
		t.Error("an empty directory has a root")
	}
}
