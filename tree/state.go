package tree

// A ProcessState is what the processes of a service are made with, besides their
// command, environment, directory and user. The zero value is bole's own.
type ProcessState struct {
	Umask       *uint32 // of files that it makes; 0 to 0o777; nil: bole's own
	Nice        *int    // -20 to 19; nil: bole's own
	OOMScoreAdj *int    // -1000 to 1000; nil: bole's own
	Limits      []Limit // in the order of their numbers

	Chroot          string // its root directory; "": bole's own
	NoNewPrivileges bool   // see PR_SET_NO_NEW_PRIVS in prctl(2)
	Capabilities    []int  // the bounding set that it keeps, see capabilities(7); nil: bole's own
	Ambient         []int  // its ambient set; nil: none
	CPUs            []int  // where it may run; nil: everywhere

	Stdin string // a path, "inherit" for bole's own, or "" for /dev/null
	TTY   string // the path of a terminal that is its standard input, output and error, and controls it; ""; none
}

// A Limit is one resource limit, see setrlimit(2). RLIM_INFINITY is no limit.
type Limit struct {
	Resource   int
	Soft, Hard uint64
}
