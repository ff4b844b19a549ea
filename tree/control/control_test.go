package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// patience is how long tests wait for what has to happen.
const patience = 20 * time.Second

// A fake is a tree that is as the test says.
type fake struct {
	status *Status // nil: there is no answer
	usage  map[string]Usage
	panics bool

	mu     sync.Mutex
	faults []string
}

func (f *fake) Status() (*Status, error) {
	if f.panics {
		panic("a fault")
	}
	if f.status == nil {
		return nil, errors.New("bole ends")
	}
	return f.status, nil
}

func (f *fake) Usage() map[string]Usage { return f.usage }

func (f *fake) Own() Usage { return Usage{Processes: 1, Resident: 7 << 20, CPUSeconds: 0.5} }

func (f *fake) Fault(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = append(f.faults, text)
}

func (f *fake) Detail(name string) (*Detail, error) {
	for _, s := range f.status.Services {
		if s.Name == name {
			return &Detail{Service: s, Command: []string{name}}, nil
		}
	}
	return nil, &Problem{Status: http.StatusNotFound, Detail: "there is no service " + name, DidYouMean: "app"}
}

func (f *fake) Postmortem(name string, secrets bool) (*Postmortem, error) {
	return &Postmortem{Service: name, State: fmt.Sprint("secrets ", secrets)}, nil
}

func (f *fake) Conditions(name string) (*Conditions, error) {
	return &Conditions{Command: []string{name}}, nil
}

func (f *fake) Timeline() (*Timeline, error) { return &Timeline{Spans: []Span{{Service: "db"}}}, nil }

func (f *fake) Plan(a Action) ([]Step, error) { return []Step{{a.Verb, a.Services[0]}}, nil }

func (f *fake) Do(a Action, by Peer) (*Operation, error) {
	return &Operation{ID: 7, Action: a, By: by, State: OperationRunning}, nil
}

func (f *fake) Await(ctx context.Context, id uint64) (*Operation, error) {
	<-ctx.Done()
	return &Operation{ID: id, State: OperationDone}, nil
}

func (f *fake) Events(ctx context.Context, after uint64, services []string) ([]Event, error) {
	if after >= 3 {
		<-ctx.Done()
		return nil, nil
	}
	return []Event{{Number: after + 1, Kind: EventState, Service: services[0], From: "down", To: "ready"}}, nil
}

func (f *fake) Lines(services []string, most int) ([]Line, Position, error) {
	return []Line{{Service: services[0], Text: fmt.Sprint("the last ", most)}}, Position{1}, nil
}

func (f *fake) MoreLines(ctx context.Context, services []string, from Position) ([]Line, Position, error) {
	if from[0] == 3 {
		return nil, nil, errors.New("bole ends")
	}
	return []Line{{Service: services[0], Text: fmt.Sprint("from ", from[0])}}, Position{from[0] + 1}, nil
}

func ptr[T any](v T) *T { return &v }

// shop is a tree in which one service has failed.
func shop() *Status {
	since := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return &Status{
		Tree: Tree{State: "degraded", PID: 1, Since: since, Version: "1.2.3"},
		Services: []Service{
			{Name: "db", Kind: "longrun", State: "ready", Wanted: true, Ready: true, Healthy: ptr(true), PID: 7, Since: since, StartSeconds: ptr(0.25), ReadySince: &since, LogBytes: 1234},
			{Name: "migrate", Kind: "oneshot", State: "done", Wanted: true, Ready: true, Since: since, Exit: &Exit{Code: ptr(0)}, StartSeconds: ptr(1.5), Requires: []string{"db"}},
			{Name: "app", Kind: "longrun", State: "failed", Wanted: true, Since: since, Restarts: 3, Exit: &Exit{Signal: ptr("SEGV"), Status: 139}, Why: "ended by signal SEGV", Requires: []string{"migrate"}},
			{Name: "cron", Kind: "longrun", State: "down", Since: since},
		},
	}
}

// serve has a server answer at a socket.
func serve(t *testing.T, s *Server) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); s.Serve(l) }()
	t.Cleanup(func() { s.Close(); <-done })
	return path
}

// ask asks as curl does.
func ask(t *testing.T, path, method, target string, body io.Reader) (code int, text string) {
	t.Helper()
	c := NewClient(path)
	r, err := http.NewRequest(method, "http://bole"+target, body)
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.exchange(r, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	all, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(all)
}

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestHealth(t *testing.T) {
	s := shop()
	want(t, "failed", s.Health(), Health{false, "degraded", "app is failed: ended by signal SEGV"})
	s.Services[2].Wanted = false
	s.Tree.State = "ready"
	want(t, "well", s.Health(), Health{true, "ready", "1 ready, 1 done"})
	s.Services[0].Healthy, s.Services[0].Why, s.Tree.State = ptr(false), "unhealthy: HTTP 503", "degraded"
	want(t, "unhealthy", s.Health().String(), "degraded: db is ready: unhealthy: HTTP 503")
	for i := range s.Services {
		s.Services[i] = Service{Name: fmt.Sprint("s", i), State: "waiting", Wanted: true}
	}
	s.Tree.State = "starting"
	want(t, "many", s.Health().String(), "starting: s0 is waiting; s1 is waiting; s2 is waiting; and 1 more")
	want(t, "none", (&Status{Tree: Tree{State: "down"}}).Health().String(), "down: nothing is wanted")
	want(t, "stopping", (&Status{Tree: Tree{State: "stopping"}}).Health(), Health{State: "stopping"})
}

func TestProbes(t *testing.T) {
	f := &fake{status: shop()}
	path := serve(t, NewProbes(f))
	for _, test := range []struct {
		method, target string
		code           int
		text           string
	}{
		{"GET", "/livez", 200, "ok\n"},
		{"GET", "/readyz", 503, "degraded: app is failed: ended by signal SEGV\n"},
		{"GET", "/readyz?verbose", 503, "[+]db is ready\n[+]migrate is done\n[-]app is failed: ended by signal SEGV\n[ ]cron is down\ndegraded: app is failed: ended by signal SEGV\n"},
		{"GET", "/readyz?verbose=false", 503, "degraded: app is failed: ended by signal SEGV\n"},
		{"POST", "/livez", 405, "nothing can be changed here\n"},
		{"GET", "/v1/status", 404, "there are /livez, /readyz, /readyz?verbose and /metrics\n"},
	} {
		code, text := ask(t, path, test.method, test.target, nil)
		if code != test.code || text != test.text {
			t.Errorf("%s %s: %d %q", test.method, test.target, code, text)
		}
	}
	f.status.Services[2].Wanted, f.status.Tree.State = false, "ready"
	if code, text := ask(t, path, "GET", "/readyz", nil); code != 200 || text != "ready: 1 ready, 1 done\n" {
		t.Errorf("%d %q", code, text)
	}
	f.status = nil
	for _, target := range []string{"/livez", "/readyz", "/metrics"} {
		if code, text := ask(t, path, "GET", target, nil); code != 503 || text != "bole ends\n" {
			t.Errorf("%s: %d %q", target, code, text)
		}
	}
}

func TestAPI(t *testing.T) {
	f := &fake{status: shop()}
	path := serve(t, NewAPI(f, "1.2.3", false))
	c := NewClient(path)
	s, err := c.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want(t, "what comes is what was sent", s, shop())
	if h, err := c.Health(t.Context()); err != nil || h.Healthy || h.Reason == "" {
		t.Errorf("%v %v", h, err)
	}
	code, text := ask(t, path, "POST", "/v1/status", nil)
	want(t, "wrong method", fmt.Sprint(code, text), `405{"title":"Method Not Allowed","status":405,"detail":"/v1/status is to be asked by GET, not POST"}`+"\n")
	code, text = ask(t, path, "GET", "/v2", nil)
	want(t, "wrong path", fmt.Sprint(code, text), `404{"type":"unknown-path","title":"Not Found","status":404,"detail":"there is no /v2; /v1/status is the tree"}`+"\n")
	f.status = nil
	if _, err := c.Status(t.Context()); err == nil || err.Error() != "bole ends" {
		t.Errorf("at the end: %v", err)
	}
	if _, err := c.Health(t.Context()); err == nil || err.Error() != "bole ends" {
		t.Errorf("at the end: %v", err)
	}
}

// A panic costs one request, and is told.
func TestPanic(t *testing.T) {
	f := &fake{panics: true}
	path := serve(t, NewAPI(f, "1.2.3", false))
	code, text := ask(t, path, "GET", "/v1/status", nil)
	if code != 500 || !strings.Contains(text, "a fault of bole's own") || len(f.faults) != 1 || !strings.Contains(f.faults[0], "GET /v1/status: a fault") {
		t.Errorf("%d %s %q", code, text, f.faults)
	}
	f.panics, f.status = false, shop()
	if code, _ := ask(t, path, "GET", "/v1/status", nil); code != 200 {
		t.Errorf("then %d", code)
	}
}

// What is no request, or has no end, is cut off; whoever asks properly is served meanwhile.
func TestBadClients(t *testing.T) {
	path := serve(t, NewAPI(&fake{status: shop()}, "1.2.3", false))
	for name, says := range map[string]string{
		"garbage":     strings.Repeat("\x00\xff{}", 1000),
		"long header": "GET /v1/status HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("y", 1<<20),
		"huge body":   "GET /v1/status HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n" + strings.Repeat("y", 1<<20),
	} {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(patience))
		io.WriteString(conn, says) // the server may close first
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: it is not cut off", name)
		}
		if code, _ := ask(t, path, "GET", "/v1/status", nil); code != 200 {
			t.Errorf("%s: meanwhile %d", name, code)
		}
	}
}

// Whoever sits there and says nothing keeps nobody out, and the oldest goes first.
func TestIdleConnections(t *testing.T) {
	path := serve(t, NewAPI(&fake{status: shop()}, "1.2.3", false))
	var idle []net.Conn
	for range 3 * connectionsMost {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		idle = append(idle, conn)
	}
	if code, _ := ask(t, path, "GET", "/v1/status", nil); code != 200 {
		t.Fatal(code)
	}
	for i, conn := range idle[:2*connectionsMost] {
		conn.SetReadDeadline(time.Now().Add(patience))
		if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("connection %d: %v", i, err)
		}
	}
	last := idle[len(idle)-1]
	io.WriteString(last, "GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
	last.SetReadDeadline(time.Now().Add(patience))
	if n, err := last.Read(make([]byte, 100)); n == 0 {
		t.Errorf("the youngest was closed: %v", err)
	}
}

// Bodies that stop in the middle hold places for a moment only; who asks meanwhile tries
// again until there is one.
func TestHalfSentBodies(t *testing.T) {
	path := serve(t, NewAPI(&fake{status: shop()}, "1.2.3", false))
	for range connectionsMost + 6 {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, "POST /v1/actions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
	}
	if _, err := NewClient(path).Status(t.Context()); err != nil {
		t.Error(err)
	}
}
