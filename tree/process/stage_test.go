package process

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"bole/tree/procattr"
)

func number(n int) *int { return &n }

func set(names ...string) *procattr.Capabilities {
	var all procattr.Capabilities
	for _, name := range names {
		c, ok := procattr.ParseCapability(name)
		if !ok {
			panic(name)
		}
		all |= c
	}
	return &all
}

// Each attribute is looked up in the running process, together with what must not
// have changed.
func TestStage(t *testing.T) {
	needRoot(t)
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	user := &procattr.Credential{UID: 1234, GID: 2345, Groups: []uint32{7}}
	for _, test := range []struct {
		name string
		attr procattr.Attr
		user *procattr.Credential
		file string // of /proc/PID
		want map[string]string
	}{
		{"nice", procattr.Attr{Nice: number(5)}, nil, "stat", nil},
		{"nice below zero, for a user", procattr.Attr{Nice: number(-3)}, user, "status", map[string]string{"Uid": "1234 1234 1234 1234", "Gid": "2345 2345 2345 2345", "Groups": "7"}},
		{"oom-score-adj", procattr.Attr{OOMScoreAdj: number(321)}, user, "oom_score_adj", map[string]string{"321": ""}},
		{"umask", procattr.Attr{Umask: number(0o027)}, nil, "status", map[string]string{"Umask": "0027", "SigBlk": "0000000000000000", "SigIgn": "0000000000000000", "NoNewPrivs": "0"}},
		{"cpu-affinity", procattr.Attr{CPUs: []int{0}}, user, "status", map[string]string{"Cpus_allowed_list": "0"}},
		{"limits", procattr.Attr{Limits: []procattr.Limit{{Name: "core", Soft: 4096, Hard: 8192}, {Name: "nofile", Soft: 512, Keep: true}, {Name: "cpu", Soft: procattr.Unlimited, Keep: true}}}, user, "limits",
			map[string]string{"Max core file size": "4096 8192 bytes", "Max open files": "512 " + strings.Fields(originalFiles())[1] + " files", "Max cpu time": "unlimited unlimited seconds"}},
		{"limit of files untouched", procattr.Attr{Umask: number(0)}, user, "limits", map[string]string{"Max open files": originalFiles() + " files"}},
		{"no-new-privileges", procattr.Attr{NoNewPrivileges: true}, user, "status", map[string]string{"NoNewPrivs": "1"}},
		{"capabilities", procattr.Attr{Bounding: set("net_bind_service", "CAP_CHOWN")}, nil, "status", map[string]string{"CapBnd": "0000000000000401", "CapEff": "0000000000000401", "CapPrm": "0000000000000401"}},
		{"no capability at all", procattr.Attr{Bounding: set()}, user, "status", map[string]string{"CapBnd": "0000000000000000", "CapEff": "0000000000000000", "Uid": "1234 1234 1234 1234"}},
		{"ambient-capabilities", procattr.Attr{Ambient: *set("net_bind_service")}, user, "status", map[string]string{"CapEff": "0000000000000400", "CapAmb": "0000000000000400", "CapPrm": "0000000000000400", "Uid": "1234 1234 1234 1234"}},
		{"both kinds of capabilities", procattr.Attr{Ambient: *set("kill"), Bounding: set("kill")}, user, "status", map[string]string{"CapEff": "0000000000000020", "CapBnd": "0000000000000020"}},
	} {
		pid := w.start(test.name, Command{Argv: []string{"sleep", "1000"}, Attr: &test.attr, User: test.user, Stdin: -1, Stdout: -1})
		for name, want := range test.want {
			if got := field(t, procFile(pid, test.file), name); got != want {
				t.Errorf("%s: %s is %q, want %q", test.name, name, got, want)
			}
		}
		hasOnly(t, pid, "0 1 2")
	}
	if n, err := unix.Getpriority(unix.PRIO_PROCESS, w.byKey["nice"].pid); err != nil || 20-n != 5 {
		t.Errorf("nice is %d (%v), want 5", 20-n, err)
	}
}

// originalFiles is the limit that this program was started with, as a child has it; the
// Go runtime has raised the soft one for itself.
func originalFiles() string {
	out, _ := exec.Command("sh", "-c", "echo $(ulimit -Sn) $(ulimit -Hn)").Output()
	return strings.TrimSpace(string(out))
}

func TestStageFaults(t *testing.T) {
	needRoot(t)
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	var hard syscall.Rlimit
	syscall.Getrlimit(unix.RLIMIT_NOFILE, &hard)
	user := &procattr.Credential{UID: 1234, GID: 2345}
	for _, test := range []struct {
		c    Command
		want string
		code int
	}{
		{Command{Attr: &procattr.Attr{Limits: []procattr.Limit{{Name: "nofile", Soft: 1 << 31, Hard: 1 << 31}}}}, fmt.Sprintf("limits.nofile = 2147483648: not permitted: the hard limit is %d", hard.Max), 126},
		{Command{Attr: &procattr.Attr{CPUs: []int{1000}}}, fmt.Sprintf("cpu-affinity = [1000]: none of these is among the %d that bole may use", cpus()), 126},
		{Command{Attr: &procattr.Attr{Chroot: "/nowhere"}}, "chroot = /nowhere: it does not exist", 126},
		{Command{Attr: &procattr.Attr{Chroot: "/etc/passwd"}}, "chroot = /etc/passwd: it is not a directory", 126},
		{Command{Attr: &procattr.Attr{Terminal: "/dev/null"}}, "tty = /dev/null: it is no terminal", 126},
		{Command{Attr: &procattr.Attr{Umask: number(0)}, Dir: "/nowhere"}, "directory = /nowhere: it does not exist", 126},
		{Command{Attr: &procattr.Attr{Umask: number(0)}, Dir: "/root", User: user}, "directory = /root: not permitted: its user may not enter it", 126},
		{Command{Attr: &procattr.Attr{Umask: number(0)}, Argv: []string{"no-such-program"}}, "cannot run no-such-program: not found in PATH (/usr/bin:/bin)", 127},
		{Command{Attr: &procattr.Attr{Umask: number(0)}, Argv: []string{"/etc/passwd"}}, "cannot run /etc/passwd: it is not executable; chmod +x would make it so", 126},
		{Command{Attr: &procattr.Attr{Chroot: t.TempDir()}, Argv: []string{"/bin/true"}}, "cannot run /bin/true: it does not exist", 127},
		{Command{Attr: &procattr.Attr{Ambient: *set("kill"), Bounding: set()}, User: user}, "ambient-capabilities = CAP_KILL: not permitted: the bounding set does not have them, or the container forbids it", 126},
	} {
		test.c.Env, test.c.Stdin, test.c.Stdout, test.c.Stderr = environ("app"), -1, -1, 2
		if test.c.Argv == nil {
			test.c.Argv = []string{"true"}
		}
		_, err := w.Start("app", &test.c)
		start, ok := err.(*StartError)
		if !ok || err.Error() != test.want || start.Code() != test.code || start.Temporary() {
			t.Errorf("got %v\nwant %s", err, test.want)
		}
	}
	if !w.Childless() {
		t.Error("a stage that came to nothing is still there")
	}
}

func cpus() int { n, _ := procattr.OnlineCPUs(); return n }

// The program is the one of the new root, and its user need not see bole's.
func TestStageChroot(t *testing.T) {
	needRoot(t)
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	root := openDirectory(t)
	for _, dir := range []string{"bin", "srv"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	exe, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(root+"/bin/where", exe, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, lib := range libraries(t) {
		os.MkdirAll(filepath.Dir(root+lib), 0o755)
		text, err := os.ReadFile(lib)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(root+lib, text, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	got := w.output("app", Command{Argv: []string{"where"}, Dir: "/srv", User: &procattr.Credential{UID: 1234, GID: 2345}, Attr: &procattr.Attr{Chroot: root},
		Env: append(environ("app"), "TEST_ROLE=where", "GORACE=atexit_sleep_ms=0")})
	if diff := cmp.Diff("/srv, uid 1234, /etc is there: false\n", got); diff != "" {
		t.Error(diff)
	}
}

// where says what it sees.
func where([]string) {
	dir, _ := os.Getwd()
	_, err := os.Stat("/etc")
	fmt.Printf("%s, uid %d, /etc is there: %t\n", dir, os.Getuid(), err == nil)
}

// libraries are what this program is linked with: with the race detector it is not
// static.
func libraries(t *testing.T) (out []string) {
	text, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if name := f[len(f)-1]; strings.Contains(name, ".so") && !seen[name] {
			seen[name] = true
			out = append(out, name)
			if i := strings.Index(name, "/ld-"); i >= 0 && !seen["/lib64"+name[i:]] {
				out = append(out, "/lib64"+name[i:])
			}
		}
	}
	return out
}

// A stage that somebody kills is not taken for a program that runs.
func TestStageIsKilled(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	failed := make(chan error)
	go func() {
		_, err := w.Start("app", &Command{Argv: []string{"true"}, Env: environ("app"), Stdin: -1, Stdout: -1, Stderr: 2, Attr: &procattr.Attr{Umask: number(0)}, Dir: strings.Repeat("x", 1<<22)})
		failed <- err
	}()
	until(t, "the stage is killed", func() bool {
		for _, s := range w.proc.all() {
			if s.parent == os.Getpid() && !s.zombie {
				return unix.Kill(s.pid, unix.SIGKILL) == nil
			}
		}
		return false
	})
	if err := <-failed; err == nil {
		t.Error("a killed stage counts as a start")
	}
}
