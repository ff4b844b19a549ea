package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"strconv"
)

// garbage N sends so many notifications of 64 kB that are none, and stays.
func garbage(args []string) error {
	n, _ := strconv.Atoi(args[0])
	conn, err := notifications()
	if err != nil {
		return err
	}
	text := make([]byte, 64<<10)
	for range n {
		rand.Read(text)
		if _, err := conn.Write(text); err != nil {
			return err
		}
	}
	fmt.Println("garbage is sent")
	return stay()
}

// flood FILE [N] sends notifications for ever, or so many and then that it is ready. The
// file gets the name of the socket.
func flood(args []string) error {
	conn, err := notifications()
	if err != nil {
		return err
	}
	if err := os.WriteFile(args[0], []byte(os.Getenv("NOTIFY_SOCKET")), 0o644); err != nil {
		return err
	}
	most := 0
	if len(args) > 1 {
		most, _ = strconv.Atoi(args[1])
	}
	for i := 0; most == 0 || i < most; i++ {
		if _, err := fmt.Fprintf(conn, "STATUS=step %d\nWATCHDOG=1\nX_UNKNOWN=%d\n", i, i); err != nil {
			return err
		}
	}
	if err := say("notify"); err != nil {
		return err
	}
	return stay()
}
