package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"bole/tree/control"
)

// What verbs share that ask a running tree.

func socketFlag(cmd *cobra.Command, socket *string) {
	cmd.Flags().StringVar(socket, "socket", "", "the running tree's control socket; without it, "+control.SocketVariable+" or where it usually is")
	completeFlags(cmd, map[string]cobra.CompletionFunc{"socket": completeFiles})
}

// find returns the client of the running tree. If that is of another version it is said.
func find(cmd *cobra.Command, socket string) (*control.Client, error) {
	runtime.UnlockOSThread() // each wait for an answer would take another thread
	c, err := control.Find(socket)
	if err != nil {
		return nil, err
	}
	c.Met = func(theirs string) {
		if theirs != version {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: note: the running bole is of version %s, this program of %s\n", cmd.CommandPath(), printable(cmp.Or(theirs, "unknown")), version)
		}
	}
	return c, nil
}

// A patience is how long to wait, as a flag.
type patience time.Duration

func timeoutFlag(cmd *cobra.Command, most *time.Duration, usual time.Duration, doc string) {
	*most = usual
	cmd.Flags().Var((*patience)(most), "timeout", doc)
}

func (p *patience) String() string { return time.Duration(*p).String() }

// Type is how the help calls the value.
func (p *patience) Type() string { return "duration" }

// Set takes a duration that is not negative.
func (p *patience) Set(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return errors.New("it should be a time such as 30s, or 0 for ever")
	}
	*p = patience(d)
	return nil
}

// askMost is how long the tree may take to answer what it answers at once.
const askMost = 5 * time.Second

// ask asks the running tree something that it answers at once, and complains if it does
// not.
func ask(cmd *cobra.Command, socket string, question func(context.Context, *control.Client) error) error {
	ctx, cancel := context.WithTimeout(cmd.Context(), askMost)
	defer cancel()
	c, err := find(cmd, socket)
	if err == nil {
		err = question(ctx, c)
	}
	var code exitCode
	if err == nil || errors.As(err, &code) || errors.As(err, new(*fs.PathError)) { // told, or about the output
		return err
	}
	return complain(cmd, err)
}

// complain says why the tree could not be asked, or does not do it, and gives the exit
// code.
func complain(cmd *cobra.Command, err error) error {
	fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", cmd.CommandPath(), printable(err.Error()))
	var p *control.Problem
	switch {
	case errors.Is(err, control.ErrNotRunning):
		return exitCode(exitNotRunning)
	case errors.As(err, &p) && p.Type == control.NoService:
		return exitCode(exitNoService)
	}
	return exitCode(exitFailed)
}
