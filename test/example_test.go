package test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// Every example is free of faults and of warnings.
func TestExamplesLoad(t *testing.T) {
	dirs, _ := filepath.Glob("../examples/*")
	if len(dirs) < 2 {
		t.Fatalf("only %d examples", len(dirs))
	}
	for _, dir := range dirs {
		if _, errs, code := run(t, "check", "--portable", dir); code != 0 || errs != "" {
			t.Errorf("%s: exit code %d\n%s", dir, code, errs)
		}
	}
}

// What the README shows is free of faults and of warnings, too.
func TestReadmeLoads(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllSubmatch(text, -1)
	if len(blocks) == 0 {
		t.Fatal("there is no definition file in it")
	}
	for _, b := range blocks {
		if _, errs, code := run(t, "check", "--portable", define(t, string(b[1]))); code != 0 || errs != "" {
			t.Errorf("exit code %d\n%s", code, errs)
		}
	}
}

// The devbox example with the real nginx and the real cron.
func TestDevbox(t *testing.T) {
	needRoot(t)
	need(t, "nginx", "cron")
	t.Setenv("APP", filepath.Join(filepath.Dir(binary), "app"))
	t.Setenv("DEVBOX", abs(t, "../examples/devbox"))
	b := up(t, pid1, abs(t, "../examples/devbox"))
	b.says("3 ready")
	b.order("app: ready", "nginx: ready")
	wait(t, "nginx to answer", func() bool {
		resp, err := http.Get("http://127.0.0.1:8080/")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return string(body) == "hello from app\n"
	})
	wait(t, "cron's pid file to name it", func() bool {
		text, _ := os.ReadFile("/var/run/crond.pid")
		return strings.TrimSpace(string(text)) != ""
	})
	b.term(0)
	b.says("(SIGQUIT) received", "gracefully shutting down", "| bye")
	b.order("nginx: stopping", "nginx: down", "app: stopping", "app: down", "all down")
	b.gone()
}

// nginx crashes and comes back; the app that it requires is left alone.
func TestDevboxSurvivesACrash(t *testing.T) {
	needRoot(t)
	need(t, "nginx", "cron")
	t.Setenv("APP", filepath.Join(filepath.Dir(binary), "app"))
	t.Setenv("DEVBOX", abs(t, "../examples/devbox"))
	b := up(t, plain, abs(t, "../examples/devbox"))
	b.says("3 ready")
	main, all := nginx(t, b)
	syscall.Kill(main, syscall.SIGKILL)
	b.says("nginx: ended by signal KILL")
	wait(t, "nginx to come back", func() bool { return strings.Count(b.output(), "nginx: ready") == 2 })
	for _, pid := range all { // its worker too, which still held the port
		if _, ok := parentAndState(pid); ok {
			t.Errorf("process %d has outlived the next start", pid)
		}
	}
	b.never("app: stopping")
	_, all = nginx(t, b)
	b.term(0)
	for _, pid := range all {
		if _, ok := parentAndState(pid); ok {
			t.Errorf("process %d is left", pid)
		}
	}
}

// nginx waits for its main process and a worker. It has written its title over its
// environment.
func nginx(t *testing.T, b *bole) (main int, all []int) {
	wait(t, "nginx", func() bool {
		main, all = 0, nil
		for _, pid := range descendants(b.pid()) {
			if comm(pid) != "nginx" {
				continue
			}
			all = append(all, pid)
			if stat, ok := parentAndState(pid); ok && stat.parent == b.pid() {
				main = pid
			}
		}
		return main != 0 && len(all) == 2
	})
	return main, all
}

// The app fails once and is left as it is; the rest goes on, and the container stays.
func TestSpringBoot(t *testing.T) {
	b := up(t, plain, abs(t, "../examples/springboot"))
	b.says("app: failed: exited with code 1", "proxy: blocked: app failed (exit code 1)", "degraded after", "| collecting metrics")
	b.never("next start")
	b.term(1)
	b.never("sending requests")
}

func TestSpringBootWithItsConfiguration(t *testing.T) {
	t.Setenv("CONFIG", "/etc/passwd")
	b := up(t, plain, abs(t, "../examples/springboot"))
	b.says("| sending requests", "3 ready")
	b.order("Started Application", "app: ready", "proxy: ready")
	b.term(0)
}

func TestWorkers(t *testing.T) {
	t.Setenv("WORKERS", "4")
	b := up(t, plain, abs(t, "../examples/workers"))
	b.says("worker@1 ", "worker 4 takes jobs", "5 ready, 1 done; critical path queue → worker@", " → scheduler ", "| giving out jobs")
	b.term(0)
	b.order("queue: done", "worker@", "scheduler: ready", "scheduler: down", "worker@")
}

func TestForkingDaemon(t *testing.T) {
	t.Setenv("RUN", filepath.Join(t.TempDir(), "run"))
	b := up(t, plain, abs(t, "../examples/forking-daemon"))
	b.says("2 ready", "| the daemon is there")
	b.order("daemon: ready", "client: ready")
	b.term(0)
	b.order("client: down", "| the daemon was told to stop", "daemon: down")
}

func TestShell(t *testing.T) {
	b := up(t, plain, abs(t, "../examples/shell"), "--", "sh", "-c", "echo in front; exit 7")
	b.ends(7)
	b.says("in front")
	b.order("db: ready", "app: ready", "CMD: ready", "CMD: exited with code 7", "app: down", "db: down")
}

func TestNotifyGo(t *testing.T) {
	t.Setenv("PORT", freePort(t))
	t.Chdir("..")
	b := up(t, plain, "examples/notify-go")
	b.says("server: ready", "| the server is there")
	b.order("| serving", "client: ready")
	resp, err := http.Get("http://127.0.0.1:" + os.Getenv("PORT"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	b.term(0)
}

func TestNotifyShell(t *testing.T) {
	t.Setenv("PATH", filepath.Dir(binary)+":"+os.Getenv("PATH"))
	b := up(t, plain, abs(t, "../examples/notify-shell"))
	b.says("3 ready", "| both are there")
	b.order("| warming up", "cache: ready", "worker: ready", "client: ready")
	b.term(0)
}
