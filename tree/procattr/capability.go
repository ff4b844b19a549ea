package procattr

import (
	"math/bits"
	"strings"

	"golang.org/x/sys/unix"
)

// Capabilities are a set of them, by the numbers of capabilities(7).
type Capabilities uint64

// capabilities are their names, by number.
var capabilities = []string{
	"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid",
	"setpcap", "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
	"sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
	"sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
	"mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
	"checkpoint_restore",
}

// CapabilityNames are those that there are, as capabilities(7) calls them.
func CapabilityNames() []string {
	var out []string
	for _, name := range capabilities {
		out = append(out, "CAP_"+strings.ToUpper(name))
	}
	return out
}

// ParseCapability reads a name, in upper or lower case, with or without CAP_.
func ParseCapability(s string) (Capabilities, bool) {
	name := strings.TrimPrefix(strings.ToLower(s), "cap_")
	for i, c := range capabilities {
		if c == name {
			return 1 << i, true
		}
	}
	return 0, false
}

// String names them, or says that there are none.
func (c Capabilities) String() string {
	if c == 0 {
		return "none"
	}
	var names []string
	for i, name := range capabilities {
		if c&(1<<i) != 0 {
			names = append(names, "CAP_"+strings.ToUpper(name))
		}
	}
	return strings.Join(names, " ")
}

// numbers yields the number of each.
func (c Capabilities) numbers(yield func(int) bool) {
	for ; c != 0; c &= c - 1 {
		if !yield(bits.TrailingZeros64(uint64(c))) {
			return
		}
	}
}

// bounding are those that this process, or what it runs, can ever have.
func bounding() (c Capabilities) {
	for n := range 64 {
		has, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, uintptr(n), 0, 0, 0)
		if err != nil {
			break // the kernel has no more
		}
		c |= Capabilities(has) << n
	}
	return c
}

// A threadCaps is what capget(2) says of a thread.
type threadCaps struct{ effective, permitted, inheritable Capabilities }

func getCaps() (threadCaps, error) {
	var d [2]unix.CapUserData
	err := unix.Capget(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &d[0])
	join := func(low, high uint32) Capabilities { return Capabilities(low) | Capabilities(high)<<32 }
	return threadCaps{join(d[0].Effective, d[1].Effective), join(d[0].Permitted, d[1].Permitted), join(d[0].Inheritable, d[1].Inheritable)}, err
}

func (c threadCaps) set() error {
	var d [2]unix.CapUserData
	for i := range d {
		shift := 32 * i
		d[i] = unix.CapUserData{Effective: uint32(c.effective >> shift), Permitted: uint32(c.permitted >> shift), Inheritable: uint32(c.inheritable >> shift)}
	}
	return unix.Capset(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &d[0])
}
