package main

import (
	"flag"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite what the scripts expect")

func TestMain(m *testing.M) {
	time.Local = time.UTC // what is printed is the same everywhere, and set before anybody looks at a clock
	testscript.Main(m, map[string]func(){"bole": main})
}

// Each script is a session at a shell, with all that it prints and its exit codes.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", env.Getenv("PATH"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"code": code},
	})
}

// code runs a command that is to end with that exit code.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command [argument...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = err.Error()
	}
	if want := map[bool]string{true: "0", false: "exit status " + args[0]}[args[0] == "0"]; got != want {
		ts.Fatalf("%v: %s, want %s", args[1:], got, want)
	}
}
