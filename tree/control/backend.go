package control

import "context"

// A Backend is the tree that is served. All its methods may be called at any time, from
// any goroutine, and return at once, except those with a context. An error is a *Problem,
// or says that bole ends or does not answer. Results are shared: nobody may change them.
type Backend interface {
	// Status is where everything stands now.
	Status() (*Status, error)

	// Usage is what each service that runs uses, by its name.
	Usage() map[string]Usage

	// Own is what bole itself uses.
	Own() Usage

	// Fault takes a fault of bole's own, that cost no more than one request.
	Fault(text string)
}

// An Operator is a Backend that can also be told what to do, and knows what has been.
type Operator interface {
	Backend

	// Detail is one service with all that there is to say of it.
	Detail(name string) (*Detail, error)

	// Postmortem is the scene of a service's last accident. secrets: with all values of its
	// environment.
	Postmortem(name string, secrets bool) (*Postmortem, error)

	// Conditions are those in which a service's process runs, with all secrets.
	Conditions(name string) (*Conditions, error)

	// Timeline is the boot.
	Timeline() (*Timeline, error)

	// Plan is what an action would do, in order.
	Plan(Action) ([]Step, error)

	// Do begins an action.
	Do(Action, Peer) (*Operation, error)

	// Await returns an operation as soon as it is over, or as it is when the context ends.
	Await(ctx context.Context, id uint64) (*Operation, error)

	// Events returns those after a number, all that are there, and waits for the first one
	// until the context ends. Only those of the services named, if any are.
	Events(ctx context.Context, after uint64, services []string) ([]Event, error)

	// Lines returns the last lines of services, the oldest first, and where to go on.
	Lines(services []string, most int) ([]Line, Position, error)

	// MoreLines returns what was written since, and waits for it until the context ends.
	MoreLines(ctx context.Context, services []string, from Position) ([]Line, Position, error)
}

// A Position is how far somebody has read the output of services, in the order in which
// they were named: bytes since the start.
type Position []uint64
