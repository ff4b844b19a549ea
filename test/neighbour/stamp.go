package main

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// now is a clock that all processes share, in milliseconds.
func now() []byte {
	var t unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &t)
	return fmt.Append(nil, float64(t.Nano())/1e6)
}

// tell FORM FILE waits until the start of others is over, writes the time, and says that
// it is ready.
func tell(args []string) error {
	time.Sleep(20 * time.Millisecond)
	if err := os.WriteFile(args[1], now(), 0o644); err != nil {
		return err
	}
	if err := say(args[0]); err != nil {
		return err
	}
	return stay()
}

// stamp FILE writes the time at which it runs.
func stamp(args []string) error { return os.WriteFile(args[0], now(), 0o644) }
