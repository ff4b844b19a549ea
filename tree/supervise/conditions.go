package supervise

import (
	"os"

	"bole/tree"
	"bole/tree/control"
	"bole/tree/procattr"
)

// Conditions are those of the service's last process, or of its next.
func (s *supervisor) Conditions(name string) (*control.Conditions, error) {
	svc, err := s.find(name)
	if err != nil {
		return nil, err
	}
	c, _, err := s.conditions(svc)
	if err != nil {
		return nil, refused("%s: %s", name, err)
	}
	return &c, nil
}

// conditions are as far known as they can be when there is an error: no such user. given
// are the names of the variables that oneshots have handed on.
func (s *supervisor) conditions(svc *tree.Service) (_ control.Conditions, given []string, _ error) {
	if kept := s.coroner.of(svc.ID); kept.conditions != nil {
		return complete(*kept.conditions, true), kept.given, nil
	}
	c := control.Conditions{Command: svc.Command, Directory: svc.Directory, Env: svc.Env, User: svc.User, Attributes: &svc.Attr}
	user, env, err := svc.Conditions()
	if err == nil {
		c.Credential = user
		c.Env, given = s.giver.receive(svc, env)
	}
	return complete(c, err == nil), given, err
}

// complete says what the definition leaves as it is with bole: for others, who are to be in
// the same conditions, it may be different.
func complete(c control.Conditions, userKnown bool) control.Conditions {
	if userKnown && c.Credential == nil {
		own := procattr.OwnCredential()
		c.Credential = &own
	}
	switch {
	case c.Directory != "":
	case c.Attributes.Chroot != "":
		c.Directory = "/"
	default:
		c.Directory, _ = os.Getwd()
	}
	return c
}
