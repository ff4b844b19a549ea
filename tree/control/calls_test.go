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
	"sync/atomic"
	"testing"
	"time"
)

// collect takes so many values of a stream.
func collect[T any](most int, stream func(func(T, error) bool)) (out []T, err error) {
	for v, e := range stream {
		if e != nil {
			return out, e
		}
		if out = append(out, v); len(out) == most {
			break
		}
	}
	return out, nil
}

// Each call asks for the right resource, and takes in what comes.
func TestCalls(t *testing.T) {
	c := NewClient(serve(t, NewAPI(&fake{status: shop()}, "1.2.3", false)))
	ctx := t.Context()
	d, err := c.Detail(ctx, "app")
	want(t, "detail", fmt.Sprint(d.Name, d.State, d.Command, err), "appfailed[app] <nil>")
	_, err = c.Detail(ctx, "a/b c")
	var p *Problem
	if !errors.As(err, &p) || p.Status != 404 || p.Error() != "there is no service a/b c; did you mean app?" {
		t.Errorf("%v", err)
	}
	for _, secrets := range []bool{false, true} {
		m, err := c.Postmortem(ctx, "app", secrets)
		want(t, "postmortem", fmt.Sprint(m.Service, m.State, err), fmt.Sprint("appsecrets ", secrets, "<nil>"))
	}
	x, err := c.Conditions(ctx, "app")
	want(t, "conditions", fmt.Sprint(x.Command, err), "[app] <nil>")
	tl, err := c.Timeline(ctx)
	want(t, "timeline", fmt.Sprint(tl.Spans[0].Service, err), "db<nil>")
	steps, err := c.Plan(ctx, Action{Verb: "stop", Services: []string{"db"}})
	want(t, "plan", fmt.Sprint(steps, err), "[{stop db}] <nil>")
	op, err := c.Do(ctx, Action{Verb: "restart", Services: []string{"db", "app"}, Dependents: true})
	want(t, "do", fmt.Sprint(op.ID, op.Action, err), "7 restart db app --with-dependents <nil>")
	if op.By.UID != os.Geteuid() || op.By.PID != os.Getpid() {
		t.Errorf("by %s", op.By)
	}
	begin := time.Now()
	op, err = c.Await(ctx, 7, 50*time.Millisecond)
	if err != nil || !op.Over() || time.Since(begin) < 50*time.Millisecond {
		t.Errorf("%v %v", op, err)
	}
}

func TestStreams(t *testing.T) {
	c := NewClient(serve(t, NewAPI(&fake{status: shop()}, "1.2.3", false)))
	events, err := collect(3, c.Events(t.Context(), 0, true, "db"))
	want(t, "events", fmt.Sprint(len(events), events[2].Number, events[2].String(), err), "3 3db: down → ready<nil>")
	events, err = collect(99, c.Events(t.Context(), 1, false, "db"))
	want(t, "one batch", fmt.Sprint(len(events), events[0].Number, err), "1 2 <nil>")
	lines, err := collect(99, c.Lines(t.Context(), 5, true, "db"))
	want(t, "lines", fmt.Sprint(len(lines), lines[0].Text, lines[2].Text, err), "3the last 5from 2<nil>")
	lines, err = collect(99, c.Lines(t.Context(), 5, false, "db"))
	want(t, "lines", fmt.Sprint(len(lines), err), "1 <nil>")
}

// There is an end to how many wait; whoever asks for no stream is still answered.
func TestStreamsHaveAnEnd(t *testing.T) {
	path := serve(t, NewAPI(&fake{status: shop()}, "1.2.3", false))
	for range streamsMost {
		c := NewClient(path)
		next, stop := pull(c, t)
		defer stop()
		next()
	}
	c := NewClient(path)
	_, err := collect(1, c.Events(t.Context(), 0, true, "db"))
	if err == nil || !strings.Contains(err.Error(), "too many wait already") {
		t.Errorf("%v", err)
	}
	if _, err := c.Status(t.Context()); err != nil {
		t.Error(err)
	}
}

// pull holds a stream open.
func pull(c *Client, t *testing.T) (next func(), stop func()) {
	t.Helper()
	res, err := c.request(t.Context(), http.MethodGet, "/v1/events?follow&after=0&service=db", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return func() { res.Body.Read(make([]byte, 1)) }, func() { res.Body.Close() }
}

func TestBadActions(t *testing.T) {
	path := serve(t, NewAPI(&fake{status: shop()}, "1.2.3", false))
	for _, body := range []string{"", "{", "[]", `{"action": 5}`, `{"action": "start", "colour": "red"}`, `{"action": "start"} {}`} {
		code, text := ask(t, path, "POST", "/v1/actions", strings.NewReader(body))
		if code != 400 || !strings.Contains(text, "the body should be like") {
			t.Errorf("%q: %d %s", body, code, text)
		}
	}
	for _, target := range []string{"/v1/operations/x", "/v1/operations/-1"} {
		if code, _ := ask(t, path, "GET", target, nil); code != 404 {
			t.Errorf("%s: %d", target, code)
		}
	}
	if code, _ := ask(t, path, "GET", "/v1/operations/1?wait=long", nil); code != 400 {
		t.Error(code)
	}
}

// A watcher tells how long it may wait for events.
type watcher struct {
	*fake
	left chan time.Duration
}

func (w *watcher) Events(ctx context.Context, after uint64, services []string) ([]Event, error) {
	if end, _ := ctx.Deadline(); ctx != ended {
		select {
		case w.left <- time.Until(end):
		default:
		}
	}
	return []Event{{Number: after + 1}}, nil
}

// Whoever follows is not sent away after an hour.
func TestFollowersStay(t *testing.T) {
	w := &watcher{&fake{status: shop()}, make(chan time.Duration, 1)}
	c := NewClient(serve(t, NewAPI(w, "1.2.3", false)))
	collect(2, c.Events(t.Context(), 0, true))
	if left := <-w.left; left < 1000*time.Hour {
		t.Errorf("it ends after %s", left)
	}
}

// Who answers is told once, with his version; and a path that he does not know says that
// it is another one.
func TestVersions(t *testing.T) {
	c := NewClient(serve(t, NewAPI(&fake{status: shop()}, "1.2.3", false)))
	var met []string
	c.Met = func(version string) { met = append(met, version) }
	c.Status(t.Context())
	err := c.get(t.Context(), "/v1/future", nil)
	want(t, "met", met, []string{"1.2.3"})
	want(t, "error", fmt.Sprint(err), "the running bole is of another version, 1.2.3, which knows no /v1/future: ask it by a program of its own version")
}

// To find a tree and to ask it takes one connection; where nobody answers any more none
// runs.
func TestOneConnection(t *testing.T) {
	s := NewAPI(&fake{status: shop()}, "1.2.3", false)
	told := s.http.ConnState
	var connections atomic.Int32
	s.http.ConnState = func(conn net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
		told(conn, state)
	}
	path := serve(t, s)
	c, err := Find(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Status(t.Context()); err != nil {
		t.Fatal(err)
	}
	want(t, "connections", int(connections.Load()), 1)
	s.Close()
	if _, err := c.Status(t.Context()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("%v", err)
	}
}

// Who listens there may be anybody.
func TestNoBole(t *testing.T) {
	for _, says := range []string{"", "hello", "HTTP/1.1 200 OK\r\n\r\n{}", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: 9999999999999\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhello"} {
		path := filepath.Join(t.TempDir(), "s")
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				conn.Read(make([]byte, 4096))
				io.WriteString(conn, says)
				conn.Close()
			}
		}()
		if s, err := NewClient(path).Status(t.Context()); err == nil {
			t.Errorf("%q: %v", says, s)
		}
		l.Close()
	}
}

// A client that gives up is not kept waiting.
func TestGivesUp(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := NewClient(l.Addr().String()).Status(ctx); err == nil || !strings.HasSuffix(err.Error(), ": no answer in time") {
		t.Errorf("%v", err)
	}
}

// At the end streams get what there is still to say.
func TestClose(t *testing.T) {
	f := &last{fake: fake{status: shop()}, end: make(chan struct{})}
	s := NewAPI(f, "1.2.3", false)
	c := NewClient(serve(t, s))
	var events []Event
	for e := range c.Events(t.Context(), 0, true) {
		events = append(events, e)
		if len(events) == 1 {
			go func() { close(f.end); s.Close() }()
		}
	}
	want(t, "events", fmt.Sprint(len(events), events[len(events)-1].Number), "2 2")
	if _, err := c.Status(t.Context()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("%v", err)
	}
}

// A last is a tree of which the last event comes when it ends.
type last struct {
	fake
	end chan struct{}
}

func (f *last) Events(ctx context.Context, after uint64, _ []string) ([]Event, error) {
	if after == 1 {
		<-f.end
	}
	if after == 2 {
		<-ctx.Done()
		return nil, errors.New("bole ends")
	}
	return []Event{{Number: after + 1}}, nil
}
