package supervise

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"bole/tree"
	"bole/tree/engine"
	"bole/tree/process"
)

// givenMost is how much a oneshot may write to the file that BOLE_ENV names.
const givenMost = 1 << 20

// A giver hands on the variables that oneshots have for those that require them: each
// up has a file, named by BOLE_ENV, which is read when it has succeeded, and removed.
type giver struct {
	*guard
	tree *tree.Tree

	mu    sync.Mutex
	dir   string               // "": not made yet; "-": there is no place for it
	files map[tree.ID]string   // of the ups that run
	given map[tree.ID][]string // by those that have succeeded
}

func newGiver(g *guard, t *tree.Tree) *giver {
	return &giver{guard: g, tree: t, files: map[tree.ID]string{}, given: map[tree.ID][]string{}}
}

// places are where the files can be, the first that can be written.
func places() []string {
	return []string{"/run", os.Getenv("XDG_RUNTIME_DIR"), "/tmp", "/dev/shm"}
}

// directory is where the files are: others may pass, and see no names.
func (g *giver) directory() string {
	if g.dir != "" {
		return g.dir
	}
	g.dir = "-"
	for _, place := range places() {
		if !filepath.IsAbs(place) {
			continue
		}
		if dir, err := os.MkdirTemp(place, "bole-env-"); err == nil {
			os.Chmod(dir, 0o711)
			g.dir = dir
			break
		}
	}
	return g.dir
}

// offer gives a oneshot's up an empty file that is its user's alone. In a root
// directory of its own it would not see it.
func (g *giver) offer(svc *tree.Service, role engine.Role, c *process.Command) {
	if svc.Kind != tree.Oneshot || role != engine.RoleMain || svc.Attr.Chroot != "" {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.given, svc.ID)
	g.drop(svc.ID)
	dir := g.directory()
	if dir == "-" {
		return
	}
	f, err := os.CreateTemp(dir, "")
	if err != nil {
		return
	}
	defer f.Close()
	if c.User != nil {
		f.Chown(int(c.User.UID), int(c.User.GID))
	}
	g.files[svc.ID] = f.Name()
	c.Env = with(c.Env, "BOLE_ENV="+f.Name())
}

func (g *giver) drop(id tree.ID) {
	if file := g.files[id]; file != "" {
		os.Remove(file)
		delete(g.files, id)
	}
}

// faultsMost is how many faults of a file are told: binary data have thousands.
const faultsMost = 3

// ended takes in what an up has written, if it succeeded.
func (g *giver) ended(run engine.Run, end tree.Status) {
	svc := &g.tree.Services[run.Service]
	if svc.Kind != tree.Oneshot || run.Role != engine.RoleMain {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	defer g.drop(svc.ID)
	file := g.files[svc.ID]
	if file == "" || !svc.OnSuccess.Has(end) {
		return
	}
	text, err := readGiven(file)
	vars, faults := tree.ParseEnv(text)
	if err != nil {
		faults = []string{err.Error()}
	}
	for i, fault := range faults {
		if i == faultsMost {
			fault = fmt.Sprintf("and %d lines more", len(faults)-i)
		}
		if i <= faultsMost {
			g.console.SayOf(int(svc.ID), fmt.Sprintf("%s: BOLE_ENV: %s", svc.Name, fault))
		}
	}
	g.given[svc.ID] = vars
}

// readGiven reads a plain file, and nothing that has been put in its place.
func readGiven(file string) ([]byte, error) {
	f, err := os.OpenFile(file, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("it is gone: %w", reason(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("it is no plain file any more")
	}
	text, err := io.ReadAll(io.LimitReader(f, givenMost+1))
	if len(text) > givenMost {
		return nil, fmt.Errorf("it is longer than %d bytes", givenMost)
	}
	return text, err
}

// receive adds to a command's environment what it is given by the oneshots that its
// service requires, directly or not; a later one's in the order of the start counts. names
// are those of the variables.
func (g *giver) receive(svc *tree.Service, env []string) (all, names []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.given) == 0 {
		return env, nil
	}
	var vars []string
	for _, id := range g.required(svc) {
		vars = append(vars, g.given[id]...)
	}
	if len(vars) == 0 {
		return env, nil
	}
	for _, v := range vars {
		name, _, _ := strings.Cut(v, "=")
		names = append(names, name)
	}
	return over(env, vars), names
}

// required are the services without which one cannot be, those first that start first.
func (g *giver) required(svc *tree.Service) (out []tree.ID) {
	seen, todo := map[tree.ID]bool{}, []*tree.Service{svc}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, d := range s.Needs {
			if d.Kind.Hard() && !seen[d.On] {
				seen[d.On] = true
				out = append(out, d.On)
				todo = append(todo, &g.tree.Services[d.On])
			}
		}
	}
	slices.Sort(out)
	return out
}

// ownVariables are set by bole alone.
var ownVariables = []string{"BOLE_SERVICE", "NOTIFY_FD", "NOTIFY_SOCKET", "WATCHDOG_USEC"}

// over puts variables on top of an environment, all but those that are bole's.
func over(env, vars []string) []string {
	last := map[string]string{}
	for _, v := range vars {
		if name, _, _ := strings.Cut(v, "="); !slices.Contains(ownVariables, name) {
			last[name] = v
		}
	}
	out := slices.DeleteFunc(slices.Clone(env), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return last[name] != ""
	})
	for _, v := range vars {
		if name, _, _ := strings.Cut(v, "="); last[name] == v {
			out = append(out, v)
			delete(last, name)
		}
	}
	return out
}

// clear leaves nothing behind.
func (g *giver) clear() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dir != "" && g.dir != "-" {
		os.RemoveAll(g.dir)
	}
}
