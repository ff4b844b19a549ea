package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is what the next release is called.
const version = "0.1.0-dev"

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print bole's version, and what it was built from",
		Example: "  bole version",
		Args:    noArguments,
		Run: func(cmd *cobra.Command, _ []string) {
			fmt.Fprintln(cmd.OutOrStdout(), versionLine())
		},
	}
}

// versionLine adds the commit and the Go release, where the build knows them.
func versionLine() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "bole " + version
	}
	commit := ""
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			commit = s.Value[:min(12, len(s.Value))] + ", "
		}
	}
	return fmt.Sprintf("bole %s (%s%s)", version, commit, info.GoVersion)
}
