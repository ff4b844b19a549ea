package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"bole/tree"
)

type checkFlags struct{ strict, portable, json bool }

func checkCommand() *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check [PATH...]",
		Short: "Look for faults in the definitions; start nothing",
		Long: `check reads the definitions as up does and reports every fault at once, each with
its file, line and column. What the definitions say wrongly is an error. What this
machine lacks (a program, a user, a directory) is a warning, for something that
runs earlier may still make it.

Exit code: 0 without an error, 78 with one.`,
		Example: `  bole check                     the definitions of /etc/bole
  bole check --portable web.toml in a build, where the programs are not installed yet
  bole check --strict            in the finished image: warnings are errors too`,
		ValidArgsFunction: completePaths,
		RunE:              func(cmd *cobra.Command, paths []string) error { return check(cmd, f, paths) },
	}
	cmd.Flags().BoolVar(&f.strict, "strict", false, "warnings are errors")
	cmd.Flags().BoolVar(&f.portable, "portable", false, "do not look at this machine's programs, users and directories")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the faults as JSON")
	return cmd
}

func check(cmd *cobra.Command, f checkFlags, paths []string) error {
	t, report := tree.Load(orDefault(paths), tree.Options{Environ: os.Environ(), Machine: !f.portable, Portable: f.portable})
	if f.strict {
		report.Strict()
	}
	if f.json {
		printJSON(cmd.OutOrStdout(), report)
	} else {
		fmt.Fprint(cmd.ErrOrStderr(), report)
	}
	if report.Errors() > 0 {
		return exitCode(exitDefinitions)
	}
	if !f.json {
		fmt.Fprintf(cmd.OutOrStdout(), "ok: %s\n", summary(t))
	}
	return nil
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// summary counts what the definitions define.
func summary(t *tree.Tree) string {
	longruns := 0
	for i := range t.Services {
		if t.Services[i].Kind == tree.Longrun {
			longruns++
		}
	}
	return fmt.Sprintf("%s, %s, %s", plural(longruns, "service"), plural(len(t.Services)-longruns, "oneshot"), plural(len(t.Bundles), "bundle"))
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
