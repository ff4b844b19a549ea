package notify_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bole/readiness"
	"bole/readiness/notify"
)

func ExampleReady() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return
	}
	defer listener.Close()
	notify.Ready() // nobody listens here; that is no error
	// Output:
}

func ExampleWatchdog() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	worked := make(chan struct{}, 1) // the work's loop puts something into it in each turn
	go notify.Watchdog(ctx, func() bool {
		select {
		case <-worked:
			return true
		default:
			return false
		}
	})
	// Output:
}

// said runs f with a socket, and returns what comes.
func said(t *testing.T, f func()) (out []readiness.Notification) {
	t.Helper()
	s, err := readiness.NewSocket()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("NOTIFY_SOCKET", s.Name())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for s.Receive(func(n *readiness.Notification, _ error) { out = append(out, *n) }) == nil {
		}
	}()
	f()
	if err := notify.Barrier(t.Context()); err != nil {
		t.Error(err)
	}
	s.Close()
	<-done
	return out
}

func TestLines(t *testing.T) {
	out := said(t, func() {
		for _, err := range []error{notify.Status("%d things\nto load", 7), notify.Ready(), notify.Reloading(), notify.Stopping(),
			notify.Send("EXTEND_TIMEOUT_USEC=5000000", "STATUS=slow")} {
			if err != nil {
				t.Error(err)
			}
		}
		if ready, lines := notify.Listening(); !ready || !lines {
			t.Error("nobody listens")
		}
	})
	if len(out) != 6 || out[0].Status != "7 things to load" || !out[1].Ready || !out[2].Reloading || !out[3].Stopping ||
		out[4].Extend != 5*time.Second || out[4].Status != "slow" {
		t.Errorf("%+v", out)
	}
}

// MONOTONIC_USEC is of the clock that everybody in the container shares.
func TestReloadingTellsTheTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	if err := notify.Reloading(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	n, _ := conn.Read(buf)
	if got := string(buf[:n]); !strings.HasPrefix(got, "RELOADING=1\nMONOTONIC_USEC=") || len(got) < len("RELOADING=1\nMONOTONIC_USEC=1000000") {
		t.Errorf("%q", got)
	}
}

func TestNobodyListens(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	if err := errors.Join(notify.Ready(), notify.Status("x"), notify.Watchdog(t.Context(), nil)); err != nil {
		t.Error(err)
	}
	if err := notify.Barrier(t.Context()); !errors.Is(err, notify.ErrNobody) {
		t.Error(err)
	}
	if ready, lines := notify.Listening(); ready || lines {
		t.Error("somebody listens")
	}
	for _, bad := range []string{"vsock:2:1", filepath.Join(t.TempDir(), "none")} {
		t.Setenv("NOTIFY_SOCKET", bad)
		if err := notify.Ready(); err == nil || !strings.HasPrefix(err.Error(), "notify: ") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// A barrier that nobody answers ends with its context.
func TestBarrierEnds(t *testing.T) {
	s, err := readiness.NewSocket()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	t.Setenv("NOTIFY_SOCKET", s.Name())
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := notify.Barrier(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestWatchdog(t *testing.T) {
	for usec, want := range map[string]time.Duration{"": 0, "x": 0, "-5": 0, "0": 0, "1500": 1500 * time.Microsecond, "99999999999999999999": 0} {
		t.Setenv("WATCHDOG_USEC", usec)
		if got := notify.WatchdogInterval(); got != want {
			t.Errorf("%q: %s", usec, got)
		}
	}
	t.Setenv("WATCHDOG_USEC", "10000")
	t.Setenv("WATCHDOG_PID", "1")
	if got := notify.WatchdogInterval(); got != 0 {
		t.Errorf("another's: %s", got)
	}
	t.Setenv("WATCHDOG_PID", "")
	asked := 0
	out := said(t, func() {
		ctx, cancel := context.WithCancel(t.Context())
		notify.Watchdog(ctx, func() bool {
			if asked++; asked == 5 {
				cancel()
			}
			return asked != 2
		})
	})
	if len(out) != 5 || !out[0].Alive || asked != 5 { // one of five is no, and the barrier is one
		t.Errorf("asked %d times: %+v", asked, out)
	}
}

// A program that was given a pipe writes one newline, and no child of it has the pipe. A
// number that is left over, and belongs to another file, is left alone.
func TestPipe(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	run := func(f *os.File) string {
		cmd := exec.Command(os.Args[0], "-test.run=^TestPipeChild$", "-test.v")
		cmd.Env = append(os.Environ(), "NOTIFY_TEST=1", "NOTIFY_FD=3", "NOTIFY_SOCKET=")
		cmd.ExtraFiles = []*os.File{f}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	out := run(write)
	write.Close()
	buf := make([]byte, 10)
	n, _ := read.Read(buf)
	if string(buf[:n]) != "\n" || !strings.Contains(out, "ready true false, child has it: false, twice <nil>") {
		t.Errorf("%q, %s", buf[:n], out)
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	out = run(file)
	if st, _ := file.Stat(); st.Size() != 0 || !strings.Contains(out, "ready false false") {
		t.Errorf("wrote to a file: %s", out)
	}
}

// TestPipeChild is the program of TestPipe.
func TestPipeChild(t *testing.T) {
	if os.Getenv("NOTIFY_TEST") == "" {
		return
	}
	ready, lines := notify.Listening()
	has := exec.Command("test", "-e", "/proc/self/fd/3").Run() == nil
	fmt.Printf("ready %v %v, child has it: %v, twice %v\n", ready, lines, has, errors.Join(notify.Ready(), notify.Ready()))
}

// Whoever is refused learns it at once, and why.
func TestBarrierRefused(t *testing.T) {
	s, err := readiness.NewSocket()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("NOTIFY_SOCKET", s.Name())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for s.Receive(func(n *readiness.Notification, _ error) { n.Refuse("you are none of app's") }) == nil {
		}
	}()
	if err := notify.Barrier(t.Context()); !errors.Is(err, notify.ErrRefused) || err.Error() != "notify: it was not taken: you are none of app's" {
		t.Error(err)
	}
	s.Close()
	<-done
}
