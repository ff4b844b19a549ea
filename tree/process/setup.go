package process

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// Setup makes this process one that supervises: it inherits orphans, its open
// files are not passed on, and its children ignore no signals. It is to be called
// once, early. The error says what is not possible here; bole can go on without.
func Setup() error {
	openStandard()
	closeOnExec()
	catchIgnored()
	if os.Getpid() == 1 {
		return nil // PID 1 is every orphan's parent
	}
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("cannot inherit orphans (%s): daemons that services leave behind are out of reach", err)
	}
	return nil
}

// openStandard opens /dev/null in the place of a closed standard input, output or
// error, lest the next file opened takes its number. They go to the services as
// they are, so they are not closed on exec.
func openStandard() {
	for fd := 0; fd <= 2; fd++ {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == unix.EBADF {
			unix.Open("/dev/null", unix.O_RDWR, 0) // the least free number: fd
		}
	}
}

// closeOnExec keeps what bole inherited, and whatever it opens carelessly, from
// its children. It closes nothing: the Go runtime has files of its own.
func closeOnExec() {
	if unix.CloseRange(3, ^uint(0), unix.CLOSE_RANGE_CLOEXEC) == nil {
		return
	}
	entries, _ := os.ReadDir("/proc/self/fd") // Linux before 5.11
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
}

// catchIgnored catches what bole was told to ignore, by nohup say: an exec makes
// caught signals default again, but passes ignored ones on.
func catchIgnored() {
	drop := make(chan os.Signal, 1)
	for n := syscall.Signal(1); n <= 64; n++ {
		if signal.Ignored(n) {
			signal.Notify(drop, n)
		}
	}
}
