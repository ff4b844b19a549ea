package process

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// peek returns a child that has ended, and leaves it a zombie; 0 is none.
func peek() int {
	var info unix.Siginfo
	for {
		err := unix.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
		if err == nil {
			return int(*(*int32)(unsafe.Add(unsafe.Pointer(&info), siginfoPID)))
		}
		if err != unix.EINTR {
			return 0
		}
	}
}

// siginfoPID is where the kernel's siginfo_t holds si_pid: after three ints, and
// what aligns a pointer (include/uapi/asm-generic/siginfo.h).
const siginfoPID = (3*4 + unsafe.Sizeof(uintptr(0)) - 1) &^ (unsafe.Sizeof(uintptr(0)) - 1)
