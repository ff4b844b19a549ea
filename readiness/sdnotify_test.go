package readiness

import (
	"errors"
	"io"
	"net"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestSocket(t *testing.T) {
	s, err := NewSocket()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: s.Name(), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, test := range []struct {
		text   string
		ready  bool
		status string
		err    error
	}{
		{"READY=1", true, "", nil},
		{"READY=0", false, "", nil},
		{"READY", false, "", nil},
		{"X_READY=1\nSTATUS=loading 7 things\n", false, "loading 7 things", nil},
		{"STATUS=a=b\x1b[31m\nREADY=1\nSTATUS=last", true, "last", nil},
		{"STATUS=" + strings.Repeat("x", 4000), false, strings.Repeat("x", 200), nil},
		{strings.Repeat("x", 4097), false, "", ErrTooLong},
		{strings.Repeat("\n", 65000) + "READY=1", false, "", ErrTooLong},
		{"\x00\xff\n\n==\n", false, "", nil},
	} {
		conn.Write([]byte(test.text))
		n, err := receive(s)
		if n.Ready != test.ready || n.Status != test.status || !errors.Is(err, test.err) {
			t.Errorf("%.20q: %+v, %v", test.text, n, err)
		}
		if n.PID != os.Getpid() || n.UID != os.Getuid() {
			t.Errorf("%.20q is of process %d, user %d", test.text, n.PID, n.UID)
		}
	}
}

// receive returns what is heard.
func receive(s *Socket) (n Notification, err error) {
	end := s.Receive(func(heard *Notification, how error) { n, err = *heard, how })
	return n, errors.Join(err, end)
}

// Drain has heard what has come, in its order, while another waits for the next; and of
// what the other has taken it waits for the end.
func TestSocketDrains(t *testing.T) {
	s, err := NewSocket()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: s.Name(), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var heard []string // guarded by the socket
	hear := func(n *Notification, _ error) {
		time.Sleep(time.Millisecond) // for the other to come in between
		heard = append(heard, n.Status)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		for s.Receive(hear) == nil {
		}
	}()
	var want []string
	for i := range 20 {
		for range 3 {
			want = append(want, strconv.Itoa(i))
			conn.Write([]byte("STATUS=" + strconv.Itoa(i)))
		}
		s.Drain(hear)
		s.hearing.Lock()
		if !slices.Equal(heard, want) {
			t.Errorf("heard %v, want %v", heard, want)
		}
		s.hearing.Unlock()
	}
	s.Close()
	<-over
}

// What is out of range, or no number, is not said; what is said twice counts as it was
// said last.
func TestNotification(t *testing.T) {
	for text, want := range map[string]Notification{
		"RELOADING=1\nMONOTONIC_USEC=123\nSTATUS=reading":  {Reloading: true, Status: "reading"},
		"STOPPING=1\nRELOADING=0":                          {Stopping: true},
		"ERRNO=2":                                          {Failure: "no such file or directory"},
		"ERRNO=0\nERRNO=-1\nERRNO=x\nEXIT_STATUS=256":      {},
		"EXIT_STATUS=3":                                    {Failure: "it ends with code 3"},
		"MAINPID=7\nMAINPID=8":                             {MainPID: 8},
		"MAINPID=7\nMAINPID=1":                             {NoMain: "MAINPID=1"},
		"MAINPID=-7":                                       {NoMain: "MAINPID=-7"},
		"MAINPID=\x1b99999999999":                          {NoMain: "MAINPID=99999999999"},
		"STATUS=":                                          {Silent: true},
		"STATUS=\nSTATUS=x":                                {Status: "x"},
		"WATCHDOG_USEC=0":                                  {Every: aYear},
		"WATCHDOG_USEC=":                                   {},
		"WATCHDOG=1\nWATCHDOG_USEC=1500000":                {Alive: true, Every: 1500 * time.Millisecond},
		"WATCHDOG=trigger":                                 {Hung: true},
		"EXTEND_TIMEOUT_USEC=2000000":                      {Extend: 2 * time.Second},
		"EXTEND_TIMEOUT_USEC=18446744073709551615":         {Extend: aYear},
		"EXTEND_TIMEOUT_USEC=18446744073709551616":         {},
		"WATCHDOG_USEC=-1\nFDSTORE=1\nFDNAME=x\nUNKNOWN=1": {},
	} {
		var n Notification
		n.read([]byte(text))
		if !reflect.DeepEqual(n, want) {
			t.Errorf("%q: %+v", text, n)
		}
	}
}

// A barrier holds until its notification is closed, whatever number of files came with it.
func TestSocketClosesFiles(t *testing.T) {
	s, err := NewSocket()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: s.Name(), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for count, want := range map[int]error{1: nil, filesMost: nil, filesMost + 1: ErrTooLong, 200: ErrTooLong} {
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		fds := make([]int, count)
		for i := range fds {
			fds[i] = int(write.Fd())
		}
		raw, err := conn.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		raw.Control(func(fd uintptr) { err = unix.Sendmsg(int(fd), []byte("BARRIER=1"), unix.UnixRights(fds...), nil, 0) })
		if err != nil {
			t.Fatal(err)
		}
		write.Close()
		s.Receive(func(_ *Notification, err error) {
			if !errors.Is(err, want) {
				t.Errorf("%d files: %v", count, err)
			}
			if read.SetReadDeadline(time.Now().Add(20 * time.Millisecond)); count == 1 && !hangs(read) {
				t.Error("the barrier is gone before the notification is heard")
			}
		})
		if read.SetReadDeadline(time.Now().Add(5 * time.Second)); hangs(read) {
			t.Errorf("%d files: some are still open", count)
		}
		read.Close()
	}
}

// A refusal goes to one who waits at a barrier, and keeps bole waiting for nobody: not
// where the pipe is full, nor where what was sent is no pipe to be written to.
func TestSocketRefuses(t *testing.T) {
	s, err := NewSocket()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn, err := net.Dial("unixgram", s.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		text string
		full bool
		want string
	}{{"BARRIER=1", false, "who are you"}, {"READY=1", false, ""}, {"BARRIER=1", true, ""}} {
		var p [2]int
		if err := unix.Pipe2(p[:], 0); err != nil {
			t.Fatal(err)
		}
		if test.full {
			unix.Write(p[1], make([]byte, 64<<10))
		}
		for _, fd := range []int{p[1], p[0]} {
			raw.Control(func(to uintptr) { err = unix.Sendmsg(int(to), []byte(test.text), unix.UnixRights(fd), nil, 0) })
			if err != nil {
				t.Fatal(err)
			}
			s.Receive(func(n *Notification, _ error) { n.Refuse("who are you") })
		}
		unix.Close(p[1])
		if got, _ := io.ReadAll(os.NewFile(uintptr(p[0]), "pipe")); !test.full && string(got) != test.want {
			t.Errorf("%s: %q", test.text, got)
		}
	}
}

func hangs(f *os.File) bool {
	_, err := f.Read(make([]byte, 1))
	return errors.Is(err, os.ErrDeadlineExceeded)
}

// Close ends whoever waits.
func TestSocketEnds(t *testing.T) {
	s, err := NewSocket()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { _, err := receive(s); done <- err }()
	s.Close()
	if err := <-done; !errors.Is(err, net.ErrClosed) {
		t.Errorf("the end is %v", err)
	}
}
