package test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The example with the real PostgreSQL and the real Redis; when Redis dies the app is
// marked, and left alone, until Redis is back.
func TestAppPostgresRedis(t *testing.T) {
	needRoot(t)
	need(t, "pg_isready", "redis-server", "redis-cli")
	data, port := publicDir(t), freePort(t)
	t.Setenv("APP", filepath.Join(filepath.Dir(binary), "visits"))
	t.Setenv("DATA", data)
	t.Setenv("PORT", port)
	layer := define(t, `
[service.redis]
restart-delay = "1s"
[service.app]
health = { http = "http://127.0.0.1:${PORT}/health", interval = "50ms", failures = 2, action = "mark" }`)
	b := up(t, plain, abs(t, "../examples/app-postgres-redis"), layer)
	b.says("3 ready, 2 done")
	b.order("initdb: done", "postgres: ready", "migrate: done", "app: ready")
	b.order("redis: ready", "app: ready")
	for n := 1; n <= 2; n++ {
		if got, want := get(t, "http://127.0.0.1:"+port), fmt.Sprintf("PostgreSQL has %d, Redis %d\n", n, n); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	syscall.Kill(b.service("redis-server"), syscall.SIGKILL)
	b.says("redis: ended by signal KILL", "app: unhealthy: http://127.0.0.1:"+port+"/health: HTTP 503", "app: healthy again")
	if got := get(t, "http://127.0.0.1:"+port); got != "PostgreSQL has 3, Redis 1\n" {
		t.Errorf("after Redis came back: %q", got)
	}
	b.term(0)
	b.order("app: down", "received fast shutdown request", "database system is shut down", "postgres: down")
	b.never("app: starting\nbole     | app: starting")

	again := up(t, plain, abs(t, "../examples/app-postgres-redis"))
	again.says("initdb: skipped", "3 ready, 2 done")
	if got := get(t, "http://127.0.0.1:"+port); got != "PostgreSQL has 4, Redis 1\n" {
		t.Errorf("the second time: %q", got)
	}
	again.term(0)
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return string(body)
}

// Nothing is called ready before it accepts: servers that take a random time to begin are
// asked in each way, twenty at once, ten times; who requires one uses it as soon as it is
// started.
func TestNeverReadyTooEarly(t *testing.T) {
	need(t, "redis-server", "redis-cli")
	const runs, servers = 10, 20
	for n := range runs {
		dir := publicDir(t)
		var text strings.Builder
		for i := range servers {
			socket, delay := fmt.Sprintf("%s/%d", dir, i), fmt.Sprintf("0.%02d", (n*37+i*13)%40)
			server := "redis-server --port 0 --unixsocket " + socket + " --save '' --dir / --loglevel notice"
			check := "redis-cli -s " + socket + " ping"
			forms := []struct{ ready, before string }{
				{`unix = "` + socket + `"`, ""},
				{`exec = "` + check + `", interval = "20ms"`, ""},
				{`log = "ready to accept connections at"`, ""},
				{`fd = 3`, "(until " + check + "; do sleep 0.01; done; echo >&3) & exec 3>&-; "},
			}
			f := forms[i%len(forms)]
			fmt.Fprintf(&text, `
[service.server%[1]d]
command = ["sh", "-c", "sleep %[2]s; %[3]sexec %[4]s"]
ready = { %[5]s }
[oneshot.client%[1]d]
up = %[6]q
requires = ["server%[1]d"]
`, i, delay, f.before, server, f.ready, check)
		}
		b := up(t, plain, define(t, text.String()))
		b.says(" ready, ")
		out := b.output()
		if want := fmt.Sprintf("%d ready, %d done", servers, servers); !strings.Contains(out, want) {
			t.Fatalf("run %d: not %s:\n%s", n, want, out)
		}
		b.term(0)
		os.RemoveAll(dir)
	}
}
