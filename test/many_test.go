package test

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Five hundred services that are asked by TCP cost no threads while they wait, are ready at
// the first question after the port has opened, and cost no more time from then on.
func TestFiveHundredAreAsked(t *testing.T) {
	const services = 500
	port := freePort(t)
	b := up(t, plain, define(t, fmt.Sprintf(`
[service.app]
instances = %d
command = "sleep 1000"
ready = { tcp = "127.0.0.1:%s" }
start-timeout = "0s"`, services, port)))
	pid := b.pid()
	wait(t, "all to be started", func() bool {
		return len(processes(func(p int) bool { s, ok := parentAndState(p); return ok && s.parent == pid })) == services
	})
	b.never("ready after")
	rest(t, pid, time.Second/2, 15) // the start is over: there are only the questions, one a second each
	if n, _ := strconv.Atoi(status(t, pid, "Threads")); n > services/10 {
		t.Errorf("%d threads while %d services wait", n, services)
	}
	questions := answerAt(t, "127.0.0.1:"+port)
	b.says(fmt.Sprintf(": %d ready", services))
	rest(t, pid, time.Second, 1)
	if n := questions.Load(); n != services {
		t.Errorf("asked %d times for %d services", n, services)
	}
	b.term(0)
}

// answerAt accepts connections, and counts them.
func answerAt(t *testing.T, address string) (n *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	n = new(atomic.Int64)
	go func() {
		for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
			n.Add(1)
			conn.Close()
		}
	}()
	return n
}

// rest waits for a while in which a process uses so many ticks of 10 ms at most.
func rest(t *testing.T, pid int, while time.Duration, most int) {
	t.Helper()
	wait(t, fmt.Sprintf("it to use no more than %d ticks in %s", most, while), func() bool {
		before := ticks(t, pid)
		time.Sleep(while)
		return ticks(t, pid)-before <= most
	})
}

// ticks is the processor time that a process has used.
func ticks(t *testing.T, pid int) (n int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	f := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	for _, field := range f[11:13] { // utime and stime
		v, _ := strconv.Atoi(field)
		n += v
	}
	return n
}
