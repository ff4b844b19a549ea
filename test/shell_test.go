package test

import (
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// shell runs a command in the conditions of a service.
func (b *bole) shell(service string, command ...string) (stdout, stderr string, code int) {
	b.t.Helper()
	return run(b.t, append([]string{"shell", service, "--socket", b.socket, "--"}, command...)...)
}

// Whoever runs the shell is who the service is, and nobody else may; where that cannot be
// it is said.
func TestShellIsWhoTheServiceIs(t *testing.T) {
	needRoot(t)
	dir := publicDir(t)
	if out, err := exec.Command("cp", binary, dir+"/only-there").CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	b := up(t, user, define(t, "[service.app]\ncommand = \"sleep 1000\"\ndirectory = \"/usr\"\n"))
	b.isReady()
	if out, errs, code := b.shell("app", "sh", "-c", "id -u; id -G; pwd"); out != "65534\n65534\n/usr\n" || code != 0 {
		t.Errorf("%d %s%s", code, out, errs) // root has asked, and is not root
	}
	b.term(0)
	own := openDir(t) + "/own"
	b = up(t, environment{"no variable", []string{"env", "-u", "BOLE_SOCKET"}}, define(t, fmt.Sprintf(`
[tree]
control = { path = %q, mode = "0666" }
[service.app]
command = "sleep 1000"
[service.off]
command = ["nothing"]
enabled = false
umask = "077"
env = { A = "of the definition" }
[service.jailed]
command = ["/only-there", "up"]
chroot = %q
enabled = false
[service.ghost]
command = "sleep 1000"
user = "there-is-none"
enabled = false
`, own, dir)))
	b.socket = own
	b.isReady()
	for _, test := range []struct {
		service     string
		command     []string
		code        int
		out, errors string
	}{
		{"off", []string{"sh", "-c", "umask; echo $A"}, 0, "0077\nof the definition\n", ""},
		{"off", []string{"sh", "-c", "exit 7"}, 7, "", ""},
		{"off", []string{"nothing"}, 127, "", "bole shell: cannot run nothing: "},
		{"jailed", []string{"/only-there", "version"}, 0, "bole ", ""},
		{"jailed", nil, 127, "", "bole shell: cannot run /bin/sh: it does not exist; a command after -- is run in place of a shell"},
		{"ghost", nil, 1, "", "bole shell: ghost: there is no user \"there-is-none\" on this machine"},
		{"gost", nil, 4, "", "there is no service \"gost\"; did you mean ghost?"},
	} {
		out, errs, code := b.shell(test.service, test.command...)
		if code != test.code || !strings.HasPrefix(out, test.out) || !strings.Contains(errs, test.errors) {
			t.Errorf("%s %s: %d %s%s", test.service, test.command, code, out, errs)
		}
	}
	stranger := exec.Command("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", binary, "shell", "app", "--socket", b.socket)
	if out, _ := stranger.CombinedOutput(); stranger.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "are for root and the tree's own user") {
		t.Errorf("a stranger: %s %s", stranger.ProcessState, out)
	}
	b.term(0)
}

// A shell is no part of the service: it is not ended with it, and neither is what it leaves
// behind, which bole inherits.
func TestShellOutlivesTheService(t *testing.T) {
	needRoot(t)
	need(t, "nsenter")
	b := up(t, pid1, define(t, "[service.app]\ncommand = \"sleep 1000\"\n"))
	b.isReady()
	word := fmt.Sprintf("1%09d", time.Now().UnixNano()%1e9)
	leaves := exec.Command("nsenter", "--target", fmt.Sprint(b.pid()), "--pid", "--mount", binary, "shell", "app", "--socket", b.socket, "--", "sh", "-c", "sleep "+word+" >&- 2>&- & exit 5")
	if leaves.Run(); leaves.ProcessState.ExitCode() != 5 {
		t.Errorf("the shell: %s", leaves.ProcessState)
	}
	b.told(0, "app: stopping\napp: down…\n", "", "stop", "app")
	b.told(0, "app: starting\napp: ready…\n", "", "start", "app")
	if len(running(word)) != 1 {
		t.Error("what the shell has left is ended with the service")
	}
	b.term(0)
}

// On a terminal the shell is interactive, with job control.
func TestShellOnTerminal(t *testing.T) {
	b := up(t, plain, define(t, "[service.app]\ncommand = \"sleep 1000\"\nenv = { SHELL = \"/bin/sh\", PS1 = \"in> \", ENV = \"\" }\n"))
	b.isReady()
	user, program := pty(t)
	screen := &bole{t: t}
	go io.Copy(screen, user)
	sh := exec.Command(binary, "shell", "app", "--socket", b.socket)
	sh.Stdin, sh.Stdout, sh.Stderr = program, program, program
	sh.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := sh.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sh.Process.Kill() })
	screen.says("in> ")
	word := fmt.Sprintf("1%09d", time.Now().UnixNano()%1e9)
	io.WriteString(user, "sleep "+word+"\n")
	wait(t, "the command to run", func() bool { return len(running(word)) == 1 })
	user.Write([]byte{'Z' - '@'})
	screen.says("Stopped")
	io.WriteString(user, "fg\n")
	wait(t, "the command to go on", func() bool { return strings.Count(screen.output(), "sleep "+word) >= 3 })
	user.Write([]byte{'C' - '@'})
	wait(t, "the command to end", func() bool { return len(running(word)) == 0 })
	io.WriteString(user, "exit 5\n")
	if sh.Wait(); sh.ProcessState.ExitCode() != 5 {
		t.Errorf("%s: %s", sh.ProcessState, screen.output())
	}
	b.term(0)
}
