package test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// nginxConf configures an nginx that answers /health at a port and at a socket of its
// directory, and keeps all its files there. It returns the command.
func nginxConf(t *testing.T, dir, port, more string) (command string) {
	t.Helper()
	conf := fmt.Sprintf(`%[3]s pid %[1]s/pid; error_log stderr; worker_processes 1;
events {}
http {
	access_log off; client_body_temp_path %[1]s/1; proxy_temp_path %[1]s/2; fastcgi_temp_path %[1]s/3; uwsgi_temp_path %[1]s/4; scgi_temp_path %[1]s/5;
	server {
		listen 127.0.0.1:%[2]s; listen unix:%[1]s/socket;
		location /health { return 204; }
		location / { return 503; }
	}
}`, dir, port, more)
	if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("nginx -e stderr -c %s/nginx.conf", dir)
}

// nginxApp requires nginx, and asks it as soon as it is started.
const nginxApp = `
[service.app]
command = ["curl", "-sS", "-o", "/dev/null", "-w", "app is told %%{http_code}\n", "--unix-socket", "%[1]s/socket", "http://localhost/health"]
requires = ["nginx"]
restart = "never"`

// A service is ready when what is asked says so, and not before; and the one that
// requires it starts then. nginx is asked in each way that it understands.
func TestNginxIsAsked(t *testing.T) {
	need(t, "nginx", "curl")
	dir := publicDir(t)
	port := freePort(t)
	command := nginxConf(t, dir, port, "daemon off;")
	for name, ready := range map[string]string{
		"tcp":  `tcp = "127.0.0.1:` + port + `"`,
		"unix": `unix = "` + dir + `/socket"`,
		"http": `http = "http://127.0.0.1:` + port + `/health", status = 204`,
		"url":  `http = "unix:` + dir + `/socket:/health", status = 204`,
		"exec": `exec = "curl -sSf --unix-socket ` + dir + `/socket http://localhost/health"`,
		"file": `file = "` + dir + `/pid"`,
	} {
		b := up(t, plain, define(t, fmt.Sprintf(`
[service.nginx]
command = ["sh", "-c", "sleep 0.2; rm -f %[1]s/socket; exec %[2]s"]
stop-signal = "QUIT"
ready = { %[3]s }`+nginxApp, dir, command, ready)))
		b.says("app is told 204")
		b.order("nginx: starting", "nginx: ready", "app: ")
		b.term(0)
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

// An nginx that goes to the background is known by its pid file: it is ready when that
// names it, its end is the service's, and the number that a killed one has left behind is
// not taken for the next one's.
func TestNginxForksAway(t *testing.T) {
	needRoot(t) // a worker of another user makes two processes of it
	need(t, "nginx", "curl")
	dir := publicDir(t)
	command := nginxConf(t, dir, freePort(t), "daemon on;")
	b := up(t, plain, define(t, fmt.Sprintf(`
[service.nginx]
command = ["sh", "-c", "sleep 0.2; rm -f %[1]s/socket; exec %[2]s"]
pid-file = "%[1]s/pid"
stop-signal = "QUIT"`+nginxApp, dir, command)))
	b.says("app is told 204")
	b.order("nginx: starting", "nginx: ready", "app: ")
	main, all := nginx(t, b)
	if text, _ := os.ReadFile(dir + "/pid"); strings.TrimSpace(string(text)) != fmt.Sprint(main) {
		t.Errorf("nginx is process %d, and its pid file says %q", main, text)
	}
	syscall.Kill(main, syscall.SIGKILL)
	b.order("nginx: ended by signal KILL", "what it left behind is being ended", "next start in")
	wait(t, "nginx to come back", func() bool { return strings.Count(b.output(), "nginx: ready") == 2 })
	dead(t, all) // its worker too, which still held the port
	_, all = nginx(t, b)
	b.term(0)
	dead(t, all)
}
