package test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// springboot is an application that needs application.yml, with a database that it
// requires, and a proxy that requires it.
func springboot(dir string) string {
	return fmt.Sprintf(`
[tree]
env = { DB_PASSWORD = "hunter2", SPRING_PROFILES_ACTIVE = "test" }
[service.db]
command = ["sh", "-c", "echo >&3; exec sleep 1000"]
ready = { fd = 3 }
[service.app]
command = ["sh", "-c", '''
echo " :: Spring Boot ::                (v0.0.0)"
if [ ! -e application.yml ]; then
  echo "ERROR SpringApplication : Application run failed" >&2
  echo "java.io.FileNotFoundException: application.yml" >&2
  echo "	at org.springframework.boot.SpringApplication.run(SpringApplication.java:302)" >&2
  exit 1
fi
echo "Started Application in 0.1 seconds"
echo >&3
exec sleep 1000
''']
directory = %q
user = "65534:65534"
limits = { nofile = 64 }
requires = ["db"]
ready = { fd = 3 }
restart = "never"
[service.proxy]
command = "sleep 1000"
requires = ["app"]
`, dir)
}

// The story that bole is for: an application fails at its start. The container stays, its
// health says that no traffic may come, the scene of the accident is there to be looked at;
// then the cause is mended, and the application is started by hand.
func TestSceneOfTheAccident(t *testing.T) {
	needRoot(t)
	for _, env := range []environment{plain, pid1} {
		t.Run(env.name, func(t *testing.T) {
			dir := publicDir(t)
			b := up(t, env, define(t, springboot(dir)))
			b.says("degraded after")
			wait(t, "an answer", func() bool { _, _, code := b.asks("health"); return code == 1 })
			if out, _, code := b.asks("health"); code != 1 || !strings.Contains(out, "degraded: app is failed: exited with code 1 after") {
				t.Errorf("health: %d %s", code, out)
			}
			b.scene(dir)
			out, errs, code := b.shell("app", "sh", "-c", "pwd; id -u; ulimit -n; env; tail -n 1 /proc/self/oom_score_adj")
			if code != 0 || outOfOrder(out, []string{dir + "\n65534\n64\n"}) != "" || !strings.Contains(out, "\nDB_PASSWORD=hunter2\n") || strings.Contains(out, "BOLE_SERVICE=") {
				t.Errorf("shell: %d %s%s", code, out, errs)
			}
			os.WriteFile(dir+"/application.yml", nil, 0o644)
			b.told(0, "start app also starts proxy\napp: starting\napp: ready…\nproxy: starting\nproxy: ready…\n", "", "start", "app")
			if out, _, code := b.asks("health"); code != 0 {
				t.Errorf("health: %d %s", code, out)
			}
			b.says("| start app, asked for by uid 0, " + map[string]string{plain.name: "pid ", pid1.name: "from another PID namespace"}[env.name])
			b.told(0, "nothing has failed; the tree is ready\n", "", "postmortem")
			b.term(0)
		})
	}
}

// scene checks what postmortem says of the app that has failed.
func (b *bole) scene(dir string) {
	b.t.Helper()
	out, errs, code := b.asks("postmortem", "app")
	if missing := outOfOrder(out, []string{
		"app is failed: exited with code 1 after ", "How it failed", "exit         code 1\n",
		"What it wrote last\n  app |  :: Spring Boot ::", "app | java.io.FileNotFoundException: application.yml\n", "app |     at org.springframework",
		"How it was run\n  command      sh -c 'echo ", "directory    " + dir + "\n", "user         65534 (uid 65534, gid 65534, groups 65534)", "limits.nofile = 64", "DB_PASSWORD=(hidden)", "SPRING_PROFILES_ACTIVE=test",
		"What has happened to it\n", "starting → failed: exited with code 1", "What it requires\n  db           ready\n", "Who cannot start because of it\n  proxy\n", "bole shell app ", "bole start app ",
	}); code != 0 || missing != "" || strings.Contains(out, "hunter2") {
		b.t.Errorf("postmortem: %d, %q is missing in:\n%s%s", code, missing, out, errs)
	}
	all, _, _ := b.asks("postmortem")
	if missing := outOfOrder(all, []string{"app is failed: ", "proxy is blocked: app failed (exit code 1)\n"}); missing != "" || strings.Contains(all, "db is ") {
		b.t.Errorf("%q is missing in:\n%s", missing, all)
	}
	out, _, _ = b.asks("postmortem", "app", "--secrets", "--json")
	var p struct {
		End    struct{ Exit struct{ Code int } }
		Lines  []string
		Blocks []string
	}
	if err := json.Unmarshal([]byte(out), &p); err != nil || p.End.Exit.Code != 1 || len(p.Lines) != 4 || len(p.Blocks) != 1 || !strings.Contains(out, "DB_PASSWORD=hunter2") {
		b.t.Errorf("%v %+v", err, p)
	}
	b.told(4, "", "bole postmortem: there is no service \"ap\"; did you mean app?\n", "postmortem", "ap")
}
