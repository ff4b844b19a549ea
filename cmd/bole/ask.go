package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"bole/tree/control"
)

// What verbs share that ask a running tree.

func socketFlag(cmd *cobra.Command, socket *string) {
	cmd.Flags().StringVar(socket, "socket", "", "the running tree's control socket; without it, "+control.SocketVariable+" or where it usually is")
	completeFlags(cmd, map[string]cobra.CompletionFunc{"socket": completeFiles})
}

// complain says why the tree could not be asked, and gives the exit code.
func complain(cmd *cobra.Command, err error) error {
	fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", cmd.CommandPath(), err)
	if errors.Is(err, control.ErrNotRunning) {
		return exitCode(exitNotRunning)
	}
	return exitCode(exitFailed)
}
