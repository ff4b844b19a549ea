package main

import (
	"github.com/spf13/cobra"

	"bole/tree"
)

func schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print a JSON Schema of definition files, for editors",
		Long: `schema prints what a definition file may hold as a JSON Schema (draft 2020-12), with
the words of the manual. By it editors complete keys, explain them and mark what is
wrong while it is written. Those with taplo or Even Better TOML take it from the
first line of a file:

  #:schema ./bole.schema.json

It judges one file, value by value; what files say together, check judges.`,
		Example: `  bole schema > bole.schema.json`,
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return printJSON(cmd.OutOrStdout(), tree.JSONSchema()) },
	}
}
