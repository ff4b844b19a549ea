package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"bole/tree/control"
	"bole/tree/procattr"
)

// What a tree says of the conditions of a service is taken from root and from oneself; of
// another user's tree root takes that it is to become that user, and nothing else.
func TestTrusted(t *testing.T) {
	own := os.Geteuid()
	if own != 0 {
		t.Skip("needs root: test/run as root")
	}
	umask := 0o77
	root, user := &procattr.Credential{}, &procattr.Credential{UID: 65534, GID: 0, Groups: []uint32{0}}
	for _, x := range []struct {
		theirs     int
		credential *procattr.Credential
		want       string
	}{
		{0, root, "uid 0, umask true"},
		{0, user, "uid 65534, gid 0, umask true"},
		{65534, user, "uid 65534, gid 65534, umask false"},
		{65534, root, "error: the tree at /s is user 65534's, and cannot say that root becomes anybody else"},
		{65534, nil, "error: the tree at /s is user 65534's, and cannot say that root becomes anybody else"},
	} {
		c := &control.Client{Path: "/s", Whose: control.Peer{UID: x.theirs}}
		got, attr, err := trusted(c, &control.Conditions{Credential: x.credential, Attributes: &procattr.Attr{Umask: &umask}})
		text := fmt.Sprint("error: ", err)
		if err == nil {
			text = fmt.Sprintf("uid %d, gid %d, umask %v", got.UID, got.GID, attr.Umask != nil)
		}
		if strings.ReplaceAll(text, "uid 0, gid 0,", "uid 0,") != x.want {
			t.Errorf("user %d says %v: %s, want %s", x.theirs, x.credential, text, x.want)
		}
	}
	if _, _, err := trusted(&control.Client{}, &control.Conditions{}); err == nil {
		t.Error("it states nothing")
	}
}

// A terminal gets a line's colours, and nothing else to act on.
func TestTame(t *testing.T) {
	for line, want := range map[string]string{
		"plain\ttext":                           "plain    text",
		"\x1b[31mred\x1b[0m":                    "\x1b[31mred\x1b[0m\x1b[0m",
		"\x1b[2J\x1b]0;title\a\u009b5A\x1b[1mx": "·[2J·]0;title··5A\x1b[1mx\x1b[0m",
	} {
		if got := tameInColour(line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
	if got := tame("\x1b[31mred\n"); got != "·[31mred↵" {
		t.Errorf("%q", got)
	}
}
