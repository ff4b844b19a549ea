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

	"bole/tree"
	"bole/tree/engine"
)

// keptMost is how many files there are of a service.
const keptMost = 20

// keep writes the scene of a service that gives up where the definitions say, so that it
// outlives the container. The loop calls it, with the state as it is then: bole may end
// of this very failure, and waits for what is being written.
func (s *supervisor) keep(id tree.ID, e *engine.Engine, heard <-chan struct{}) {
	if s.tree.PostmortemDir == "" {
		return
	}
	then := e.Copy()
	s.writing.Add(1)
	s.goes("postmortem", func() {
		defer s.writing.Done()
		select {
		case <-heard:
		case <-time.After(hearMost): // nobody reads bole's own output
		}
		svc := &s.tree.Services[id]
		if err := s.write(svc, then); err != nil {
			s.console.SayOf(int(id), fmt.Sprintf("%s: cannot write its postmortem: %s", svc.Name, reason(err)))
		}
	})
}

// stamp is the time in the name of a file: they sort by it.
const stamp = "20060102T150405.000Z"

func (s *supervisor) write(svc *tree.Service, then engine.Snapshot) error {
	text, err := json.MarshalIndent(s.scene(svc, s.status(then), false), "", "  ")
	if err != nil {
		return err
	}
	dir := s.tree.PostmortemDir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	prune(dir, svc.Name)
	name := filepath.Join(dir, svc.Name+"."+time.Now().UTC().Format(stamp)+".json")
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
