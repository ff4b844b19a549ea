package test

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// pty opens a terminal: the user's end and the program's.
func pty(t *testing.T) (user, program *os.File) {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("needs a pseudo-terminal (%v): mount devpts on /dev/pts", err)
	}
	t.Cleanup(func() { user.Close() })
	n, unlocked := 0, 0
	conn, _ := user.SyscallConn()
	conn.Control(func(fd uintptr) {
		unix.Syscall(unix.SYS_IOCTL, fd, unix.TIOCSPTLCK, uintptr(unsafe.Pointer(&unlocked)))
		n, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
	})
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return user, program
}

// Ctrl-C on a real terminal. The whole foreground is interrupted; the services, each
// in a session of its own, are not: they are stopped in order.
func TestCtrlC(t *testing.T) {
	b, user := onTerminal(t, plain, "../examples/quickstart")
	b.says("3 ready, 1 done")
	user.Write([]byte{3})
	b.ends(0)
	b.says("all down")
	b.order("^C", "SIGINT", "stopping", "web: down", "app: down", "db: down", "all down")
}

// onTerminal starts bole up on a terminal of its own.
func onTerminal(t *testing.T, env environment, args ...string) (b *bole, user *os.File) {
	t.Helper()
	user, program := pty(t)
	b = &bole{t: t, mark: fmt.Sprintf("BOLE_TEST=%s-%d", t.Name(), time.Now().UnixNano()), done: make(chan struct{})}
	args = append(append(slices.Clone(env.before), binary, "up"), args...)
	b.cmd = exec.Command(args[0], args[1:]...)
	b.cmd.Env = append(os.Environ(), b.mark)
	b.cmd.Stdin, b.cmd.Stdout, b.cmd.Stderr = program, program, program
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := b.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for buf := make([]byte, 4096); ; {
			n, err := user.Read(buf)
			b.Write(buf[:n])
			if err != nil {
				return
			}
		}
	}()
	go func() { b.cmd.Wait(); close(b.done) }()
	t.Cleanup(b.clean)
	return b, user
}
