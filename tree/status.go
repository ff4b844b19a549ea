package tree

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Status is how a process ended: by itself with a code, or by a signal.
type Status struct {
	Code   uint8 // 0 to 255; 0 when a signal ended it
	Signal uint8 // the signal's number; 0 when it ended by itself
}

// ExitCode is the status as one number, as shells give it: the code, or
// 128 and the signal's number.
func (s Status) ExitCode() int {
	if s.Signal != 0 {
		return 128 + int(s.Signal)
	}
	return int(s.Code)
}

func (s Status) String() string {
	if s.Signal != 0 {
		return "signal " + SignalName(int(s.Signal))
	}
	return fmt.Sprintf("exit code %d", s.Code)
}

// SignalName is a signal's name without its SIG, or its number where it has none.
func SignalName(number int) string {
	if name := unix.SignalName(unix.Signal(number)); name != "" {
		return strings.TrimPrefix(name, "SIG")
	}
	return fmt.Sprint(number)
}

// Codes is a set of ends of a process.
type Codes []Status

// Has reports whether s is in the set.
func (c Codes) Has(s Status) bool { return slices.Contains(c, s) }
