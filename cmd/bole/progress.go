package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"bole/tree/control"
	"bole/tree/process"
)

// A progress shows how an operation goes: on a terminal one line for each service, that
// changes in its place; elsewhere one line for each change.
type progress interface {
	event(control.Event)     // that has happened to a service which the operation touches
	draw(*control.Operation) // is called a few times a second, at last when it is over
}

// newProgress is asked for once the operation has begun. look returns the services that it
// touches, as they are.
func newProgress(w io.Writer, op *control.Operation, look func() []control.Service) progress {
	f, ok := w.(*os.File)
	if !ok || !process.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" || !moves(op) {
		return &lines{w: w, services: look(), last: map[string]control.Event{}}
	}
	return newBoard(f, op, look)
}

// moves reports whether an operation changes the state of services.
func moves(op *control.Operation) bool { return slices.Contains(planned, op.Verb) }

// turn is how often it is looked what has happened. The end of an operation is seen at
// once.
const turn = 100 * time.Millisecond

// watch shows an operation until it is over. The events since it began are asked for by
// their number, so none is missed.
func watch(ctx context.Context, client *control.Client, op *control.Operation, show progress) (*control.Operation, error) {
	after := op.Event
	for {
		var err error
		if op, err = client.Await(ctx, op.ID, turn); err != nil {
			return nil, err
		}
		for ev, err := range client.Events(ctx, after, false) {
			if err != nil {
				return nil, err
			}
			after = ev.Number
			if of(op, ev) {
				show.event(ev)
			}
		}
		show.draw(op)
		if op.Over() {
			return op, nil
		}
	}
}

// of reports whether an event is of an operation: what comes after its end is not.
func of(op *control.Operation, ev control.Event) bool {
	return slices.Contains(op.Touches, ev.Service) && !(op.Over() && ev.Number > op.Last)
}

// silence shows nothing.
type silence struct{}

func (silence) event(control.Event)     {}
func (silence) draw(*control.Operation) {}

// lines is the progress where it is read later, or by a program.
type lines struct {
	w        io.Writer
	services []control.Service // as they were at first
	last     map[string]control.Event
}

func (l *lines) event(ev control.Event) {
	before := l.last[ev.Service]
	l.last[ev.Service] = ev
	if ev.Kind != control.EventState || ev.To == "waiting" {
		return
	}
	text := ev.Service + ": " + ev.To
	if took := ev.At.Sub(before.At); !before.At.IsZero() && settled(ev.To) && ev.Why == "" && took > 0 {
		text += " after " + control.Short(took)
	}
	if ev.Why != "" {
		text += ": " + printable(ev.Why)
	}
	fmt.Fprintln(l.w, text)
}

// draw says at the end what there was no event of.
func (l *lines) draw(op *control.Operation) {
	if op.State != control.OperationDone {
		return
	}
	for _, s := range l.services {
		switch _, changed := l.last[s.Name]; {
		case op.Verb == "signal":
			fmt.Fprintf(l.w, "%s: %s sent\n", s.Name, op.Signal)
		case op.Verb == "reload":
			fmt.Fprintf(l.w, "%s: reloaded\n", s.Name)
		case !changed:
			fmt.Fprintf(l.w, "%s: %s already\n", s.Name, s.State)
		}
	}
}

// settled reports whether nothing more comes of a state by itself.
func settled(state string) bool {
	switch state {
	case "ready", "done", "failed", "blocked", "down":
		return true
	}
	return false
}
