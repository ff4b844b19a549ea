package main

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// late FORM ADDRESS DELAY has its address at once, accepts connections there after the
// delay, and then says so if that is its form. As http it accepts at once, and answers
// after the delay that it is well.
func late(args []string) error {
	form, address := args[0], args[1]
	delay, err := time.ParseDuration(args[2])
	if err != nil {
		return err
	}
	fd, err := bind(address)
	if err != nil {
		return err
	}
	well := time.Now().Add(delay)
	if form != "http" {
		time.Sleep(delay)
	}
	if err := unix.Listen(fd, 128); err != nil {
		return err
	}
	l, err := net.FileListener(os.NewFile(uintptr(fd), address))
	if err != nil {
		return err
	}
	if err := say(form); err != nil {
		return err
	}
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go answer(conn, well)
	}
}

// bind takes an address without listening there: connections are refused.
func bind(address string) (fd int, err error) {
	var to unix.Sockaddr = &unix.SockaddrUnix{Name: address}
	family := unix.AF_UNIX
	if network(address) == "tcp" {
		a, err := netip.ParseAddrPort(address)
		if err != nil {
			return 0, err
		}
		family, to = unix.AF_INET, &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	if fd, err = unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err != nil {
		return 0, err
	}
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1) // the one before may have closed connections
	return fd, unix.Bind(fd, to)
}

func network(address string) string {
	if strings.HasPrefix(address, "/") {
		return "unix"
	}
	return "tcp"
}

func answer(conn net.Conn, well time.Time) {
	defer conn.Close()
	conn.Read(make([]byte, 4096)) // what is not read would take the answer away
	status := "200 OK"
	if time.Now().Before(well) {
		status = "503 Later"
	}
	fmt.Fprintf(conn, "HTTP/1.1 %s\r\nConnection: close\r\n\r\n", status)
}

// visit ADDRESS asks once, and ends with 1 unless the answer is good.
func visit(args []string) error {
	conn, err := net.Dial(network(args[0]), args[0])
	if err != nil {
		return err
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && !strings.Contains(line, " 200 ") {
		err = fmt.Errorf("the answer is %q", line)
	}
	return err
}
