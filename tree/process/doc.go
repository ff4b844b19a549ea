// Package process makes, signals and reaps the processes of services, on Linux.
// It is the only place of bole that forks, and the only one that waits: a second
// one would take the ends of the other's children.
//
//	process.Setup()                        // once, early
//	t := process.NewTable[string]()
//	t.Start("db", &process.Command{…})     // from any goroutine, several at a time
//	for range child {                      // after each SIGCHLD, and when Again says so
//		for _, x := range t.Reap() { … }
//	}
//
// # Who gets which end
//
// A child may be dead before the one who made it knows its number, and the end
// of a number that nobody knows may as well be an orphan's. So a child is counted
// as being made before the fork, and entered in the table after it. While none is
// being made, whatever is not in the table is an orphan, and one wait for any child
// takes them all. While some are, the reaper looks before it takes: it takes what is
// in the table, and what the kernel lists as an orphan (see below). The rest stays
// a zombie, whose number the kernel gives to nobody else, until its maker has entered
// it. So no lock is held across a fork, and a program on a disk that hangs does not
// keep the reaper waiting. (It does keep the other makers: package syscall makes one
// child at a time.)
//
// # Orphans
//
// PID 1, or a child subreaper, inherits the children of the dead. Linux lists children
// under the thread that made them, and inherited ones under the first thread of
// the heir. No child is made on that thread here, so its list holds orphans alone,
// and is nearly always empty: to read it takes some microseconds.
//
// # Strays
//
// A process belongs to the service from which it descends. Who is an orphan, or
// descends from one, belongs to the run whose session or process group it is in, or
// else to the service named by BOLE_SERVICE in its environment. A run that lives
// has all that is in its session; what nobody living has is a stray of the runs of
// that service that have ended.
//
// Most services leave none, and that must cost next to nothing at each end. Two
// questions tell: does anyone of the group live, and is there an orphan that may be
// the service's? A process that left group and session has, once its parents are dead,
// an ancestor that is an orphan. The lock is held for these, which is a look at each
// orphan not seen before and at no more than some dozens. Only if one answer is yes,
// /proc is searched, and without the lock.
//
// A process that left the session and whose environment is gone or unreadable (one
// with more rights than bole) belongs to nobody; KillAll ends it.
// Without /proc, or with that of another PID namespace, the process group is all
// that is known.
package process
