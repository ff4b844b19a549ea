package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bole/tree"
	"bole/tree/control"
)

// shells are those for which there is a script.
var shells = []cobra.Completion{"bash", "zsh", "fish"}

func completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "Print a script by which a shell completes bole's command line",
		Long: `completion prints a script for a shell. By it the Tab key completes verbs, flags and
their values, and of files those that can be definitions.

The script for bash relies on the package bash-completion.`,
		Example: `  source <(bole completion bash)                                      in this shell
  bole completion bash > /etc/bash_completion.d/bole                  in every one
  bole completion zsh > /usr/local/share/zsh/site-functions/_bole
  bole completion fish > /usr/share/fish/vendor_completions.d/bole.fish`,
		ValidArgs: shells,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("completion needs the name of one shell: %s", strings.Join(shells, ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return script(cmd.Root(), args[0], cmd.OutOrStdout()) },
	}
}

func script(root *cobra.Command, shell string, out io.Writer) error {
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(out, true)
	case "zsh":
		return root.GenZshCompletion(out)
	case "fish":
		return root.GenFishCompletion(out, true)
	}
	return fmt.Errorf("there is no completion for %q, only for %s", shell, strings.Join(shells, ", "))
}

// completePaths offers what a PATH can be. What follows -- is a command's, and any
// file may be meant; cobra does not tell, for it adds a -- of its own.
func completePaths(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if slices.Contains(os.Args, "--") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return []cobra.Completion{"toml"}, cobra.ShellCompDirectiveFilterFileExt
}

// completeFiles leaves it to the shell.
func completeFiles(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

func completeDirectories(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// completeDefined offers the names of the services that /etc/bole defines.
func completeDefined() (names []cobra.Completion, _ cobra.ShellCompDirective) {
	t, _ := tree.Load(orDefault(nil), tree.Options{Environ: os.Environ(), Portable: true})
	if t != nil {
		for i := range t.Services {
			names = append(names, t.Services[i].Name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeMost is how long the Tab key may wait for the running tree.
const completeMost = time.Second

// completeRunning offers the names of the services and bundles of the running tree.
func completeRunning(cmd *cobra.Command, _ []string, _ string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(context.Background(), completeMost)
	defer cancel()
	if c, err := control.Find(cmd.Flag("socket").Value.String()); err == nil {
		if s, err := c.Status(ctx); err == nil {
			for i := range s.Services {
				names = append(names, s.Services[i].Name)
			}
			names = slices.AppendSeq(names, maps.Keys(s.Bundles))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeFirst offers them for the first argument alone.
func completeFirst(cmd *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return completeRunning(cmd, args, word)
}

// completeWords offers what a key of a definition takes, for a flag that takes a list
// of that. Some need more after them.
func completeWords(key, more string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, list string) (words []cobra.Completion, _ cobra.ShellCompDirective) {
		before := list[:strings.LastIndexByte(list, ',')+1]
		for _, word := range tree.Words(key) {
			words = append(words, before+word+more)
		}
		return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// completeFlags says how the values of flags are completed. A name that is no flag's is
// a mistake in this program.
func completeFlags(cmd *cobra.Command, by map[string]cobra.CompletionFunc) {
	for flag, f := range by {
		if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
			panic(err)
		}
	}
}
