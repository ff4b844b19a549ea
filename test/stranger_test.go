package test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// socketOf waits until a service has written the name of its socket to a file.
func socketOf(t *testing.T, file string) (name string) {
	t.Helper()
	wait(t, "the name of the socket", func() bool {
		text, _ := os.ReadFile(file)
		name = strings.TrimSpace(string(text))
		return name != ""
	})
	return name
}

// Whoever is none of the service's is told so.
func TestNotifyOfAStranger(t *testing.T) {
	file := openDir(t) + "/name"
	b := up(t, plain, define(t, fmt.Sprintf(`
[service.app]
command = ["sh", "-c", "echo $NOTIFY_SOCKET >%s; exec sleep 1000"]
ready = { notify = true }`, file)))
	t.Setenv("NOTIFY_SOCKET", socketOf(t, file))
	_, stderr, code := run(t, "notify", "--ready")
	if code != 1 || !strings.HasPrefix(stderr, "bole notify: it was not taken: process ") || !strings.HasSuffix(stderr, " is none of app's\n") {
		t.Errorf("code %d: %s", code, stderr)
	}
	b.says("is not taken: it is none of the service's")
	b.never("app: ready")
	b.term(0)
}

// pings sends as fast as it can; whoever does not listen for once does not matter.
const pings = `use Socket; socket(S, AF_UNIX, SOCK_DGRAM, 0); ($to = $ENV{NOTIFY_SOCKET}) =~ s/^@/\0/;
$to = pack("Sa*", AF_UNIX, $to); $| = 1; print "floods\n"; send(S, "WATCHDOG=1", 0, $to) while 1`

// beats gives fifty signs of life in a second, and does not wait where there is no room.
const beats = `use Socket; socket(S, AF_UNIX, SOCK_DGRAM, 0); ($to = $ENV{NOTIFY_SOCKET}) =~ s/^@/\0/;
open(F, ">", $ARGV[0]); print F "$ENV{NOTIFY_SOCKET}\n"; close F;
while (1) { send(S, "WATCHDOG=1", MSG_DONTWAIT, pack("Sa*", AF_UNIX, $to)); select(undef, undef, undef, 0.02) }`

// A stranger who floods the socket of a service does not make it look silent.
func TestNotifyUnderAFlood(t *testing.T) {
	needRoot(t)
	need(t, "perl", "setpriv")
	file := openDir(t) + "/name"
	b := up(t, plain, define(t, fmt.Sprintf(`
[service.app]
command = ["perl", "-e", '''%s''', "%s"]
watchdog = "1s"
user = "daemon"`, strings.ReplaceAll(beats, "$", "$$"), file)))
	t.Setenv("NOTIFY_SOCKET", socketOf(t, file))
	for range 3 {
		cmd := exec.Command("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "perl", "-e", pings)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { cmd.Process.Signal(syscall.SIGKILL); cmd.Wait() })
		out.Read(make([]byte, 1))
	}
	for end := time.Now().Add(4 * time.Second); time.Now().Before(end) && !t.Failed(); time.Sleep(10 * time.Millisecond) {
		b.never("gave its watchdog no sign of life")
	}
	if n := strings.Count(b.output(), "is not taken"); n != 1 {
		t.Errorf("strangers are told %d times", n)
	}
	b.term(0)
}
