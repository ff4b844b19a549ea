// Command neighbour is what the end-to-end tests have for services: servers that are late,
// who visits them at once, and those that do harm.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"
)

var roles = map[string]func(args []string) error{
	"late": late, "visit": visit, // server.go
	"garbage": garbage, "flood": flood, // datagrams.go
	"tell": tell, "stamp": stamp, // stamp.go
	"burn": burn,
}

func main() {
	role := roles[os.Args[1]]
	if err := role(os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// burn uses a processor until its standard input ends: so it cannot outlive the test.
func burn([]string) error {
	var over atomic.Bool
	go func() {
		io.Copy(io.Discard, os.Stdin)
		over.Store(true)
	}()
	for !over.Load() {
	}
	return nil
}

// stay is what services do that do nothing.
func stay() error {
	time.Sleep(time.Hour)
	return nil
}

// say tells in one of the ways that this process is ready.
func say(form string) error {
	switch form {
	case "fd":
		_, err := os.NewFile(3, "notification").Write([]byte{'\n'})
		return err
	case "notify":
		conn, err := notifications()
		if err != nil {
			return err
		}
		defer conn.Close()
		_, err = conn.Write([]byte("READY=1"))
		return err
	case "log":
		fmt.Println("listening")
	}
	return nil
}

func notifications() (net.Conn, error) { return net.Dial("unixgram", os.Getenv("NOTIFY_SOCKET")) }
