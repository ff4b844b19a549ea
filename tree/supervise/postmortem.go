package supervise

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

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
	return &control.Detail{
		Service: status.Services[svc.ID], Usage: s.Usage()[name], Command: svc.Command,
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
	p.Conditions, _ = s.conditions(svc)
	if !secrets {
		p.Conditions.Env = s.veil(svc, p.Conditions.Env)
	}
	for _, l := range kept.lines {
		p.Lines = append(p.Lines, l.Text)
	}
	p.Events, _ = s.history.after(0, map[tree.ID]bool{svc.ID: true})
	p.Blocks, p.Requires = s.blocks(svc.ID, status), s.needed(svc, status)
	return p
}

// veiled stands for a value that is not to be shown.
const veiled = "(hidden)"

// veil hides what looks secret, and all that a oneshot has handed on.
func (s *supervisor) veil(svc *tree.Service, env []string) []string {
	out := slices.Clone(env)
	for i, v := range out {
		name, value, _ := strings.Cut(v, "=")
		if svc.Secret(name, value) || s.giver.gave(v) {
			out[i] = name + "=" + veiled
		}
	}
	return out
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

// keptMost is how many files there are of a service.
const keptMost = 20

// keep writes the scene of a service that has given up where the definitions say, so that
// it outlives the container. Until it is written bole does not end.
func (s *supervisor) keep(id tree.ID) {
	if s.tree.PostmortemDir == "" {
		return
	}
	s.writing.Add(1)
	s.goes("postmortem", func() {
		defer s.writing.Done()
		svc := &s.tree.Services[id]
		if err := s.write(svc); err != nil {
			s.console.SayOf(int(id), fmt.Sprintf("%s: cannot write its postmortem: %s", svc.Name, err))
		}
	})
}

func (s *supervisor) write(svc *tree.Service) error {
	p, err := s.Postmortem(svc.Name, false)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	dir := s.tree.PostmortemDir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	name := filepath.Join(dir, svc.Name+"."+time.Now().UTC().Format("20060102T150405.000Z")+".json")
	if err := os.WriteFile(name+".new", append(text, '\n'), 0o600); err != nil {
		return err
	}
	s.prune(dir, svc.Name)
	return os.Rename(name+".new", name)
}

// prune removes the oldest files of a service, whose names begin alike and sort by time.
func (s *supervisor) prune(dir, service string) {
	files, _ := filepath.Glob(filepath.Join(dir, service+".[0-9]*T[0-9]*Z.json"))
	slices.SortFunc(files, func(a, b string) int { return cmp.Compare(a, b) })
	for _, file := range files[:max(0, len(files)-keptMost+1)] {
		os.Remove(file)
	}
}

// written waits for what is being written, for a while.
func (s *supervisor) written() {
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	s.goes("postmortem", func() {
		s.writing.Wait()
		cancel()
	})
	<-ctx.Done()
}
