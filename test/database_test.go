package test

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
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

// PostgreSQL is asked by its own pg_isready, whose words are the reason as long as it says
// no: that nobody listens, or, of a server that is still busy with its recovery, that it
// takes no connections yet. Who requires it is answered at once.
func TestPostgresIsAsked(t *testing.T) {
	needRoot(t) // and PostgreSQL needs somebody else
	need(t, "psql", "pg_isready")
	dir := publicDir(t)
	port := freePort(t)
	b := up(t, plain, define(t, fmt.Sprintf(`
[tree]
env = { PATH = "%[3]s:${PATH}", PGHOST = "127.0.0.1", PGPORT = "%[2]s", PGUSER = "postgres" }
[defaults]
user = "postgres"
restart = "never"
[oneshot.initdb]
create-directories = ["%[1]s/data"]
up = ["sh", "-ec", "initdb -N -A trust --no-instructions -D %[1]s/data/own; cp -r %[1]s/data/own %[1]s/data/standby; touch %[1]s/data/standby/standby.signal"]
[service.postgres]
command = "postgres -D %[1]s/data/own -p %[2]s -k %[1]s/data -c fsync=off"
requires = ["initdb"]
ready = { exec = "pg_isready" }
stop-signal = "INT"
[oneshot.client]
up = "psql -tc \"SELECT 'client is answered'\""
requires = ["postgres"]
[service.standby]
command = "postgres -D %[1]s/data/standby -p %[2]s -k %[1]s/data/standby -c listen_addresses= -c hot_standby=off -c fsync=off"
requires = ["initdb"]
ready = { exec = "pg_isready -h %[1]s/data/standby" }
start-timeout = "3s"
stop-signal = "INT"
[service.nobody]
command = "sleep 1000"
requires = ["postgres"]
ready = { exec = "pg_isready -h %[1]s" }
start-timeout = "700ms"
`, dir, port, postgresBin(t))))
	b.says("client is answered",
		fmt.Sprintf("standby: failed: not ready in time: pg_isready: %s/data/standby:%s - rejecting connections (exited with code 1)", dir, port),
		fmt.Sprintf("nobody: failed: not ready in time: pg_isready: %s:%s - no response (exited with code 2)", dir, port))
	b.order("initdb: done", "postgres: starting", "postgres: ready", "client: starting", "client: done")
	b.never("client: failed")
	all := descendants(b.pid())
	b.term(1)
	dead(t, all)
}

// postgresBin is where Debian has the programs of the newest PostgreSQL.
func postgresBin(t *testing.T) string {
	t.Helper()
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(dirs) == 0 {
		t.Skip("needs postgresql: test/run installs it")
	}
	return dirs[len(dirs)-1]
}

// Redis is asked at its port and at its socket, and answers who requires it at once.
func TestRedisIsAsked(t *testing.T) {
	need(t, "redis-server", "redis-cli")
	dir := publicDir(t)
	port := freePort(t)
	b := up(t, plain, define(t, fmt.Sprintf(`
[defaults]
restart = "never"
[service.port]
command = ["sh", "-c", "sleep 0.2; exec redis-server --bind 127.0.0.1 --port %[2]s --save '' --dir /"]
ready = { tcp = "127.0.0.1:%[2]s" }
[oneshot.first]
up = ["sh", "-c", "test $(redis-cli -p %[2]s ping) = PONG"]
requires = ["port"]
[service.socket]
command = ["sh", "-c", "sleep 0.2; exec redis-server --port 0 --unixsocket %[1]s/s --save '' --dir /"]
ready = { unix = "%[1]s/s" }
[oneshot.second]
up = ["sh", "-c", "test $(redis-cli -s %[1]s/s ping) = PONG"]
requires = ["socket"]
`, dir, port)))
	b.says("ready after", "2 ready, 2 done")
	b.order("port: ready", "first: starting", "first: done")
	b.order("socket: ready", "second: starting", "second: done")
	all := descendants(b.pid())
	b.term(0)
	dead(t, all)
}
