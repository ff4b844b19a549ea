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

// The example with the real PostgreSQL and the real Redis: what needs something starts
// after it. When Redis dies the app is marked, and left alone, until Redis is back. The
// end is the start in reverse, and the database finds its files in order.
func TestAppPostgresRedis(t *testing.T) {
	needRoot(t)
	need(t, "pg_isready", "redis-server", "redis-cli")
	port := database(t)
	b := up(t, plain, abs(t, "../examples/app-postgres-redis"), define(t, `
[service.redis]
restart-delay = "1s"
[service.app]
health = { http = "http://127.0.0.1:${PORT}/health", interval = "50ms", failures = 2, action = "mark" }`))
	b.says("3 ready, 2 done")
	b.order("initdb: done", "postgres: ready", "migrate: done", "app: ready")
	b.order("redis: ready", "app: ready")
	visits(t, port, 1, 1)
	visits(t, port, 2, 2)
	syscall.Kill(b.daemon("redis-server"), syscall.SIGKILL)
	b.says("redis: ended by signal KILL", "app: unhealthy: http://127.0.0.1:"+port+"/health: HTTP 503", "app: healthy again")
	visits(t, port, 3, 1)
	all := descendants(b.pid())
	b.term(0)
	b.order("app: down", "received fast shutdown request", "database system is shut down", "postgres: down")
	b.order("app: down", "redis: stopping", "redis: down")
	dead(t, all)
}

// The second time there is a database already. A Redis that is there, and does not answer
// any more, is restarted for that.
func TestAppPostgresRedisAgain(t *testing.T) {
	needRoot(t)
	need(t, "pg_isready", "redis-server", "redis-cli")
	port := database(t)
	first := up(t, plain, abs(t, "../examples/app-postgres-redis"))
	first.says("3 ready, 2 done")
	visits(t, port, 1, 1)
	first.term(0)
	b := up(t, plain, abs(t, "../examples/app-postgres-redis"), define(t, `
[service.redis]
health = { exec = "redis-cli -s ${REDIS} ping", interval = "50ms", timeout = "200ms", failures = 2 }`))
	b.says("initdb: skipped", "3 ready, 2 done")
	visits(t, port, 2, 1)
	syscall.Kill(b.daemon("redis-server"), syscall.SIGSTOP)
	b.order("redis: stopping: failed its health check: redis-cli: no answer in time", "redis: failed its health check", "redis: ready after")
	visits(t, port, 3, 1)
	all := descendants(b.pid())
	b.term(0)
	dead(t, all)
}

// database gives the example a place and a port of its own.
func database(t *testing.T) (port string) {
	t.Helper()
	port = freePort(t)
	t.Setenv("APP", filepath.Join(filepath.Dir(binary), "visits"))
	t.Setenv("DATA", publicDir(t))
	t.Setenv("PORT", port)
	return port
}

// visits makes a visit, and checks how many the app has counted.
func visits(t *testing.T, port string, postgres, redis int) {
	t.Helper()
	resp, err := http.Get("http://127.0.0.1:" + port)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if want := fmt.Sprintf("PostgreSQL has %d, Redis %d\n", postgres, redis); string(body) != want {
		t.Errorf("%q, want %q", body, want)
	}
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
