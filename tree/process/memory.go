package process

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// DropCode takes the program's own code and constants out of this process's memory. What
// is needed again is mapped again, from the page cache, when it is needed: of a program
// that has started, and then mostly sleeps, that is a fraction. Without /proc nothing
// happens.
func DropCode() {
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer f.Close()
	for _, m := range untouched(f, exe) {
		unix.Syscall(unix.SYS_MADVISE, m.begin, m.end-m.begin, unix.MADV_DONTNEED)
	}
}

// A mapping is a range of addresses.
type mapping struct{ begin, end uintptr }

// untouched finds in a smaps of proc_pid_smaps(5) where a file is mapped that may not be
// written to, and has not been: what a loader has changed is not in the file.
func untouched(smaps io.Reader, file string) (out []mapping) {
	var now mapping
	candidate := false
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		line, rights := lines.Text(), ""
		var m mapping
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &m.begin, &m.end, &rights); n == 3 {
			now, candidate = m, strings.HasPrefix(rights, "r") && rights[1] == '-' && strings.HasSuffix(line, " "+file)
		} else if name, value, _ := strings.Cut(line, ":"); candidate && name == "Anonymous" && strings.TrimSpace(value) == "0 kB" {
			out = append(out, now)
		}
	}
	return out
}
