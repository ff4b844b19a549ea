package readiness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The waits grow, each reason is told once, and no attempt begins before the one before
// is over.
func TestPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var at []time.Duration
		var told []string
		check := func(ctx context.Context) error {
			at = append(at, time.Since(begin))
			switch n := len(at); {
			case n <= 2:
				return errors.New("refused")
			case n == 3:
				<-ctx.Done()
				return errors.New("no answer in time")
			case n == 4:
				return errors.New("refused")
			}
			return nil
		}
		timing := Timing{First: 100 * time.Millisecond, Most: 200 * time.Millisecond, Timeout: time.Second}
		Poll(t.Context(), check, timing, func(why string) { told = append(told, why) }, func() { told = append(told, "ready") })
		if got := fmt.Sprint(at); got != "[0s 100ms 250ms 1.45s 1.65s]" {
			t.Errorf("asked at %s", got)
		}
		if got := strings.Join(told, ", "); got != "refused, no answer in time, refused, ready" {
			t.Errorf("told %s", got)
		}
	})
}

// When nobody needs the answer any more, Poll ends at once, in an attempt and between
// two.
func TestPollEndsWithItsContext(t *testing.T) {
	for name, check := range map[string]Check{
		"in an attempt": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
		"between two":   func(context.Context) error { return errors.New("no") },
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			begin := time.Now()
			Poll(ctx, check, Standard, func(string) {}, func() { t.Errorf("%s: ready", name) })
			if took := time.Since(begin); took != 50*time.Millisecond {
				t.Errorf("%s: it ends after %s", name, took)
			}
		})
	}
}

// Health: an attempt each interval, one that hangs counts as bad, a good one in between
// begins the count anew; after as many bad ones as may be each is told.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		begin, answers := time.Now(), "xx.xxhx..x"
		var told []string
		tell := func(what string) { told = append(told, fmt.Sprintf("%s at %s", what, time.Since(begin))) }
		check := func(ctx context.Context) error {
			if answers == "" {
				cancel()
				return errors.New("canceled")
			}
			answer := answers[0]
			answers = answers[1:]
			switch answer {
			case 'x':
				return errors.New("HTTP 503")
			case 'h':
				<-ctx.Done()
				return errors.New("no answer in time")
			}
			return nil
		}
		Watch(ctx, check, 10*time.Second, time.Second, 3, tell, func() { tell("well") })
		if got := strings.Join(told, ", "); got != "no answer in time at 1m1s, HTTP 503 at 1m11s, well at 1m21s" {
			t.Errorf("told %s", got)
		}
	})
}

func TestConnect(t *testing.T) {
	dir := t.TempDir()
	tcp, path := listen(t, "tcp", "127.0.0.1:0"), filepath.Join(dir, "s")
	listen(t, "unix", path)
	listen(t, "unix", "@bole-test-"+filepath.Base(dir))
	gone := listen(t, "tcp", "127.0.0.1:0")
	gone.Close()
	for _, test := range []struct {
		check Check
		want  string
	}{
		{TCP(tcp.Addr().String()), ""},
		{TCP(gone.Addr().String()), "tcp " + gone.Addr().String() + ": connection refused"},
		{Unix(path), ""},
		{Unix("@bole-test-" + filepath.Base(dir)), ""},
		{Unix(dir + "/none"), "unix " + dir + "/none: there is no such socket"},
		{Unix(dir), "unix " + dir + ": connection refused"},
	} {
		want(t, test.check(t.Context()), test.want)
	}
}

func listen(t *testing.T, network, address string) net.Listener {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func want(t *testing.T, err error, text string) {
	t.Helper()
	if got := fmt.Sprint(err); text == "" && err != nil || text != "" && got != text {
		t.Errorf("%q, want %q", got, text)
	}
}

func TestHTTP(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/ok":
			w.Write([]byte("fine"))
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/for-ever":
			w.WriteHeader(200)
			for w.(http.Flusher).Flush(); r.Context().Err() == nil; {
				w.Write(make([]byte, 1<<20))
			}
		case "/early":
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusCreated)
		case "/query":
			w.WriteHeader(len(r.URL.RawQuery) + 200)
		case "/agent":
			w.WriteHeader(len(r.UserAgent()) + 200)
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	server := httptest.NewServer(handler)
	defer server.Close()
	path := filepath.Join(t.TempDir(), "s")
	local := httptest.NewUnstartedServer(handler)
	local.Listener.Close()
	local.Listener = listen(t, "unix", path)
	local.Start()
	defer local.Close()
	for _, test := range []struct {
		address string
		status  int
		want    string
	}{
		{server.URL + "/ok", 200, ""},
		{server.URL, 503, ""},
		{server.URL, 200, server.URL + ": HTTP 503"},
		{server.URL + "/loop", 200, server.URL + "/loop: HTTP 302"},
		{server.URL + "/loop", 302, ""},
		{server.URL + "/for-ever", 200, ""},
		{server.URL + "/agent", 204, ""},
		{server.URL + "/early", 201, ""},
		{server.URL + "/x?token=secret", 200, server.URL + "/x: HTTP 503"},
		{server.URL + "/query?ab=c%20d", 208, ""},
		{"unix:" + path + ":/ok", 200, ""},
		{"unix:" + path, 200, "unix:" + path + ": HTTP 503"},
	} {
		check, err := HTTP(test.address, test.status)
		if err != nil {
			t.Fatal(err)
		}
		want(t, check(t.Context()), test.want)
	}
}

// Servers that are none, or have no end, cost no more than the time for an attempt.
func TestHTTPOfOthers(t *testing.T) {
	for name, test := range map[string]struct{ says, want string }{
		"silent":        {"", "no answer in time"},
		"another":       {"-ERR unknown command\r\n", "the answer is not HTTP"},
		"early answers": {strings.Repeat("HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n", 1<<12), "the connection was closed without an answer"},
		"cut":           {"HTTP/1.1 20", "no answer in time"},
		"no status":     {"HTTP/1.1 OK\r\n", "the answer is not HTTP"},
		"closes early":  {"close", "the connection was closed without an answer"},
	} {
		l := listen(t, "tcp", "127.0.0.1:0")
		go func() {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if test.says == "close" {
				conn.Read(make([]byte, 4096))
				conn.Close()
				return
			}
			conn.Write([]byte(test.says))
			t.Cleanup(func() { conn.Close() })
		}()
		address := "http://" + l.Addr().String() + "/"
		check, err := HTTP(address, 200)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		if got := fmt.Sprint(check(ctx)); got != address+": "+test.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestHTTPAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"https://localhost/":          "it should be http://HOST:PORT/PATH, or unix:SOCKET:/PATH",
		"localhost:80":                "it should be http://HOST:PORT/PATH, or unix:SOCKET:/PATH",
		"http:///x":                   "it should be http://HOST:PORT/PATH, or unix:SOCKET:/PATH",
		"http://me:secret@localhost/": "it should be http://HOST:PORT/PATH, or unix:SOCKET:/PATH",
		"http://a:b:c/":               `invalid port ":b:c" after host`,
		"unix::/health":               "it has no socket, as unix:/run/app.sock:/health has",
	} {
		_, err := HTTP(address, 200)
		if fmt.Sprint(err) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// A file of an earlier life does not count, nor one that only is looked at.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ready")
	check := File(path)
	want(t, check(t.Context()), "file "+path+": it is not there yet")
	os.WriteFile(path, nil, 0o644)
	want(t, check(t.Context()), "")

	check = File(path)
	os.ReadFile(path)
	want(t, check(t.Context()), "file "+path+": it is from before the start")
	os.Remove(path)
	want(t, check(t.Context()), "file "+path+": it is not there yet")
	os.WriteFile(path+"2", nil, 0o644)
	os.Rename(path+"2", path)
	want(t, check(t.Context()), "")

	check = File(path)
	future := time.Now().Add(time.Hour)
	os.Chtimes(path, future, future)
	want(t, check(t.Context()), "")
}

func TestLastLine(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for text, want := range map[string]string{
		"":                        "",
		"one":                     "one",
		"one\ntwo\n":              "two",
		"one\n  \n\n":             "one",
		"one\ntwo":                "two",
		"one\n \t":                "one",
		long + "\n":               long[:200],
		"one\n" + long:            long[:200],
		"\x1b[31mred\x07\xff\r\n": "[31mred?",
		"a\u2028b\u2029c\u202ed":  "abcd",
	} {
		if got := LastLine(strings.NewReader(text)); got != want {
			t.Errorf("%.20q: %q, want %q", text, got, want)
		}
	}
}

// Who writes without end is read no faster than 64 KiB in 5 ms.
func TestLastLineWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &endless{begin: time.Now()}
		if got := LastLine(e); got != "yes" {
			t.Errorf("%q", got)
		}
		if e.read < 200<<16 || e.read > 1<<20+202<<16 {
			t.Errorf("%d bytes are read in a second", e.read)
		}
	})
}

// endless writes for a second, or without the rest of it a gigabyte at once.
type endless struct {
	begin time.Time
	read  int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.read += len(p); time.Since(e.begin) >= time.Second || e.read > 1<<30 {
		return copy(p, "yes\n"), io.EOF
	}
	return copy(p, bytes.Repeat([]byte("\n"), len(p))), nil
}

// The path of a socket may hold colons, and what is asked for anything.
func TestSocketAndPath(t *testing.T) {
	for text, want := range map[string][2]string{
		"/run/app.sock:/health":      {"/run/app.sock", "/health"},
		"/dir/a:b.sock:/x":           {"/dir/a:b.sock", "/x"},
		"/run/app.sock:/x?u=http://": {"/run/app.sock", "/x?u=http://"},
		"/run/app.sock":              {"/run/app.sock", "/"},
		":/x":                        {"", "/x"},
	} {
		if socket, path := cutSocket(text); socket != want[0] || path != want[1] {
			t.Errorf("%s: %q and %q", text, socket, path)
		}
	}
}

// A line may end as on Windows.
func TestLineWithReturn(t *testing.T) {
	for expression, want := range map[string]bool{"^READY$": true, "READY": true, `READY\r$`: true, "^READ$": false} {
		matches, err := Line(expression)
		if err != nil {
			t.Fatal(err)
		}
		if got := matches([]byte("READY\r")); got != want {
			t.Errorf("%s: %t", expression, got)
		}
	}
}

func TestLine(t *testing.T) {
	matches, err := Line("Started .* in")
	if err != nil || !matches([]byte("INFO Started App in 3 s")) || matches([]byte("Started")) {
		t.Errorf("matches wrongly: %v", err)
	}
	for bad, want := range map[string]string{"(x": "missing closing ): (x", "x{5000}": "invalid repeat count: {5000}", "[b-a]": "invalid character class range: b-a"} {
		if _, err := Line(bad); err == nil || err.Error() != want {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
