package process

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Setup makes this process one that supervises: it inherits orphans, its open
// files are not passed on, and its children ignore no signals. It is to be called
// once, early. The error says what is not possible here, a line each; bole can go on
// without.
//
// Two things are left to others. The Go runtime itself opens /dev/null in the place
// of a closed standard input, output or error. And whoever catches signals has to
// catch SIGPIPE too, or a write to a standard output that nobody reads ends bole.
func Setup() error {
	CloseOnExec()
	catchIgnored()
	err := inheritOrphans()
	if !procMounted() {
		err = errors.Join(errNoProc, err)
	}
	return err
}

var errNoProc = errors.New("there is no /proc of this PID namespace: of what services leave behind only their process groups are found")

func inheritOrphans() error {
	if os.Getpid() == 1 {
		return nil // PID 1 is every orphan's parent
	}
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("cannot inherit orphans (%s): daemons that services leave behind are out of reach", err)
	}
	return nil
}

// CloseOnExec keeps what bole inherited, and whatever it opened carelessly, from
// its children. It closes nothing: the Go runtime has files of its own.
func CloseOnExec() {
	if unix.CloseRange(3, ^uint(0), unix.CLOSE_RANGE_CLOEXEC) != nil {
		closeEachOnExec() // Linux before 5.11
	}
}

func closeEachOnExec() {
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
}

// catchIgnored catches what bole was told to ignore, by nohup say: an exec makes
// caught signals default again, but passes ignored ones on. The Go runtime knows
// only of some that it inherited so; and three, which are libc's, it does not catch.
func catchIgnored() {
	drop := make(chan os.Signal, 1)
	for n := syscall.Signal(1); n <= 64; n++ {
		switch {
		case !ignored(n):
		case n >= 32 && n <= 34:
			sigaction(n, &disposition{}, nil)
		default:
			signal.Notify(drop, n)
		}
	}
}

// A disposition is the kernel's struct sigaction; all zero is the default. Where
// the handler does not come first (MIPS), it is never seen to be 1.
type disposition struct {
	handler uintptr
	_       [7]uint64
}

const sigIgn = 1

func ignored(n syscall.Signal) bool {
	var d disposition
	sigaction(n, nil, &d)
	return d.handler == sigIgn
}

func sigaction(n syscall.Signal, set, old *disposition) {
	const maskSize = 8
	syscall.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(n), uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(old)), maskSize, 0, 0)
}
