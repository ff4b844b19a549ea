package test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// A shell on a terminal has its job control, whatever PID bole is: Ctrl-C is for the
// command in front, Ctrl-Z and fg work, the window has its size; and exit 7 is bole's
// own end.
func TestShellInFront(t *testing.T) {
	needRoot(t)
	need(t, "bash", "unshare")
	for _, env := range []environment{plain, pid1} {
		t.Run(env.name, func(t *testing.T) {
			t.Parallel()
			b, user := onTerminal(t, env, "../examples/quickstart", "--", "bash", "--norc", "--noediting", "-i")
			b.says("CMD: ready")
			prompt := 1
			typed := func(line, says string) { // at a prompt: what is typed before is lost by ^C
				t.Helper()
				prompt++
				fmt.Fprintf(user, "%s\n", line)
				b.says(says)
			}
			key := func(c byte) {
				t.Helper()
				user.Write([]byte{c})
				b.says(fmt.Sprintf("in%d> ", prompt))
			}
			typed("PS1='in\\#> '", "in2> ")
			typed("sh -c 'echo sleep''ing; exec sleep 1000'", "sleeping")
			key(ctrlC)
			typed("echo after $?", "after 130")
			typed("sh -c 'echo once\"\" more; exec sleep 1000.3'", "once more")
			key(ctrlZ)
			typed("jobs", "Stopped")
			typed("fg", "1000.3'\r\n")
			wait(t, "the job to go on", func() bool { s, ok := parentAndState(b.find("1000.3")); return ok && s.state == "S" })
			key(ctrlC)
			typed("echo back $?", "back 130")
			unix.IoctlSetWinsize(int(user.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 33, Col: 77})
			typed("true; stty size", "33 77")
			typed("exit 7", "CMD: exited with code 7")
			b.ends(7)
			b.says("all down")
			b.order("CMD: exited", "web: down", "app: down", "db: down", "all down")
		})
	}
}

const ctrlC, ctrlZ = 3, 26

// Where no shell is above bole, nobody could have a command go on that Ctrl-Z has
// stopped: it goes on at once.
func TestCtrlZWithoutAShell(t *testing.T) {
	needRoot(t)
	need(t, "unshare")
	for _, env := range []environment{plain, pid1} {
		b, user := onTerminal(t, env, "../examples/quickstart", "--", "sh", "-c", "trap 'echo I go on' CONT; echo there; until [ \"$x\" = end ]; do read x; echo \"got $x\"; done; exit 7")
		b.says("there")
		user.Write([]byte{ctrlZ})
		b.says("I go on")
		fmt.Fprintln(user, "a line")
		b.says("got a line")
		fmt.Fprintln(user, "end")
		b.ends(7)
	}
}

// A command may be stopped before bole itself has seen that it is there.
func TestStoppedAtOnce(t *testing.T) {
	for range 20 {
		b, _ := onTerminal(t, plain, "--", "sh", "-c", "kill -TSTP $$; exit 7")
		b.ends(7)
	}
}

// Where one is, it takes the terminal, and its fg brings back both.
func TestCtrlZUnderAShell(t *testing.T) {
	need(t, "bash")
	shell := environment{"a shell", []string{"bash", "--norc", "-ic", "\"$@\"; echo stopped: $?; read x; bg; until jobs | grep Stopped; do sleep 0.01; done; fg; echo ended: $?", "bash"}}
	b, user := onTerminal(t, shell, "../examples/quickstart", "--", "sh", "-c", "trap 'echo I go on' CONT; echo there; until [ \"$x\" = end ]; do read x; echo \"got $x\"; done; exit 7")
	b.says("there")
	user.Write([]byte{ctrlZ})
	b.says("stopped: 148")
	b.never("I go on")
	fmt.Fprintln(user, "to bash")
	b.says("Stopped")
	b.says("I go on")
	fmt.Fprintln(user, "a line")
	b.says("got a line")
	fmt.Fprintln(user, "end")
	b.says("ended: 7")
	b.never("got to bash")
	b.ends(0)
}

// A shell is deaf to SIGTERM; that its terminal goes away it understands.
func TestTermEndsAShellAtOnce(t *testing.T) {
	need(t, "bash")
	b, user := onTerminal(t, plain, "../examples/quickstart", "--", "bash", "--norc", "-i")
	b.says("CMD: ready")
	fmt.Fprintln(user, "echo shell is th''ere")
	b.says("shell is there")
	if took := b.term(129); took.Seconds() > 4 { // its stop-timeout is 5 s
		t.Errorf("took %s", took)
	}
	b.says("all down")
	b.order("SIGTERM", "CMD: down", "web: down", "db: down")
}

// With nothing but a command bole is as if it were not there.
func TestInit(t *testing.T) {
	for _, test := range []struct {
		name  string
		args  []string
		stdin string
		out   string
		code  int
	}{
		{"code", []string{"--", "sh", "-c", "exit 7"}, "", "", 7},
		{"standard input and output", []string{"--", "cat"}, "a line\nwithout an end", "a line\nwithout an end", 0},
		{"signal", []string{"--", "sh", "-c", "kill -SEGV $$"}, "", "", 139},
		{"success", []string{"--success-codes", "3,143", "--", "sh", "-c", "exit 3"}, "", "", 0},
		{"success by signal", []string{"--success-codes", "143", "--", "sh", "-c", "kill $$"}, "", "", 0},
		{"no program", []string{"--", "no-such-program"}, "", "bole | CMD: cannot run no-such-program: not found in PATH (/usr/bin:/bin)\n", 127},
		{"not executable", []string{"--", "/etc/passwd"}, "", "bole | CMD: cannot run /etc/passwd: it is not executable; chmod +x would make it so\n", 126},
		{"dollars", []string{"--", "printf", "%s", "$HOME ${X} $$"}, "", "$HOME ${X} $$", 0},
	} {
		cmd := exec.Command(binary, append([]string{"up"}, test.args...)...)
		cmd.Stdin, cmd.Env = strings.NewReader(test.stdin), []string{"PATH=/usr/bin:/bin"}
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); string(out) != test.out || code != test.code {
			t.Errorf("%s: %q, code %d; want %q, code %d", test.name, out, code, test.out, test.code)
		}
	}
}

// Every signal that can be is the command's, and bole's end is the command's.
func TestInitForwards(t *testing.T) {
	needRoot(t)
	need(t, "unshare")
	for _, env := range []environment{plain, pid1} {
		b := up(t, env, "--", "sh", "-c", "for s in HUP INT QUIT USR1 USR2 WINCH ALRM PWR; do trap \"echo got $s\" $s; done; trap 'echo got TERM; exit 9' TERM; echo there; while :; do sleep 0.05; done")
		b.says("there")
		for _, sig := range []syscall.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGUSR1, unix.SIGUSR2, unix.SIGWINCH, unix.SIGALRM, unix.SIGPWR} {
			b.signal(sig)
			b.says("got " + strings.TrimPrefix(unix.SignalName(sig), "SIG") + "\n")
		}
		b.term(9)
		b.says("got TERM")
	}
}

// What the command leaves behind is ended, and orphans are reaped meanwhile.
func TestInitReaps(t *testing.T) {
	needRoot(t)
	need(t, "unshare")
	b := up(t, pid1, "--", "sh", "-c", "(setsid sh -c 'trap \"echo strays were told; exit\" TERM; echo there; while :; do sleep 0.05; done' &); for i in 1 2 3 4 5 6 7 8; do (true &); done; sleep 0.5; cat /proc/[0-9]*/stat | grep -c ' Z ' ; exit 4")
	b.says("there")
	b.ends(4)
	b.says("strays were told")
	b.order("0\n")
}

// The command comes when all else has settled, also if something failed, with bole's
// files; a stop reaches it first, as the signal that it was.
func TestCommandInFrontOfATree(t *testing.T) {
	file := define(t, `
[service.db]
command = ["sh", "-c", "sleep 0.2; echo >&3; exec sleep 1000"]
ready = { fd = 3 }
[service.broken]
command = "no-such-program"
[service.off]
command = "sleep 1000"
enabled = false`)
	b := up(t, plain, file, "--", "sh", "-c", "trap 'echo INT; exit 5' INT; echo in front; while :; do sleep 0.05; done")
	b.says("in front")
	b.says("CMD: ready")
	b.order("db: ready", "CMD: ready")
	b.never("| in front")
	b.signal(unix.SIGINT)
	b.ends(5)
	b.order("INT", "CMD: down", "db: down")
}

// HUP, USR1, USR2 and WINCH are the command's.
func TestSignalsOfTheCommand(t *testing.T) {
	file := define(t, "[tree]\npass-signals = [\"ALRM\"]\n[service.db]\ncommand = \"sleep 1000\"\n")
	b := up(t, plain, file, "--", "sh", "-c", "for s in HUP USR1 USR2 WINCH ALRM; do trap \"echo got $s\" $s; done; echo there; while :; do sleep 0.05; done")
	b.says("there\n")
	for _, sig := range []syscall.Signal{unix.SIGHUP, unix.SIGUSR1, unix.SIGUSR2, unix.SIGWINCH, unix.SIGALRM} {
		b.signal(sig)
		b.says("got " + strings.TrimPrefix(unix.SignalName(sig), "SIG") + "\n")
	}
	b.term(143)
}

// An image may stop by another signal, and an essential service has those passed on
// that it asks for.
func TestOtherStopSignals(t *testing.T) {
	file := define(t, `
[tree]
stop-signals = ["SIGWINCH", "TERM"]
pass-signals = ["USR1"]
[service.web]
command = ["sh", "-c", "trap 'echo got USR1' USR1; trap 'exit 0' TERM; echo there; while :; do sleep 0.05; done"]
essential = true`)
	b := up(t, plain, file)
	b.says("| there")
	b.signal(unix.SIGUSR1)
	b.says("got USR1")
	b.signal(unix.SIGWINCH)
	b.ends(0)
	b.says("SIGWINCH")
}

// Without a standard input, or any file at all, a command runs all the same.
func TestInitWithoutFiles(t *testing.T) {
	var out bytes.Buffer
	cmd := exec.Command("sh", "-c", "exec 0<&- 1>&- 2>&-; exec \"$0\" up -- sh -c 'echo x 2>/dev/null; exit 6'", binary)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Env = os.Environ()
	cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != 6 {
		t.Errorf("code %d, want 6: %s", code, out.String())
	}
}
