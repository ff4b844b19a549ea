package test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// What s6 reads from the files of a service directory is here with the keys that stand
// for them, and is seen on the processes: run, notification-fd, finish, timeout-finish,
// down, down-signal, timeout-kill, flag-timeout-killpg, env and instances.
func TestServiceDirectory(t *testing.T) {
	dir := publicDir(t)
	os.Mkdir(dir+"/env", 0o755)
	os.WriteFile(dir+"/env/FROM_FILE", []byte("first line  \nsecond"), 0o644)
	const deaf = `trap '' TERM; echo $0 is there >&2; while :; do sleep 0.05; done`
	b := up(t, plain, define(t, fmt.Sprintf(`
[service.run]
command = ["sh", "-c", "echo >&4; exec sleep 1000.1"]
directory = %[1]q
env-file = "%[1]s/env"
ready = { fd = 4 }
stop-signal = "SIGUSR1"
[service.finish]
command = ["sh", "-c", "exit 4"]
finish = ["sh", "-c", "echo \"$0 $1 $2 $$3\"; kill -KILL $$$$"]
restart = "never"
[service.timeout-finish]
command = ["sh", "-c", "exit 4"]
finish = ["sh", "-c", %[2]q]
finish-timeout = "100ms"
restart = "never"
[service.down]
command = "sleep 1000"
enabled = false
[service.timeout-kill]
command = ["sh", "-c", %[2]q, "deaf"]
stop-timeout = "200ms"
[service.killpg]
command = ["sh", "-c", "sh -c 'trap \"echo child is told; exit\" TERM; echo child is there; while :; do sleep 0.05; done' & trap 'wait; exit' TERM; wait"]
kill = "group"
[service.one]
command = ["sh", "-c", "sh -c 'trap \"echo child of one is told; exit\" TERM; echo child of one is there; while :; do sleep 0.05; done' & trap 'wait; exit' TERM; wait"]
kill = "process"
stop-timeout = "200ms"
[service.at]
command = "sleep 1000.${INSTANCE}9"
instances = 2`, dir, deaf)))
	b.says("run: ready", "finish: failed", "timeout-finish: failed", "deaf is there", "child is there", "child of one is there", "at@2: ready")
	b.says("| 4 0 finish ")
	run := b.service("1000.1")
	for link, want := range map[string]string{"cwd": dir, "fd/0": "/dev/null"} {
		if got, _ := os.Readlink(fmt.Sprintf("/proc/%d/%s", run, link)); got != want {
			t.Errorf("%s is %s, want %s", link, got, want)
		}
	}
	if environ, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", run)); !strings.Contains(string(environ), "\x00FROM_FILE=first line\x00") {
		t.Errorf("its environment: %q", environ)
	}
	if got := files(t, run); strings.Join(got, " ") != "0 1 2 4" {
		t.Errorf("open files: %v", got)
	}
	if stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", run)); !strings.Contains(string(stat), fmt.Sprintf(" %d %d ", run, run)) {
		t.Errorf("it leads no session: %s", stat)
	}
	b.service("1000.19")
	b.service("1000.29")
	b.never("down: ready")
	b.term(1)
	b.says("timeout-kill: down", "run: down", "child is told")
	b.never("child of one is told")
}
