package test

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Nobody's bad manners hold up others: with all of these in the tree a service starts, and
// becomes ready. Each costs a bounded amount, and is told once.
func TestBadNeighbours(t *testing.T) {
	dir := publicDir(t)
	service := func(name, command, ready string) string {
		return fmt.Sprintf("[service.%s]\ncommand = %s\nready = { %s }\nstart-timeout = \"0s\"\n", name, command, ready)
	}
	idle := `["sleep", "1000"]`
	text := service("hangs", idle, `exec = ["sh", "-c", "echo hangs; exec sleep 1000.1"], timeout = "0s"`) + "instances = 8\n" +
		service("leaves", idle, `exec = ["sh", "-c", "sleep 1000.2 & exit 1"], interval = "20ms"`) +
		service("escapes", idle, `exec = ["sh", "-c", "[ -e `+dir+`/escaped ] || { setsid sh -c 'touch `+dir+`/escaped; exec sleep 1000.3' & until [ -e `+dir+`/escaped ]; do :; done; }; exit 1"], interval = "20ms"`) +
		service("writes", idle, `exec = "yes", timeout = "200ms"`) +
		service("garbage", fmt.Sprintf("[%q, \"garbage\", \"20\"]", neighbour()), "notify = true") +
		service("flood", fmt.Sprintf("[%q, \"flood\", %q]", neighbour(), dir+"/socket"), "notify = true") +
		service("chatter", fmt.Sprintf("[%q, \"flood\", %q, \"200\"]", neighbour(), dir+"/other"), "notify = true")
	servers := map[string]*badServer{}
	for name, answer := range badAnswers {
		s := serveBadly(t, answer)
		servers[name] = s
		text += service(name, idle, fmt.Sprintf(`http = "http://%s/", timeout = "200ms", interval = "20ms"`, s.address))
	}
	text += service("endless", idle, fmt.Sprintf(`http = "http://%s/"`, serveBadly(t, badAnswer{"HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("x", 1<<16)}).address)) +
		service("good", idle, `exec = "ls `+dir+`/now", interval = "20ms"`) +
		"[service.app]\ncommand = [\"sh\", \"-c\", \"echo app runs; exec sleep 1000\"]\nrequires = [\"good\"]\n"
	b := up(t, plain, define(t, text))
	b.says("| garbage is sent", "chatter: ready", "endless: ready")
	for name, s := range servers {
		wait(t, name+" to be asked again and again", func() bool { return s.asked.Load() >= 3 })
	}
	strange(t, dir+"/other", 500)
	b.says("escapes: the command that is asked how it is leaves processes behind; they are ended")
	os.WriteFile(dir+"/now", nil, 0o644)
	b.says("good: ready", "| app runs", "chatter: a notification of process")
	for name, s := range servers {
		if n := s.most.Load(); n > 5 { // it is one, but the server may be slow to see that bole has gone
			t.Errorf("%s was asked %d times at once", name, n)
		}
	}
	wait(t, "what a probe leaves behind to be ended", func() bool {
		ours := b.marked()
		return len(slices.DeleteFunc(running("1000.2"), func(pid int) bool { return !slices.Contains(ours, pid) })) <= 1
	})
	wait(t, "what has left its session too", func() bool { return b.find("1000.3") == 0 })
	b.never("leaves: the command")
	if peak := peakMemory(t, b.pid()); peak > 64<<10 {
		t.Errorf("bole has used %d kB of memory", peak)
	}
	b.term(0)
	b.once("garbage: a notification of process", "chatter: a notification of process", "is not taken: it is too long", "is not taken: it is none of the service's")
}

// Services that say something all the time have to wait, and cost bole little.
func TestFlood(t *testing.T) {
	dir := publicDir(t)
	b := up(t, plain, define(t, fmt.Sprintf(`
[service.flood]
instances = 4
command = ["sh", "-c", "exec %[1]s flood %[2]s/$INSTANCE"]
ready = { notify = true }
start-timeout = "0s"
[service.late]
command = ["%[1]s", "flood", "%[2]s/late", "500"]
ready = { notify = true }`, neighbour(), dir)))
	for i := range 4 {
		wait(t, "the flood", func() bool { _, err := os.Stat(fmt.Sprint(dir, "/", i+1)); return err == nil })
	}
	b.says("late: ready")
	rest(t, b.pid(), time.Second, 50)
	b.never("flood@1: ready")
	b.term(0)
}

// once checks that bole has written each of these once.
func (b *bole) once(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if n := strings.Count(b.output(), text); n != 1 {
			b.t.Errorf("bole said %q %d times", text, n)
		}
	}
}

// strange says to another's notification socket again and again that it is ready.
func strange(t *testing.T, file string, times int) {
	t.Helper()
	wait(t, file, func() bool { text, _ := os.ReadFile(file); return len(text) > 0 })
	name, _ := os.ReadFile(file)
	conn, err := net.Dial("unixgram", string(name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for range times {
		if _, err := conn.Write([]byte("READY=1")); err != nil {
			t.Fatal(err)
		}
	}
}

// peakMemory is the most that a process has had, in kB.
func peakMemory(t *testing.T, pid int) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSuffix(status(t, pid, "VmHWM"), " kB"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A badAnswer is what a server says first, and then again and again as long as it can.
type badAnswer struct{ first, again string }

var badAnswers = map[string]badAnswer{
	"silent":    {},
	"redirects": {"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", ""},
	"early":     {"", "HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n"},
	"long-line": {"HTTP/1.1 ", strings.Repeat("x", 1<<12)},
	"header":    {"HTTP/1.1 103 Early Hints\r\n", strings.Repeat("X: y\r\n", 1<<10)},
	"another":   {"", "-ERR unknown command\r\n"},
}

// A badServer counts how often it was asked, and how many asked at once at most.
type badServer struct {
	address           string
	asked, here, most atomic.Int64
}

func serveBadly(t *testing.T, answer badAnswer) *badServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s := &badServer{address: l.Addr().String()}
	go func() {
		for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
			s.asked.Add(1)
			s.most.Store(max(s.most.Load(), s.here.Add(1)))
			go s.answer(conn, answer)
		}
	}()
	return s
}

// answer goes on until the other one has gone.
func (s *badServer) answer(conn net.Conn, answer badAnswer) {
	defer conn.Close()
	buf := make([]byte, 4096)
	conn.Read(buf)
	_, err := conn.Write([]byte(answer.first))
	for err == nil && answer.again != "" {
		_, err = conn.Write([]byte(answer.again))
		time.Sleep(time.Millisecond) // leaves some of the machine to others
	}
	for err == nil {
		_, err = conn.Read(buf)
	}
	s.here.Add(-1)
}
