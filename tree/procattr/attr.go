// Package procattr knows what a process has besides its program: who it is, its
// limits, priority, capabilities, root. It says what of that can be written, and
// gives it to the process that calls it, which then becomes a program by exec.
//
// One order works, and Apply keeps to it: what only root may do comes before the
// change of the user, what must hold for the program alone comes last.
//
//	terminal, oom-score-adj, nice, cpu-affinity, limits, capabilities   as bole's user
//	chroot, user, ambient-capabilities                                  the change
//	directory, umask, no-new-privileges                                 as the service's user
package procattr

// DefaultPath is where a program is looked for when its environment has no PATH, or
// an empty one, as in Debian's and Alpine's login shells.
const DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Attr is what a process is to have; the zero value leaves everything as it is.
type Attr struct {
	Nice            *int          `json:"nice,omitempty"`                 // -20 (first served) to 19
	OOMScoreAdj     *int          `json:"oom_score_adj,omitempty"`        // -1000 (never killed for memory) to 1000
	Umask           *int          `json:"umask,omitempty"`                // 0 to 0o777
	CPUs            []int         `json:"cpus,omitempty"`                 // those that it may run on; nil: all
	Limits          []Limit       `json:"limits,omitempty"`               // one for each resource
	Chroot          string        `json:"chroot,omitempty"`               // its root directory
	NoNewPrivileges bool          `json:"no_new_privileges,omitempty"`    // set-uid programs give it nothing
	Bounding        *Capabilities `json:"capabilities,omitempty"`         // that it, or what it runs, can ever have; nil: as many as bole
	Ambient         Capabilities  `json:"ambient_capabilities,omitempty"` // that it has though it is not root
	Terminal        string        `json:"tty,omitempty"`                  // a terminal to be its standard files, and its controlling one
}

// Plain reports whether nothing is asked for that a plain fork and exec cannot do.
func (a *Attr) Plain() bool {
	return a == nil || a.Nice == nil && a.OOMScoreAdj == nil && a.Umask == nil && a.CPUs == nil && a.Limits == nil &&
		a.Chroot == "" && !a.NoNewPrivileges && a.Bounding == nil && a.Ambient == 0 && a.Terminal == ""
}
