package main

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"bole/tree/control"
)

// What verbs share that ask a running tree.

func socketFlag(cmd *cobra.Command, socket *string) {
	cmd.Flags().StringVar(socket, "socket", "", "the running tree's control socket; without it, "+control.SocketVariable+" or where it usually is")
	completeFlags(cmd, map[string]cobra.CompletionFunc{"socket": completeFiles})
}

// find returns the client of the running tree.
func find(_ *cobra.Command, socket string) (*control.Client, error) { return control.Find(socket) }

// complain says why the tree could not be asked, or does not do it, and gives the exit
// code.
func complain(cmd *cobra.Command, err error) error {
	fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", cmd.CommandPath(), err)
	var p *control.Problem
	switch {
	case errors.Is(err, control.ErrNotRunning):
		return exitCode(exitNotRunning)
	case errors.As(err, &p) && p.Status == http.StatusNotFound:
		return exitCode(exitNoService)
	}
	return exitCode(exitFailed)
}
