package supervise

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"bole/tree/control"
	"bole/tree/engine"
)

// keptMost is how many files there are of a service.
const keptMost = 20

// keep writes the scene of a service that gives up where the definitions say, so that it
// outlives the container. The loop calls it, with the state as it is then: bole may end
// of this very failure, and waits for what is being written.
func (s *supervisor) keep(e *engine.Engine, ef engine.Changed, heard <-chan struct{}) {
	if s.tree.PostmortemDir == "" {
		return
	}
	svc, then, why := &s.tree.Services[ef.Service], e.Copy(), e.WhyThen(ef)
	s.closing.Add(1)
	s.goes("postmortem", func() {
		defer s.closing.Done()
		select {
		case <-heard:
		case <-time.After(hearMost): // nobody reads bole's own output
		}
		p := s.scene(svc, s.status(then), false)
		p.State, p.Why = ef.To.String(), why // it may be down already, with the tree
		if err := write(s.tree.PostmortemDir, p); err != nil {
			s.console.SayOf(int(svc.ID), fmt.Sprintf("%s: cannot write its postmortem: %s", svc.Name, reason(err)))
		}
	})
}

// stamp is the time in the name of a file: they sort by it.
const stamp = "20060102T150405.000Z"

func write(dir string, p *control.Postmortem) error {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	prune(dir, p.Service)
	name := filepath.Join(dir, p.Service+"."+time.Now().UTC().Format(stamp)+".json")
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// prune removes the oldest files of a service, so that there is room for one more.
func prune(dir, service string) {
	entries, _ := os.ReadDir(dir) // in the order of their names
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return !isOf(e.Name(), service) })
	for _, e := range entries[:max(0, len(entries)-keptMost+1)] {
		os.Remove(filepath.Join(dir, e.Name()))
	}
}

// isOf reports whether a file is a postmortem of that very service: names may hold dots.
func isOf(file, service string) bool {
	rest, ok := strings.CutPrefix(file, service+".")
	rest, json := strings.CutSuffix(rest, ".json")
	_, err := time.Parse(stamp, rest)
	return ok && json && err == nil
}

// closed waits for what is being written, and for the sockets, for a while.
func (s *supervisor) closed() {
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	s.goes("closing", func() {
		s.closing.Wait()
		cancel()
	})
	<-ctx.Done()
}
