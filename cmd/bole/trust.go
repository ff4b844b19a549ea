package main

import (
	"fmt"
	"os"

	"bole/tree/control"
	"bole/tree/procattr"
)

// trusted are the conditions that a tree states, as far as it may state them: root's, and
// one's own, may say anything. Another user's tree may have root become that user, as the
// files of this machine have him, and nothing more: whoever answers there may be lying.
func trusted(client *control.Client, c *control.Conditions) (*procattr.Credential, procattr.Attr, error) {
	own, theirs := os.Geteuid(), client.Whose.UID
	switch {
	case theirs == 0 || theirs == own:
		if c.Attributes == nil {
			return nil, procattr.Attr{}, fmt.Errorf("%s: what listens there is no bole", client.Path)
		}
		return c.Credential, *c.Attributes, nil
	case own != 0:
		return nil, procattr.Attr{}, fmt.Errorf("the tree at %s is user %d's, who is not to say what user %d runs", client.Path, theirs, own)
	case c.Credential == nil || int(c.Credential.UID) != theirs:
		return nil, procattr.Attr{}, fmt.Errorf("the tree at %s is user %d's, and cannot say that root becomes anybody else", client.Path, theirs)
	}
	account, err := procattr.LookupUser("", fmt.Sprint(theirs), "", nil)
	if err != nil {
		return nil, procattr.Attr{}, err
	}
	return &account.Credential, procattr.Attr{}, nil
}
