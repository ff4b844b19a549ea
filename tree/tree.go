package tree

import (
	"time"

	"bole/tree/procattr"
)

// A Tree is what the definition files say, compiled: every service with every
// value decided and checked, in an order in which they can start. It never
// changes; a reload makes another one.
type Tree struct {
	Services []Service // in topological order: a service comes after all that it depends on
	Bundles  []Bundle  // in name order
	Settings

	byName map[string]ID
}

// ID is a service's index in Tree.Services. What a service depends on has a
// smaller ID than the service itself.
type ID int32

// Settings are the keys of [tree].
type Settings struct {
	ShutdownTimeout time.Duration // for the whole teardown; 0 is for ever
	OnFailure       Consequence   // of a service that gives up and says nothing itself
	StopSignals     []int         // what begins the teardown; nil: TERM, INT, QUIT, PWR and RTMIN+3
	PassSignals     []int         // what goes to the command that bole was given, or to the essential services
	Control         Control       // where bole is asked and told things
	PostmortemDir   string        // where the scene is written when a service gives up; "": nowhere
	HTTP            string        // HOST:PORT where orchestrators ask; "": nowhere
	Start           []ID          // what up brings up, without what these bring in; in ID order
}

// A Bundle is a name for a set of services.
type Bundle struct {
	Name        string
	Description string
	Members     []ID // bundles inside it are resolved; in ID order
}

// Kind says what a service is.
type Kind uint8

const (
	Longrun Kind = iota // a process that is kept running
	Oneshot             // a command run to completion on the way up
)

// A Service is one longrun or oneshot. Where a key belongs to one kind alone,
// the other kind has its zero value.
type Service struct {
	ID          ID
	Name        string
	Kind        Kind
	Description string
	Enabled     bool // false: up does not start it by itself

	Command   []string // argv of a longrun's process, or of a oneshot's up
	Down      []string // argv of a oneshot's down; nil: nothing to undo
	OnlyIf    []string // argv: not 0 means that the service is skipped; nil: it always runs
	Prepare   []string // argv of what runs before each start; not 0: the start failed
	Directory string   // "": where bole itself was started
	Env       []string // the whole environment, "NAME=value", sorted; see UserEnv
	UserEnv   []string // names that the user's entry in the password file still has to give: HOME, USER, LOGNAME, SHELL
	Secrets   []string // names of variables that are of an env-file, sorted; see Secret
	User      string   // name or number; "": bole's own
	Group     string   // name or number; "": the user's
	Groups    []string // names or numbers; nil: those of the user
	Attr      procattr.Attr
	Stdin     string // "": /dev/null; Inherit; or an absolute path

	Directories []NewDirectory // to be made before each start

	Needs []Dep // what it depends on, one entry each, in ID order

	ReadyFD      int           // the fd on which a newline says ready; 0: there is none
	Notifies     bool          // it says by sd_notify(3) when it is ready
	ReadyLine    string        // a regular expression; a line of its output that matches says ready; "": there is none
	Ready        *Probe        // what is asked whether it is ready; nil: nobody
	Health       *Health       // what is asked again and again once it is ready; nil: nobody
	Watchdog     time.Duration // how often it is to give a sign of life by sd_notify(3); 0: it need not
	StartTimeout time.Duration // until ready (a oneshot: until done); 0 is for ever

	Restart   Restart
	OnSuccess Codes // the ends that count as success
	GiveUp    Codes // the ends after which it is not started again

	PIDFile     string        // where a longrun's command that forks and ends names its process; "": it does not fork
	StopCommand []string      // argv of what runs before the stop signal is sent
	StopSignal  int           // first signal of a stop
	StopTimeout time.Duration // until SIGKILL; a oneshot's down has as long; 0 is for ever
	Kill        KillMode

	Reload Reload

	Finish        []string      // argv of what runs after each end of a longrun's process
	FinishTimeout time.Duration // until SIGKILL; 0 is for ever

	Foreground bool // it is the command that bole was given: it has bole's own files and terminal, and its code is bole's

	Essential bool        // when it ends for good the tree is torn down and its code is bole's
	OnFailure Consequence // when it gives up; AsTree: as the tree's
}

// A Probe is what is asked whether a service is ready, until the answer is yes.
type Probe struct {
	Kind     ProbeKind
	Target   string        // an address, a path, or a URL
	Status   int           // that an HTTP server is to answer
	Command  []string      // argv
	Delay    time.Duration // how long it is to have run
	Interval time.Duration // between two attempts; 0: short at first, growing
	Timeout  time.Duration // of one attempt; 0 is for ever
}

// A Health is what is asked whether a service is still well. Its first success is the
// readiness of a service that has no other.
type Health struct {
	Probe
	Failures int  // in a row, until it counts as unhealthy
	Restart  bool // it is then restarted; otherwise it is only said
}

// ProbeKind says whom a probe asks, and how.
type ProbeKind uint8

const (
	ProbeTCP   ProbeKind = iota // it accepts connections at an address
	ProbeUnix                   // the same, at a socket's path
	ProbeHTTP                   // it answers with a status
	ProbeExec                   // a command ends with code 0
	ProbeFile                   // a file has been made since the start
	ProbeDelay                  // it has run long enough
)

// Reload is what has a running service read its configuration again: one of these, or
// neither.
type Reload struct {
	Signal  int      // to the main process
	Command []string // argv of what is run
}

// A NewDirectory is one that a service needs, and that may not be there.
type NewDirectory struct {
	Path        string // absolute, in the service's root directory
	Mode        int    // with the bits for set-uid and so on
	User, Group string // names or numbers; "": those of the service
}

// A Dep is one arrow of the graph: the service that holds it depends on On.
// When several keys name the same service, the strictest of each half counts.
type Dep struct {
	On    ID
	Kind  DepKind
	Until Until
}

// DepKind is the strength of a dependency, the stronger the higher.
type DepKind uint8

const (
	After    DepKind = iota // order alone: if the other is wanted, wait until it is settled
	Wants                   // brings the other in, waits until it is settled
	Requires                // brings the other in, waits until it is ready
	Binds                   // as Requires, and goes down and comes back together with it
)

// Hard reports whether a service cannot start without the other.
func (k DepKind) Hard() bool { return k >= Requires }

// Until is how far the other must have come.
type Until uint8

const (
	UntilStarted Until = iota // its process runs
	UntilReady                // it is ready; a oneshot: done
)

// Restart is when and how often a service is started again by itself.
type Restart struct {
	Policy   Policy
	Delay    time.Duration // before the first restart, doubled for each that follows
	MaxDelay time.Duration // the doubling ends here
	Reset    time.Duration // ready that long, the delay (and a limit without Within) starts anew
	Limit    int           // automatic restarts allowed; negative: no limit
	Within   time.Duration // within which Limit counts; 0: in a row
}

// Policy says after which ends a service is started again.
type Policy uint8

const (
	Always Policy = iota
	OnFailure
	Never
)

// KillMode says whom the signals of a stop are for.
type KillMode uint8

const (
	KillMixed   KillMode = iota // the main process; what it leaves behind gets SIGTERM; in the end SIGKILL for all
	KillGroup                   // every signal goes to the process group
	KillProcess                 // the main process alone; what it leaves behind lives on until the tree is down
)

// Consequence is what follows when a service gives up.
type Consequence uint8

const (
	AsTree   Consequence = iota
	Keep                 // the tree stays up, for inspection
	Shutdown             // the tree is torn down
)

// Assemble makes a Tree of services that are in topological order already, and
// sets their IDs. It panics when a service needs one that comes after it.
func Assemble(services []Service, bundles []Bundle, settings Settings) *Tree {
	t := &Tree{Services: services, Bundles: bundles, Settings: settings, byName: make(map[string]ID, len(services))}
	for i := range services {
		s := &services[i]
		s.ID = ID(i)
		t.byName[s.Name] = s.ID
		for _, d := range s.Needs {
			if d.On >= s.ID {
				panic("tree.Assemble: " + s.Name + " comes before what it needs")
			}
		}
	}
	return t
}

// Announces reports whether a longrun says when it is ready, or is asked; otherwise it
// is as soon as it runs.
func (s *Service) Announces() bool { return s.announcesItself() || s.Asked() != nil }

func (s *Service) announcesItself() bool {
	return s.ReadyFD != 0 || s.Notifies || s.ReadyLine != "" || s.PIDFile != ""
}

// Asked is what a longrun is asked until it is ready, or nil.
func (s *Service) Asked() *Probe {
	switch {
	case s.Ready != nil:
		return s.Ready
	case s.Health != nil && !s.announcesItself():
		return &s.Health.Probe
	}
	return nil
}

// Foreground returns the command that bole was given, or nil.
func (t *Tree) Foreground() *Service {
	if n := len(t.Services); n > 0 && t.Services[n-1].Foreground {
		return &t.Services[n-1] // it comes after all others
	}
	return nil
}

// Find returns the service of that name; a bundle is none.
func (t *Tree) Find(name string) (ID, bool) {
	id, ok := t.byName[name]
	return id, ok
}

// Closest returns the service's name that is most like a misspelt one, or "".
func (t *Tree) Closest(name string) string {
	names := make([]string, len(t.Services))
	for i := range t.Services {
		names[i] = t.Services[i].Name
	}
	return closest(name, names)
}

var depKinds = [...]string{"after", "wants", "requires", "binds"}

func (k DepKind) String() string { return depKinds[k] }

// MarshalText gives the key that says so.
func (k DepKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

func (u Until) String() string { return [...]string{"started", "ready"}[u] }

// MarshalText gives "started" or "ready".
func (u Until) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

func (k Kind) String() string { return [...]string{"longrun", "oneshot"}[k] }

// MarshalText gives "longrun" or "oneshot".
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
