package test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// httpGet asks by HTTP, as a kubelet does.
func httpGet(t *testing.T, url string) (code int, text string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(all)
}

// What orchestrators see of a tree that starts, is ready, loses its health, and gets it
// back: bole health, /readyz and /metrics say the same.
func TestOrchestrators(t *testing.T) {
	dir, port := publicDir(t), freePort(t)
	b := up(t, plain, define(t, fmt.Sprintf(`
[tree]
http = "127.0.0.1:%[1]s"
[service.db]
command = ["sh", "-c", "until test -e %[2]s/go; do sleep 0.01; done; echo accepts >&3; exec sleep 1000"]
ready = { fd = 3 }
[service.app]
command = ["sh", "-c", "echo 12345; sleep 1000 & exec sleep 1000"]
requires = ["db"]
health = { exec = "test ! -e %[2]s/sick", interval = "20ms", failures = 1, action = "mark" }
[service.cron]
command = "sleep 1000"
enabled = false`, port, dir)))
	url := "http://127.0.0.1:" + port
	b.says("db: starting")
	wait(t, "an answer", func() bool { _, err := http.Get(url); return err == nil })
	health := func(healthy bool, line string) {
		t.Helper()
		code, status := 1, http.StatusServiceUnavailable
		if healthy {
			code, status = 0, http.StatusOK
		}
		wait(t, line, func() bool {
			out, _, got := b.asks("health")
			return got == code && strings.HasPrefix(out, line) && strings.Count(out, "\n") == 1
		})
		if got, text := httpGet(t, url+"/readyz"); got != status || !strings.HasPrefix(text, line) {
			t.Errorf("/readyz: %d %q", got, text)
		}
	}
	health(false, "starting: db is starting: no newline on fd 3 yet; app is waiting: waiting for db (starting for")
	os.WriteFile(dir+"/go", nil, 0o644)
	health(true, "ready: 2 ready, 0 done")
	os.WriteFile(dir+"/sick", nil, 0o644)
	health(false, "degraded: app is ready: unhealthy: test: exited with code 1")
	if _, text := httpGet(t, url+"/readyz?verbose"); !strings.Contains(text, "[+]db is ready\n[-]app is ready: unhealthy: ") || !strings.Contains(text, "[ ]cron is down\n") {
		t.Errorf("verbose: %s", text)
	}
	if code, text := httpGet(t, url+"/livez"); code != 200 {
		t.Errorf("/livez: %d %s", code, text)
	}
	os.Remove(dir + "/sick")
	health(true, "ready: 2 ready")
	_, text := httpGet(t, url+"/metrics")
	for _, line := range []string{
		`bole_tree_state{state="ready"} 1`, `bole_service_state{service="cron",state="down"} 1`, `bole_service_healthy{service="app"} 1`,
		`bole_service_processes{service="app"} 2`, `bole_service_log_bytes_total{service="app"} 6`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no %s in\n%s", line, text)
		}
	}
	b.term(0)
	if _, err := os.Stat(b.socket); err == nil {
		t.Error("the socket is left")
	}
	if _, errs, code := b.asks("health"); code != 3 || !strings.Contains(errs, "no bole is running here") {
		t.Errorf("%d %s", code, errs)
	}
}

// Whoever is neither root nor bole's own user is not answered, and is told why; with a
// mode he is. A socket that is left from a container's earlier life is replaced, and
// without any place for one the tree runs all the same.
func TestWhoMayAsk(t *testing.T) {
	needRoot(t)
	dir := openDir(t)
	stranger := func(b *bole) (string, int) {
		cmd := exec.Command("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", binary, "health", "--socket", b.socket)
		out, _ := cmd.CombinedOutput()
		return string(out), cmd.ProcessState.ExitCode()
	}
	service := "[service.app]\ncommand = \"sleep 1000\"\n"
	b := up(t, plain, define(t, service))
	wait(t, "an answer", func() bool { _, _, code := b.asks("health"); return code == 0 })
	if out, code := stranger(b); code != 1 || !strings.Contains(out, "this user may not ask the tree there; its own user and root may") {
		t.Errorf("%d %s", code, out)
	}
	os.Chmod(b.socket, 0o666) // not by bole
	if out, code := stranger(b); code != 1 || !strings.Contains(out, "it answers that user and root, not user 65534") {
		t.Errorf("%d %s", code, out)
	}
	b.term(0)

	own := filepath.Join(dir, "own")
	b = up(t, environment{"no variable", []string{"env", "-u", "BOLE_SOCKET"}}, define(t, fmt.Sprintf("[tree]\ncontrol = { path = %q, mode = \"0666\" }\n", own)+service))
	b.socket = own
	wait(t, "a stranger's answer", func() bool { _, code := stranger(b); return code == 0 })
	b.clean() // by SIGKILL
	b = up(t, user, define(t, service))
	wait(t, "an answer to root", func() bool { _, _, code := b.asks("health"); return code == 0 })
	if out, code := stranger(b); code != 0 { // whose tree it is
		t.Errorf("%d %s", code, out)
	}
	b.term(0)

	b = up(t, ro, define(t, service))
	b.says("no control socket, so nobody can ask or tell this tree anything: ", "app: ready", "read-only file system")
	b.term(0)
}

// Where several trees run, or none, those who ask are told what to do.
func TestWhichTree(t *testing.T) {
	needRoot(t)
	path := define(t, "[service.app]\ncommand = \"sleep 1000\"\n")
	script := fmt.Sprintf(`mount -t tmpfs tmpfs /run && mkdir /run/user && cp %[1]s %[2]s /run && mount -t tmpfs tmpfs /tmp && cd /run
export XDG_RUNTIME_DIR=/run/user && unset BOLE_SOCKET
./bole up bole.toml & first=$!
until ./bole wait; do sleep 0.01; done
./bole up bole.toml & second=$!
until ./bole wait --socket user/bole.sock; do sleep 0.01; done
echo; ./bole status; echo code $?
./bole status --socket user/bole.sock
kill $first $second; wait
./bole status; echo code $?`, binary, path)
	out, _ := exec.Command("unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", script).CombinedOutput()
	for _, says := range []string{
		"\nbole status: several trees run here: say --socket with one of /run/bole.sock, /run/user/bole.sock", "\ncode 1\n", "\nready: 1 ready; ",
		"\nbole status: no bole is running here: nobody listens at /run/bole.sock, /run/user/bole.sock, /tmp/bole-0/bole.sock", "\ncode 3\n",
	} {
		if !strings.Contains(string(out), says) {
			t.Errorf("no %q in\n%s", says, out)
		}
	}
}
