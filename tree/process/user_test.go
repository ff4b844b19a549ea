package process

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bole/tree/procattr"
)

func TestUserIsApplied(t *testing.T) {
	needRoot(t)
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	for _, test := range []struct {
		u                 procattr.Credential
		uids, gids, names string
	}{
		{procattr.Credential{UID: 1234, GID: 2345, Groups: []uint32{7, 8}}, "1234 1234 1234 1234", "2345 2345 2345 2345", "7 8"},
		{procattr.Credential{UID: 1234, GID: 2345, Groups: nil}, "1234 1234 1234 1234", "2345 2345 2345 2345", ""},
		{procattr.Credential{UID: 0, GID: 5, Groups: []uint32{0}}, "0 0 0 0", "5 5 5 5", "0"},
	} {
		pid := w.start(test.uids+test.names, Command{Argv: []string{"sleep", "1000"}, User: &test.u})
		status := procFile(pid, "status")
		got := []string{field(t, status, "Uid"), field(t, status, "Gid"), field(t, status, "Groups")}
		if diff := cmp.Diff([]string{test.uids, test.gids, test.names}, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", test.u, diff)
		}
	}
}

// asNobody has an isolated test run as an ordinary user, from a copy of the test
// binary that he may execute.
func asNobody(t *testing.T) func(*exec.Cmd) {
	exe, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	file := openDirectory(t) + "/process.test"
	if err := os.WriteFile(file, exe, 0o755); err != nil {
		t.Fatal(err)
	}
	return func(cmd *exec.Cmd) {
		cmd.Path = file
		if os.Geteuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534, Groups: []uint32{7}}}
		}
	}
}

func TestOrdinaryUser(t *testing.T) {
	if !isolated(t, asNobody(t)) {
		return
	}
	w := newWorld(t)
	me := procattr.OwnCredential()
	for _, groups := range [][]uint32{nil, me.Groups, {99}} {
		a := procattr.Credential{UID: me.UID, GID: me.GID, Groups: groups}
		if !a.Own() {
			t.Errorf("%+v is not his own, and he is %+v", a, me)
		}
	}
	asked, err := procattr.LookupUser("", "", "", []string{"99"})
	if err != nil || asked.Own() {
		t.Errorf("groups that were asked for are passed over (%v)", err)
	}
	_, err = w.Start("groups", &Command{Argv: []string{"/bin/true"}, User: &asked.Credential, Stdin: -1, Stdout: -1, Stderr: -1})
	if want := fmt.Sprintf("cannot run /bin/true: not permitted to set its groups: bole runs as user %d", me.UID); fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
	w.output("himself", Command{Argv: []string{"true"}, User: &me})
	_, err = w.Start("root", &Command{Argv: []string{"/bin/true"}, User: &procattr.Credential{}, Stdin: -1, Stdout: -1, Stderr: -1})
	want := fmt.Sprintf("cannot run /bin/true: not permitted to become user 0, group 0: bole runs as user %d", me.UID)
	if fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
	_, left := w.leaves("app", "daemon", "end")
	if x := w.end("app"); !x.Strays || len(w.Strays("app")) == 0 {
		t.Errorf("%+v: no strays, want %v", x, left)
	}
}

// inNamespaces has an isolated test be root of a user namespace where setgroups is
// refused, as unshare -Ur makes one, and of others.
func inNamespaces(more uintptr) func(*exec.Cmd) {
	return func(cmd *exec.Cmd) {
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | more,
			UidMappings: []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}},
		}
	}
}

func needNamespaces(t *testing.T) {
	t.Helper()
	if os.Getenv("TEST_ISOLATED") != "" {
		return
	}
	cmd := exec.Command("true")
	inNamespaces(syscall.CLONE_NEWPID)(cmd)
	if err := cmd.Run(); err != nil {
		t.Skipf("needs user namespaces (%s): sysctl kernel.unprivileged_userns_clone=1, or a container with --privileged", err)
	}
}

func TestUserNamespace(t *testing.T) {
	needNamespaces(t)
	if !isolated(t, inNamespaces(0)) {
		return
	}
	w := newWorld(t)
	for _, groups := range [][]uint32{nil, {0}, {7}} {
		w.output(fmt.Sprint(groups), Command{Argv: []string{"true"}, User: &procattr.Credential{Groups: groups}})
	}
	_, err := w.Start("nobody", &Command{Argv: []string{"/bin/true"}, User: &procattr.Credential{UID: 1234, GID: 1234, Groups: nil}, Stdin: -1, Stdout: -1, Stderr: -1})
	want := "cannot run /bin/true: cannot become user 1234, group 1234: this user namespace does not have both"
	if fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// PID 1 of a new namespace that still has the /proc of the old one must not take
// others for its own.
func TestPID1WithAnothersProc(t *testing.T) {
	needNamespaces(t)
	if !isolated(t, inNamespaces(syscall.CLONE_NEWPID)) {
		return
	}
	w := newWorld(t)
	if os.Getpid() != 1 || w.proc.mounted {
		t.Errorf("pid %d, /proc mounted %t; want 1, false", os.Getpid(), w.proc.mounted)
	}
	main, _ := w.leaves("app", "group", "daemon", "end")
	if x := w.end("app"); !x.Strays {
		t.Error("no strays, want the group")
	}
	if got := fmt.Sprint(w.Strays("app")); got != fmt.Sprintf("[%d]", -main) {
		t.Errorf("strays %s, want the group %d", got, -main)
	}
}

func TestPID1(t *testing.T) {
	needNamespaces(t)
	if !isolated(t, inNamespaces(syscall.CLONE_NEWPID|syscall.CLONE_NEWNS)) {
		return
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		t.Skipf("cannot mount /proc in a new namespace: %s", err)
	}
	w := newWorld(t)
	main, left := w.leaves("app", "ghost", "session", "daemon", "end")
	w.orphaned(main, left)
	if x := w.end("app"); !x.Strays {
		t.Error("no strays, want some")
	}
	if got := w.Strays("app"); !slices.Equal(got, left[1:]) {
		t.Errorf("strays %v, want %v", got, left[1:])
	}
	w.clear()
	for _, pid := range left {
		if alive(pid) {
			t.Errorf("%d lives", pid)
		}
	}
}
