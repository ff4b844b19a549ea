package readiness

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A Notification is what a process has said, in the words of sd_notify(3). What bole has
// no use for is left out; of what is said twice the last one counts.
type Notification struct {
	PID int // who says it, as the kernel knows; 0: somebody of another PID namespace
	UID int // and whose that process is

	Ready     bool          // READY=1
	Reloading bool          // RELOADING=1; READY=1 will follow
	Stopping  bool          // STOPPING=1
	Status    string        // STATUS=…, in one line
	Silent    bool          // STATUS= without a text takes back what was said
	Failure   string        // ERRNO=… or EXIT_STATUS=…, in words
	MainPID   int           // MAINPID=…, from 2; 0: not said
	NoMain    string        // MAINPID=…, as it was said, that can be nobody's
	Alive     bool          // WATCHDOG=1
	Hung      bool          // WATCHDOG=trigger
	Every     time.Duration // WATCHDOG_USEC=…, a year at most; WATCHDOG_USEC=0, for never, is that; 0: not said
	Extend    time.Duration // EXTEND_TIMEOUT_USEC=…, a year at most; 0: not said

	barrier bool // BARRIER=1
	files   []int
}

// String is for messages about it.
func (n Notification) String() string { return fmt.Sprintf("a notification of process %d", n.PID) }

func (n *Notification) read(text []byte) {
	for line := range bytes.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), "=")
		n.set(name, value)
	}
}

func (n *Notification) set(name, value string) {
	switch name {
	case "READY":
		n.Ready = n.Ready || value == "1"
	case "RELOADING":
		n.Reloading = n.Reloading || value == "1"
	case "STOPPING":
		n.Stopping = n.Stopping || value == "1"
	case "STATUS":
		n.Status = printable(value[:min(len(value), lineMost)])
		n.Silent = value == ""
	case "ERRNO":
		if e, err := strconv.ParseUint(value, 10, 16); err == nil && e > 0 {
			n.Failure = syscall.Errno(e).Error()
		}
	case "EXIT_STATUS":
		if code, err := strconv.ParseUint(value, 10, 8); err == nil {
			n.Failure = fmt.Sprintf("it ends with code %d", code)
		}
	case "MAINPID":
		n.MainPID, n.NoMain = 0, printable("MAINPID="+value[:min(len(value), lineMost)])
		if pid, err := strconv.ParseInt(value, 10, 32); err == nil && pid > 1 {
			n.MainPID, n.NoMain = int(pid), ""
		}
	case "WATCHDOG":
		n.Alive, n.Hung = n.Alive || value == "1", n.Hung || value == "trigger"
	case "BARRIER":
		n.barrier = value == "1"
	case "WATCHDOG_USEC":
		if n.Every = microseconds(value); strings.Trim(value, "0") == "" && value != "" {
			n.Every = aYear
		}
	case "EXTEND_TIMEOUT_USEC":
		n.Extend = microseconds(value)
	}
}

// aYear is for ever, and can still be added to a time.
const aYear = 365 * 24 * time.Hour

// microseconds reads a number of them; 0 if it is none.
func microseconds(value string) time.Duration {
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(min(n, uint64(aYear/time.Microsecond))) * time.Microsecond
}
