package test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// curl asks the control socket.
func (b *bole) curl(method, target, body string) (code int, text string) {
	b.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, Dial: func(string, string) (net.Conn, error) { return net.Dial("unix", b.socket) }}}
	r, err := http.NewRequest(method, "http://bole"+target, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	res, err := client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	all, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(all)
}

// The scene is written also when it is this failure that ends the tree, with the last
// words, and nobody else's files are touched. There are twenty at most.
func TestPostmortemIsWritten(t *testing.T) {
	dir := publicDir(t)
	for i := range 25 {
		for _, service := range []string{"app", "app.2"} {
			os.WriteFile(fmt.Sprintf("%s/%s.20200101T0000%02d.000Z.json", dir, service, i), nil, 0o600)
		}
	}
	path := define(t, fmt.Sprintf(`
[tree]
postmortem-dir = %q
[service.app]
command = ["sh", "-c", "echo last words; exit 7", "${DB_PASSWORD}"]
env = { DB_PASSWORD = "correct horse" }
essential = true
restart = "never"`, dir))
	for range 5 {
		up(t, plain, path).ends(7)
	}
	files, _ := filepath.Glob(dir + "/app.2[0-9]*T*.json")
	others, _ := filepath.Glob(dir + "/app.2.*.json")
	if len(files) != 20 || len(others) != 25 {
		t.Fatalf("%d files, %d of another service", len(files), len(others))
	}
	for _, file := range files[15:] {
		var p struct {
			Service, Why string
			Lines        []string
			Conditions   struct{ Command []string }
		}
		text, _ := os.ReadFile(file)
		if err := json.Unmarshal(text, &p); err != nil || p.Service != "app" || fmt.Sprint(p.Lines) != "[last words]" || !strings.HasPrefix(p.Why, "exited with code 7") {
			t.Errorf("%s: %v %+v", file, err, p)
		}
		if strings.Contains(string(text), "correct horse") || p.Conditions.Command[3] != "(hidden)" {
			t.Errorf("%s shows a secret: %v", file, p.Conditions.Command)
		}
	}
}

// What looks secret, is of an env-file, or was handed on, is hidden wherever it stands; who
// may do anything gets it when he asks for it.
func TestSecretsAreHidden(t *testing.T) {
	dir := publicDir(t)
	os.WriteFile(dir+"/app.env", []byte("FROM_FILE=in the file\n"), 0o600)
	b := up(t, plain, define(t, fmt.Sprintf(`
[oneshot.vault]
up = ["sh", "-c", "echo GIVEN=handed on >$BOLE_ENV"]
[service.app]
command = ["sh", "-c", "exec sleep 1000", "--password=${DB_PASSWORD}", "${FROM_FILE}", "--api-key=literal", "--token", "literally"]
env = { DB_PASSWORD = "correct horse", URL = "postgres://app:battery@db/x", PLAIN = "staple" }
env-file = "%s/app.env"
requires = ["vault"]`, dir)))
	b.says("app: ready")
	secrets := []string{"correct horse", "in the file", "handed on", "battery", "literal"}
	for _, target := range []string{"/v1/services/app", "/v1/services/app/postmortem", "/v1/status", "/v1/events", "/v1/logs"} {
		code, text := b.curl("GET", target, "")
		for _, secret := range secrets {
			if code != 200 || strings.Contains(text, secret) {
				t.Errorf("%s: %d %s", target, code, text)
			}
		}
	}
	_, text := b.curl("GET", "/v1/services/app/postmortem?secrets", "")
	_, hidden := b.curl("GET", "/v1/services/app/postmortem", "")
	for _, secret := range secrets {
		if !strings.Contains(text, secret) {
			t.Errorf("%q is not told: %s", secret, text)
		}
	}
	if !strings.Contains(hidden, `"PLAIN=staple"`) || !strings.Contains(hidden, `"--password=(hidden)","(hidden)","--api-key=(hidden)","--token","(hidden)"`) {
		t.Errorf("%s", hidden)
	}
	b.curl("POST", "/v1/actions", `{"action": "stop", "services": ["vault"]}`)
	wait(t, "vault to be down", func() bool {
		_, text := b.curl("GET", "/v1/operations/1", "")
		return strings.Contains(text, `"state":"done"`)
	})
	if _, text := b.curl("GET", "/v1/services/app/postmortem", ""); strings.Contains(text, "handed on") {
		t.Errorf("once the giver is down it is shown: %s", text)
	}
	b.term(0)
}

// Requests that make no sense are told so, and cost nothing.
func TestNonsense(t *testing.T) {
	b := up(t, plain, define(t, "[service.app]\ncommand = \"sleep 1000\"\n[bundle.all]\ncontains = [\"app\"]\n"))
	b.says("ready after")
	for _, x := range []struct {
		method, target, body string
		code                 int
		says                 string
	}{
		{"GET", "/v1/events?after=18446744073709551615", "", 400, "after is the number"},
		{"GET", "/v1/events?after=-1", "", 400, "after is the number"},
		{"GET", "/v1/events?after=9000000", "", 200, `"kind":"lost"`},
		{"GET", "/v1/events?service=ap", "", 404, `"did_you_mean":"app"`},
		{"GET", "/v1/logs?lines=many", "", 400, "lines is how many"},
		{"GET", "/v1/services/all", "", 409, "all is a bundle"},
		{"GET", "/v1/operations/99", "", 404, "there is no operation 99"},
		{"GET", "/v1/plan?action=start", "", 400, "no service is named"},
		{"POST", "/v1/actions", `{"action": "start", "services": ["app"], "signal": "x\ny"}`, 400, "a start sends no signal"},
		{"POST", "/v1/actions", `{"action": "stop", "services": ["app"], "dependents": true}`, 400, "dependents is for a restart"},
		{"POST", "/v1/actions", `{"action": "signal", "services": ["app"], "signal": "NOPE"}`, 400, `is no signal`},
		{"DELETE", "/v1/services/app", "", 405, "is to be asked by GET"},
	} {
		if code, text := b.curl(x.method, x.target, x.body); code != x.code || !strings.Contains(text, x.says) {
			t.Errorf("%s %s %s: %d %s", x.method, x.target, x.body, code, text)
		}
	}
	b.never("a fault of bole's own")
	b.term(0)
}

// To ask for the last lines of services that have written much costs what the answer does.
func TestLinesAreCheap(t *testing.T) {
	b := up(t, plain, define(t, `
[service.app]
instances = 50
command = ["sh", "-c", "yes | head -c 70000; exec sleep 1000"]`))
	b.says("ready after")
	wait(t, "all to have written", func() bool {
		_, text := b.curl("GET", "/v1/status", "")
		return strings.Count(text, `"log_bytes":70000`) == 50
	})
	before := peakMemory(t, b.pid())
	done := make(chan struct{})
	for range 20 {
		go func() { b.curl("GET", "/v1/logs?lines=1", ""); done <- struct{}{} }()
	}
	for range 20 {
		<-done
	}
	if after := peakMemory(t, b.pid()); after > before+(40<<10) {
		t.Errorf("it took %d kB, %d before", after, before)
	}
	if _, text := b.curl("GET", "/v1/logs?lines=3", ""); strings.Count(text, "\n") != 3 {
		t.Errorf("%s", text)
	}
	b.term(0)
}

// A reload ends with the process that it is for, and is told which that is.
func TestReloadEndsWithItsService(t *testing.T) {
	dir := publicDir(t)
	b := up(t, plain, define(t, fmt.Sprintf(`
[service.daemon]
command = ["sh", "-c", "sleep 1000.5 & echo $! >%[1]s/pid"]
pid-file = "%[1]s/pid"
reload = ["sh", "-c", "echo $MAINPID >%[1]s/told; exec sleep 1000.6"]
start-timeout = "0s"
stop-command = ["sh", "-c", "echo $MAINPID >%[1]s/stopped; kill $MAINPID"]`, dir)))
	b.says("daemon: ready")
	pid := b.service("1000.5")
	b.curl("POST", "/v1/actions", `{"action": "reload", "services": ["daemon"]}`)
	b.service("1000.6")
	if code, text := b.curl("GET", "/v1/operations/1", ""); code != 200 || !strings.Contains(text, `"state":"running"`) {
		t.Errorf("%d %s", code, text)
	}
	begin := time.Now()
	b.curl("POST", "/v1/actions", `{"action": "stop", "services": ["daemon"]}`)
	if _, text := b.curl("GET", "/v1/operations/1?wait=20s", ""); !strings.Contains(text, "ended by signal KILL") || time.Since(begin) > 15*time.Second {
		t.Errorf("after %s: %s", time.Since(begin), text)
	}
	b.says("daemon: down")
	for _, file := range []string{"told", "stopped"} {
		if text, _ := os.ReadFile(filepath.Join(dir, file)); strings.TrimSpace(string(text)) != fmt.Sprint(pid) {
			t.Errorf("%s is told %q, not %d", file, text, pid)
		}
	}
	if b.find("1000.6") != 0 {
		t.Error("the reload is left")
	}
	b.term(0)
}
