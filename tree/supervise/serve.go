package supervise

import (
	"io/fs"
	"net"
	"strings"

	"bole/tree/control"
)

// control serves the socket, until the loop has ended: longer than anything of the tree
// lives. Without one bole runs all the same. A command that is all there is has none.
func (s *supervisor) control() {
	if s.foreground.alone() {
		return
	}
	l, err := s.socket()
	if err != nil {
		s.console.Say("no control socket, so nobody can ask or tell this tree anything: " + strings.ReplaceAll(err.Error(), "\n", "; "))
		return
	}
	s.serve(control.NewAPI(s, s.version, s.tree.Control.Open()), l)
}

func (s *supervisor) socket() (net.Listener, error) {
	c := s.tree.Control
	gid, err := c.GID()
	if err != nil {
		s.console.Say("the control socket is for root and bole's own user alone: " + err.Error())
		c.Mode, gid = 0o600, -1
	}
	return control.Listen(control.Place{Path: c.Path, Mode: fs.FileMode(c.Mode), Group: gid})
}

// http serves orchestrators, where the definitions say so.
func (s *supervisor) http() {
	if s.tree.HTTP == "" {
		return
	}
	l, err := net.Listen("tcp", s.tree.HTTP)
	if err != nil {
		s.console.Say("no health over HTTP: cannot listen at " + s.tree.HTTP + ": " + reason(err).Error())
		return
	}
	s.serve(control.NewProbes(s), l)
}

func (s *supervisor) serve(server *control.Server, l net.Listener) {
	s.goes("server", func() { server.Serve(l) })
	<-s.quit
	server.Close()
}
