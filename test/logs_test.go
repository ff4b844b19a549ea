package test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// writers are two services that write when they are told to.
func writers(dir string) string {
	return fmt.Sprintf(`
[service.a]
command = ["sh", "-c", "echo a1; echo a2 >&2; until test -e %[1]s/more; do sleep 0.01; done; echo a3; until test -e %[1]s/lots; do sleep 0.01; done; seq 1000000; echo a4; exec sleep 1000"]
[service.longname]
requires = ["a"]
command = ["sh", "-c", "echo b1; exec sleep 1000"]
[bundle.both]
contains = ["a", "longname"]
`, dir)
}

// What is in memory is shown as bole up shows it, or as asked for.
func TestLogs(t *testing.T) {
	dir := publicDir(t)
	b := up(t, plain, define(t, writers(dir)))
	b.isReady()
	b.says("a1", "a2", "b1")
	both := "a        | a1\na        | a2\nlongname | b1\n" // in this order or another: they write at the same time
	b.told(0, "a1\na2\n", "", "logs", "a")
	b.told(0, "a2\n", "", "logs", "a", "-n", "1")
	b.told(0, "", "", "logs", "a", "-n", "0")
	b.told(0, "b1\n", "", "logs", "longname")
	if !strings.Contains(b.output(), "longname | ") {
		t.Error("bole up has another width")
	}
	if out, _, _ := b.asks("logs", "a", "longname"); len(out) != len(both) {
		t.Errorf("%q", out)
	}
	if out, _, _ := b.asks("logs", "both", "a"); len(out) != len(both) { // no line twice
		t.Errorf("%q", out)
	}
	if out, _, _ := b.asks("logs", "-t", "a"); !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\S* a1\n`).MatchString(out) {
		t.Errorf("%q", out)
	}
	if out, _, _ := b.asks("logs", "--json", "a"); !regexp.MustCompile(`^\{"service":"a","at":"[^"]+","text":"a1"\}\n\{[^\n]*"a2"\}\n$`).MatchString(out) {
		t.Errorf("%q", out)
	}
	b.told(4, "", "bole logs: there is no service \"longnam\"; did you mean longname?\n", "logs", "longnam")

	follower, other := b.begins("logs", "-f", "-n", "1", "a"), b.begins("logs", "--follow", "both")
	follower.says("a2\n")
	os.WriteFile(dir+"/more", nil, 0o644)
	follower.says("a2\na3\n")
	other.says("a        | a3\n")
	follower.cmd.Process.Signal(syscall.SIGINT)
	follower.ended(0)
	b.term(0)
	other.ended(0)
}

// Whoever reads too slowly is told so, and gets what comes last.
func TestLogsLost(t *testing.T) {
	dir := publicDir(t)
	os.WriteFile(dir+"/more", nil, 0o644)
	b := up(t, plain, define(t, writers(dir)))
	b.isReady()
	b.says("a3")
	cmd := exec.Command(binary, "logs", "-f", "a", "--socket", b.socket)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	errs, text := &bole{t: t}, &bole{t: t}
	cmd.Stderr = errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	io.ReadFull(out, make([]byte, len("a1\na2\na3\n")))
	os.WriteFile(dir+"/lots", nil, 0o644)
	b.says("| a4\n")
	go io.Copy(text, out)
	text.says("1000000\na4\n")
	errs.says(" bytes of a are missing here: they came faster than they were read\n")
	b.term(0)
}
