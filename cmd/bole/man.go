package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIRECTORY",
		Short: "Write the pages of the manual, for man(1)",
		Long: `man writes bole(1), a page for each verb, such as bole-up(1), and bole.toml(5), which
has every key, to man1 and man5 in a directory. They say what the help of the verbs
and the reference of the keys say, for they are made of the same.`,
		Example: `  bole man /usr/local/share/man
  bole man /tmp/man && man -M /tmp/man bole.toml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("man needs the directory to write to, such as /usr/local/share/man")
			}
			return nil
		},
		ValidArgsFunction: completeDirectories,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := writeManual(cmd.Root(), args[0]); err != nil {
				fmt.Fprintf(cmd.ErrOrStderr(), "bole man: the manual cannot be written: %s\n", err)
				return exitCode(exitFailed)
			}
			return nil
		},
	}
}

func writeManual(root *cobra.Command, dir string) error {
	pages := map[string]*manPage{"man1/bole.1": rootPage(root), "man5/bole.toml.5": keysPage()}
	for _, verb := range verbs(root) {
		pages["man1/"+pageName(verb)+".1"] = verbPage(verb)
	}
	for name, p := range pages {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(p.b.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// verbs are those of bole's own, without cobra's help.
func verbs(root *cobra.Command) (out []*cobra.Command) {
	for _, cmd := range root.Commands() {
		if cmd.Name() != "help" {
			out = append(out, cmd)
		}
	}
	return out
}

func pageName(verb *cobra.Command) string { return strings.ReplaceAll(verb.CommandPath(), " ", "-") }

func rootPage(root *cobra.Command) *manPage {
	p := newPage("bole", 1, root.Short)
	p.section("SYNOPSIS")
	p.line("%s %s", roffBold("bole"), escaped("VERB [flags] [ARG...]"))
	p.section("DESCRIPTION")
	p.text(root.Long)
	p.section("VERBS")
	for _, verb := range verbs(root) {
		p.item(roffBold(pageName(verb))+"(1)", verb.Short)
	}
	p.section("EXAMPLES")
	p.literal(root.Example)
	p.section("SEE ALSO")
	p.line("%s(5)", roffBold("bole.toml"))
	return p
}

func verbPage(verb *cobra.Command) *manPage {
	p := newPage(pageName(verb), 1, verb.Short)
	p.section("SYNOPSIS")
	p.line("%s", escaped(verb.UseLine()))
	p.section("DESCRIPTION")
	if verb.Long != "" {
		p.text(verb.Long)
	} else {
		p.text(verb.Short + ".")
	}
	if verb.LocalFlags().HasFlags() {
		p.section("OPTIONS")
		verb.LocalFlags().VisitAll(p.flag)
	}
	p.section("EXAMPLES")
	p.literal(verb.Example)
	p.section("SEE ALSO")
	p.line("%s(1), %s(5)", roffBold("bole"), roffBold("bole.toml"))
	return p
}

// flag is --name, with its value if it takes one.
func (p *manPage) flag(f *pflag.Flag) {
	kind, usage := pflag.UnquoteUsage(f)
	term := roffBold("--" + f.Name)
	switch {
	case kind == "":
	case f.NoOptDefVal != "":
		term += "[=" + roffItalic(kind) + "]"
	default:
		term += " " + roffItalic(kind)
	}
	p.item(term, usage)
}
