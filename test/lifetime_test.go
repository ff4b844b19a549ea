package test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The steps of a service's life come one after the other, each with its words.
func TestSteps(t *testing.T) {
	b := up(t, plain, define(t, `
[service.app]
only-if = ["sh", "-c", "echo asked"]
prepare = ["sh", "-c", "echo prepared"]
command = ["sh", "-c", "echo main $$$$; sleep 0.1; exit 3"]
finish = ["sh", "-c", "echo \"finish: $0 $1 $2 $3: $BOLE_RESULT $BOLE_EXIT_CODE [$BOLE_EXIT_SIGNAL]\"; exit 125"]
[service.skipped]
only-if = "false"
prepare = ["sh", "-c", "echo never"]
command = "sleep 1000"
[service.after-that]
command = "sleep 1000"
requires = ["skipped"]
[service.killed]
command = ["sh", "-c", "kill -KILL $$$$"]
restart = "never"
finish = ["sh", "-c", "echo \"killed: $0 $1: $BOLE_RESULT [$BOLE_EXIT_CODE] $BOLE_EXIT_SIGNAL\""]
[service.unprepared]
prepare = ["sh", "-c", "echo no >&2; exit 4"]
command = ["sh", "-c", "echo never"]
restart = "never"
finish = ["sh", "-c", "echo never"]`))
	b.says("its finish says: give up", "skipped: its only-if exited with code 1", "after-that: ready", "killed: failed: ended by signal KILL", "unprepared: failed: its prepare exited with code 4")
	pid := strings.Fields(b.after("| main "))[0]
	b.says("finish: 3 0 app " + pid + ": exit-code 3 []")
	b.says("killed: 256 9: signal [] KILL")
	b.order("| asked", "| prepared", "| main", "its finish is running", "| finish:", "app: failed: exited with code 3")
	b.never("| never")
	b.term(1)
}

// after is what bole has written after a text.
func (b *bole) after(text string) string {
	_, rest, _ := strings.Cut(b.output(), text)
	return rest
}

// A stop-command comes before the stop signal, and both before the finish; and those
// below are stopped when all of that is over.
func TestStopCommand(t *testing.T) {
	b := up(t, plain, define(t, `
[service.db]
command = "sleep 1000"
[service.app]
requires = ["db"]
command = ["sh", "-c", "trap 'echo told by TERM; exit 0' TERM; echo main $$$$; while :; do sleep 0.05; done"]
stop-command = ["sh", "-c", "echo stopping $MAINPID; sleep 0.2; echo that was it"]
finish = ["sh", "-c", "echo finished"]
[service.obeys]
command = ["sh", "-c", "echo obeys is there; exec sleep 1000"]
stop-command = ["sh", "-c", "kill -KILL $MAINPID; sleep 0.2; echo the command comes to its end"]
[service.hangs]
command = ["sh", "-c", "echo hangs is there; exec sleep 1000"]
stop-command = "sleep 1000"
stop-timeout = "300ms"
[service.lacks]
command = "sleep 1000"
stop-command = "no-such-program"`))
	b.says("| main", "obeys is there", "hangs is there", "lacks: ready")
	pid := strings.Fields(b.after("| main "))[0]
	if took := b.term(0); took > 4*time.Second {
		t.Errorf("took %s", took)
	}
	b.order("app: stopping", "stopping "+pid, "that was it", "told by TERM", "| finished", "app: down", "db: stopping")
	b.order("the command comes to its end", "obeys: down")
	b.order("lacks: its stop-command: cannot run no-such-program", "lacks: down")
}

// A daemon that forks itself away is the service: its file makes it ready, its end is
// seen, and a stop reaches it. Numbers that are stale, or somebody else's, are refused.
func TestPIDFile(t *testing.T) {
	needRoot(t)
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "stale"), []byte(fmt.Sprint(os.Getpid())), 0o644)
	daemon := func(name, script string) string {
		return fmt.Sprintf("[service.%s]\npid-file = %q\ncommand = [\"sh\", \"-c\", '''(setsid sh -c 'echo $$$$ > %s; %s' &); exit 0''']\nstart-timeout = \"20s\"\nrestart = \"never\"\n", name, dir+"/"+name, dir+"/"+name, script)
	}
	b := up(t, pid1, define(t, daemon("stays", "trap \"echo told; exit 0\" TERM; while :; do sleep 0.05; done")+
		daemon("dies", "sleep 0.3; exit 9")+fmt.Sprintf(`
[service.app]
command = "sleep 1000"
requires = ["stays"]
[service.stale]
pid-file = "%[1]s/stale"
command = "true"
start-timeout = "500ms"
restart = "never"
[service.foreign]
pid-file = "%[1]s/foreign"
command = ["sh", "-c", "cat %[1]s/stays > %[1]s/foreign"]
requires = ["stays"]
start-timeout = "500ms"
restart = "never"
[service.litter]
command = ["sh", "-c", "(setsid env -i sh -c 'echo $$$$ > %[1]s/nameless; exec sleep 1000' &); until [ -s %[1]s/nameless ]; do sleep 0.01; done; echo >&3; exec sleep 1000"]
ready = { fd = 3 }
[service.nameless]
pid-file = "%[1]s/nameless"
command = "true"
requires = ["litter"]
start-timeout = "500ms"
restart = "never"
[service.self]
pid-file = "%[1]s/self"
command = ["sh", "-c", "sleep 0.1; echo $$$$ > %[1]s/self; exec sleep 1000"]
[service.broken]
pid-file = "%[1]s/broken"
command = ["sh", "-c", "exit 4"]
restart = "never"`, dir)))
	b.says("stays: ready", "app: ready", "dies: ready", "dies: failed: exited with code 9", "self: ready", "broken: failed: exited with code 4")
	b.says("stale: failed: not ready in time", "foreign: failed: not ready in time", "nameless: failed: not ready in time")
	b.order("stays: starting", "stays: ready", "app: ready")
	b.term(1)
	b.order("app: down", "stays: stopping", "stays: down")
	b.order("| told", "stays: down") // bole says what it does, and does not wait until that is written
}

// What a service needs is made before each start, with its mode and owner.
func TestCreateDirectories(t *testing.T) {
	needRoot(t)
	dir := publicDir(t)
	os.Symlink("/etc", dir+"/link")
	os.WriteFile(dir+"/file", nil, 0o644)
	b := up(t, plain, define(t, fmt.Sprintf(`
[service.app]
command = ["sh", "-c", "touch %[1]s/own/file && echo written; exec sleep 1000"]
user = "nobody"
create-directories = ["%[1]s/own", { path = "%[1]s/a/b", mode = "2750", user = "root", group = "nogroup" }]
[service.misled]
command = "true"
create-directories = ["%[1]s/link"]
[service.blocked]
command = "true"
create-directories = ["%[1]s/file"]`, dir)))
	b.says("| written", "misled: failed: create-directories: "+dir+"/link: path escapes", "blocked: failed: create-directories: "+dir+"/file: not a directory")
	for path, want := range map[string]string{"own": "drwxr-xr-x 65534 65534", "a": "drwxr-xr-x 0 0", "a/b": "dgrwxr-x--- 0 65534"} {
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		st := info.Sys().(*syscall.Stat_t)
		if got := fmt.Sprintf("%s %d %d", info.Mode(), st.Uid, st.Gid); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if info, err := os.Stat("/etc"); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("/etc has changed: %v %v", info, err)
	}
	b.term(1)
}

// What is asked for is what the running process has.
func TestAttributes(t *testing.T) {
	needRoot(t)
	dir := t.TempDir()
	fifo := dir + "/fifo"
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	b := up(t, plain, define(t, fmt.Sprintf(`
[service.app]
command = ["sleep", "1000.1"]
user = "nobody"
umask = "027"
nice = 3
oom-score-adj = 200
limits = { nofile = 512, core = "4KiB" }
no-new-privileges = true
capabilities = ["CAP_KILL"]
ambient-capabilities = ["CAP_KILL"]
cpu-affinity = [0]
[service.plain]
command = ["sleep", "1000.2"]
[service.reader]
command = ["sh", "-c", "while read line; do echo read $line; done; echo end"]
stdin = "%s"
[service.unlimited]
command = "sleep 1"
limits = { nofile = 1073741824 }
[service.nobody]
command = "sleep 1"
user = "no-such-user"`, fifo)))
	b.says("app: ready", "plain: ready", "reader: ready")
	b.says("unlimited: failed: limits.nofile = 1073741824: not permitted", "nobody: failed: there is no user \"no-such-user\" on this machine")
	app := b.find("1000.1")
	for field, want := range map[string]string{"Uid": "65534\t65534\t65534\t65534", "Umask": "0027", "NoNewPrivs": "1", "CapBnd": "0000000000000020", "CapEff": "0000000000000020", "Cpus_allowed_list": "0", "SigBlk": "0000000000000000", "SigIgn": "0000000000000000"} {
		if got := status(t, app, field); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	limits, _ := os.ReadFile(fmt.Sprintf("/proc/%d/limits", app))
	for _, want := range []string{"Max open files            512                  512", "Max core file size        4096                 4096"} {
		if !strings.Contains(string(limits), want) {
			t.Errorf("no %q in\n%s", want, limits)
		}
	}
	if adj, _ := os.ReadFile(fmt.Sprintf("/proc/%d/oom_score_adj", app)); strings.TrimSpace(string(adj)) != "200" {
		t.Errorf("oom_score_adj is %s", adj)
	}
	mine, _ := os.ReadFile("/proc/self/limits")
	theirs, _ := os.ReadFile(fmt.Sprintf("/proc/%d/limits", b.find("1000.2")))
	if len(mine) == 0 || len(theirs) == 0 {
		t.Error("no limits to be read")
	}
	for _, line := range []string{"hello", "again"} {
		os.WriteFile(fifo, []byte(line+"\n"), 0)
		b.says("read " + line)
	}
	b.never("| end")
	b.term(1)
}

// What a oneshot writes to BOLE_ENV is in the environment of those that require it,
// directly or not, and nowhere else; and no file is left.
func TestGivenVariables(t *testing.T) {
	needRoot(t)
	b := up(t, plain, define(t, `
[oneshot.secrets]
up = ["sh", "-c", "echo \"file: $BOLE_ENV\"; stat -c 'mode: %a %U' $BOLE_ENV; printf 'TOKEN=abc\\nBOLE_SERVICE=x\\n= bad\\n' > $BOLE_ENV"]
user = "nobody"
[oneshot.later]
up = ["sh", "-c", "echo \"TOKEN=$TOKEN-later\" > $BOLE_ENV"]
requires = ["secrets"]
[service.app]
command = ["sh", "-c", "echo \"app: $TOKEN $BOLE_SERVICE [$BOLE_ENV]\"; exec sleep 1000"]
requires = ["later"]
env = { TOKEN = "own" }
[service.other]
command = ["sh", "-c", "echo \"other: [$TOKEN]\"; exec sleep 1000"]
wants = ["secrets"]
env = { TOKEN = "" }
[oneshot.swaps]
up = ["sh", "-c", "rm $BOLE_ENV; ln -s /etc/passwd $BOLE_ENV"]
[oneshot.fails]
up = ["sh", "-c", "echo 'NEVER=1' > $BOLE_ENV; exit 1"]
[service.blocked]
command = "true"
requires = ["fails"]`))
	b.says("| app: abc-later app []", "| other: []", "mode: 600 nobody", "secrets: BOLE_ENV: line 3: ", "swaps: BOLE_ENV: it is gone", "blocked: blocked")
	file := strings.Fields(b.after("| file: "))[0]
	b.term(1)
	if _, err := os.Stat(filepath.Dir(file)); !os.IsNotExist(err) {
		t.Errorf("%s is left (%v)", filepath.Dir(file), err)
	}
}

// Instances are services of their own, with a number each; their name stands for all.
func TestInstances(t *testing.T) {
	b := up(t, plain, define(t, `
[service.worker]
instances = 3
command = ["sh", "-c", "echo number ${INSTANCE} of $BOLE_SERVICE; exec sleep 1000"]
[service.front]
command = "sleep 1000"
requires = ["worker"]`))
	b.says("worker@1 | number 1 of worker@1", "worker@3 | number 3 of worker@3", "front: ready", "ready after")
	b.term(0)
	b.order("front: down", "worker@1: down")
}

// Those that are bound together go down and come back together.
func TestBoundTogether(t *testing.T) {
	b := up(t, plain, define(t, `
[service.db]
command = ["sh", "-c", "echo db is $$$$; exec sleep 1000"]
restart-delay = "50ms"
[service.app]
command = ["sh", "-c", "echo app runs; exec sleep 1000"]
binds = ["db"]
[service.web]
command = ["sh", "-c", "echo web runs; exec sleep 1000"]
binds = ["app"]
[service.loose]
command = ["sh", "-c", "echo loose runs; exec sleep 1000"]
requires = ["db"]`))
	b.says("web runs", "loose runs", "db is ")
	var pid int
	fmt.Sscan(b.after("db is "), &pid)
	syscall.Kill(pid, syscall.SIGKILL)
	wait(t, "all to be back", func() bool { return strings.Count(b.output(), "web runs") == 2 })
	b.order("db: ended by signal KILL", "web: stopping", "web: down", "app: stopping", "app: down", "db: ready", "app: ready", "web: ready")
	b.term(0)
	if n := strings.Count(b.output(), "loose runs"); n != 1 {
		t.Errorf("loose was started %d times", n)
	}
}
