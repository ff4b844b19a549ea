package process

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// ignoreAll executes what args say with every signal ignored and blocked.
func ignoreAll(args []string) {
	for n := syscall.Signal(1); n <= 64; n++ {
		sigaction(n, &disposition{handler: 1}, nil)
	}
	all := unix.Sigset_t{}
	for i := range all.Val {
		all.Val[i] = ^uint64(0)
	}
	unix.PthreadSigmask(unix.SIG_BLOCK, &all, nil)
	os.Setenv("TEST_ROLE", "")
	panic(syscall.Exec("/proc/self/exe", args, os.Environ()))
}

// badly has an isolated test inherit what nohup and careless parents leave.
func badly(cmd *exec.Cmd) {
	cmd.Env = append(cmd.Env, "TEST_ROLE=ignore")
	cmd.Args = append(cmd.Args[:1], cmd.Args...)
	for range 4 {
		cmd.ExtraFiles = append(cmd.ExtraFiles, os.Stdin) // 3 to 6
	}
}

func TestChildInheritsNoSignals(t *testing.T) {
	if !isolated(t, badly) {
		return
	}
	w := newWorld(t)
	pid := w.start("db", Command{Argv: []string{"sleep", "1000"}})
	for _, name := range []string{"SigIgn", "SigBlk", "SigCgt"} {
		if got := field(t, procFile(pid, "status"), name); strings.Trim(got, "0") != "" {
			t.Errorf("%s is %s, want none", name, got)
		}
	}
}

func TestChildInheritsNoFiles(t *testing.T) {
	if !isolated(t, badly) {
		return
	}
	w := newWorld(t)
	_, err := syscall.Open("/", syscall.O_RDONLY, 0) // carelessly
	if err != nil {
		t.Fatal(err)
	}
	CloseOnExec()
	pid := w.start("db", Command{Argv: []string{"sleep", "1000"}})
	hasOnly(t, pid, "0 1 2")
}

// Kernels before 5.11 have no close_range for this.
func TestEachFileIsClosedOnExec(t *testing.T) {
	fd, err := syscall.Dup(0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	closeEachOnExec()
	if flags, _ := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); flags != unix.FD_CLOEXEC {
		t.Errorf("flags of file %d: %d, want %d", fd, flags, unix.FD_CLOEXEC)
	}
	if flags, _ := unix.FcntlInt(2, unix.F_GETFD, 0); flags != 0 {
		t.Errorf("flags of standard error: %d, want 0", flags)
	}
}

// A missing standard file must not be what the next file opened becomes.
func TestStandardFilesAreThere(t *testing.T) {
	if os.Getenv("TEST_ISOLATED") == "" {
		t.Setenv("TEST_CLOSED", "1")
	}
	if !isolated(t, func(cmd *exec.Cmd) {
		cmd.Args = append([]string{"sh", "-c", `exec "$0" "$@" <&-`, "/proc/self/exe"}, cmd.Args[1:]...)
		cmd.Path = "/bin/sh"
		cmd.Args[3], _ = os.Executable()
	}) {
		return
	}
	if to, _ := os.Readlink("/proc/self/fd/0"); to != "/dev/null" {
		t.Errorf("standard input is %q, want /dev/null", to)
	}
}

func TestChildHasTheOriginalLimitOfFiles(t *testing.T) {
	if !isolated(t, func(cmd *exec.Cmd) {
		exe, _ := os.Executable()
		cmd.Path = "/bin/sh"
		cmd.Args = append([]string{"sh", "-c", `ulimit -S -n 123; exec "$0" "$@"`, exe}, cmd.Args[1:]...)
	}) {
		return
	}
	w := newWorld(t)
	if got := w.output("db", Command{Argv: []string{"sh", "-c", "ulimit -S -n"}}); got != "123\n" {
		t.Errorf("ulimit -n is %q, want 123", got)
	}
}

func TestSetupInheritsOrphans(t *testing.T) {
	if !isolated(t) {
		return
	}
	w := newWorld(t)
	w.output("db", Command{Argv: []string{"sh", "-c", "sh -c 'exit 3' & exec true"}})
	w.until("the orphan is reaped", func() bool { return len(w.orphans) == 1 })
	for _, x := range w.orphans {
		if x.Code != 3 || x.Known {
			t.Errorf("got %+v, want an orphan with code 3", x)
		}
	}
}
