package supervise

import (
	"slices"

	"bole/tree"
	"bole/tree/control"
)

// find is a service by its name.
func (s *supervisor) find(name string) (*tree.Service, error) {
	ids, err := named(s.tree, name)
	if err != nil {
		return nil, err
	}
	if len(ids) != 1 || s.tree.Services[ids[0]].Name != name {
		return nil, refused("%s is a bundle: name one of its services", name)
	}
	return &s.tree.Services[ids[0]], nil
}

// Detail is one service with all that there is to say of it.
func (s *supervisor) Detail(name string) (*control.Detail, error) {
	svc, err := s.find(name)
	if err != nil {
		return nil, err
	}
	status, err := s.Status()
	if err != nil {
		return nil, err
	}
	c, given, _ := s.conditions(svc)
	return &control.Detail{
		Service: status.Services[svc.ID], Usage: s.Usage()[name], Command: veiled(svc, c, given).Command,
		Dependents: s.dependents(svc.ID), Ends: s.coroner.of(svc.ID).ends, Lines: s.tail(svc.ID, detailLines),
	}, nil
}

// detailLines are how many of its last lines a service's page has.
const detailLines = 10

// dependents are the services that depend on one in whatever way.
func (s *supervisor) dependents(id tree.ID) (out []string) {
	for i := range s.tree.Services {
		if slices.ContainsFunc(s.tree.Services[i].Needs, func(d tree.Dep) bool { return d.On == id }) {
			out = append(out, s.tree.Services[i].Name)
		}
	}
	return out
}

// Postmortem is the scene of a service's last accident.
func (s *supervisor) Postmortem(name string, secrets bool) (*control.Postmortem, error) {
	svc, err := s.find(name)
	if err != nil {
		return nil, err
	}
	status, err := s.Status()
	if err != nil {
		return nil, err
	}
	s.hear(int(svc.ID))
	return s.scene(svc, status, secrets), nil
}

func (s *supervisor) scene(svc *tree.Service, status *control.Status, secrets bool) *control.Postmortem {
	x, kept := &status.Services[svc.ID], s.coroner.of(svc.ID)
	p := &control.Postmortem{Service: svc.Name, State: x.State, Why: x.Why, End: kept.fatal, Restarts: x.Restarts, Lines: []string{}}
	given := []string(nil)
	p.Conditions, given, _ = s.conditions(svc)
	if !secrets {
		p.Conditions = veiled(svc, p.Conditions, given)
	}
	for _, l := range kept.lines {
		p.Lines = append(p.Lines, l.Text)
	}
	p.Events, _ = s.history.after(0, map[tree.ID]bool{svc.ID: true})
	p.Blocks, p.Requires = s.blocks(svc.ID, status), s.needed(svc, status)
	return p
}

// blocks are the services that cannot start because of one, directly or not.
func (s *supervisor) blocks(id tree.ID, status *control.Status) (out []string) {
	bad := map[tree.ID]bool{id: true}
	for i := range s.tree.Services { // each after all that it depends on
		hard := func(d tree.Dep) bool { return d.Kind.Hard() && bad[d.On] }
		if status.Services[i].State == "blocked" && slices.ContainsFunc(s.tree.Services[i].Needs, hard) {
			bad[tree.ID(i)] = true
			out = append(out, s.tree.Services[i].Name)
		}
	}
	return out
}

// needed are what a service cannot be without, as they are now.
func (s *supervisor) needed(svc *tree.Service, status *control.Status) (out []control.Service) {
	for _, d := range svc.Needs {
		if d.Kind.Hard() {
			out = append(out, status.Services[d.On])
		}
	}
	return out
}
