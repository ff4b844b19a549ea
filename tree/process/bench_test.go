package process

import (
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"bole/tree/procattr"
)

func simple() *Command {
	return &Command{Argv: []string{"/bin/true"}, Env: environ("db"), Mark: "db"}
}

// awaitZombie waits for a child's end and leaves it to be reaped.
func awaitZombie(pid int) {
	var info unix.Siginfo
	for unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
}

func BenchmarkStartAndReap(b *testing.B) {
	t := NewTable[string]()
	for b.Loop() {
		pid, err := t.Start("db", simple())
		if err != nil {
			b.Fatal(err)
		}
		awaitZombie(pid)
		t.Reap()
		t.Forget("db")
	}
}

// BenchmarkBareForkAndWait is the limit for BenchmarkStartAndReap.
func BenchmarkBareForkAndWait(b *testing.B) {
	c := simple()
	for b.Loop() {
		pid, err := syscall.ForkExec(c.Argv[0], c.Argv, &syscall.ProcAttr{Env: c.Env, Files: []uintptr{0, 1, 2}, Sys: &syscall.SysProcAttr{Setsid: true}})
		if err != nil {
			b.Fatal(err)
		}
		awaitZombie(pid)
		unix.Wait4(pid, nil, 0, nil)
	}
}

// BenchmarkReapOne is what an end costs beyond the process itself.
func BenchmarkReapOne(b *testing.B) {
	t := NewTable[string]()
	for range b.N {
		b.StopTimer()
		pid, err := t.Start("db", simple())
		if err != nil {
			b.Fatal(err)
		}
		awaitZombie(pid)
		b.StartTimer()
		t.Reap()
		b.StopTimer()
		t.Forget("db")
	}
}

const zombies = 1000

// makeZombies makes children that no table knows, as orphans are.
func makeZombies(b *testing.B) {
	b.StopTimer()
	defer b.StartTimer()
	for range zombies {
		pid, err := simple().direct()
		if err != nil {
			b.Fatal(err)
		}
		awaitZombie(pid)
	}
}

func BenchmarkReap1000Orphans(b *testing.B) {
	t := NewTable[string]()
	for range b.N {
		makeZombies(b)
		if n := len(t.Reap()); n != zombies {
			b.Fatalf("reaped %d", n)
		}
	}
}

// BenchmarkBareWait1000 is the limit for BenchmarkReap1000Orphans.
func BenchmarkBareWait1000(b *testing.B) {
	for range b.N {
		makeZombies(b)
		for {
			if pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); err != nil || pid <= 0 {
				break
			}
		}
	}
}

func BenchmarkCensus(b *testing.B) {
	t := NewTable[string]()
	for b.Loop() {
		c := t.census()
		for _, s := range c.all {
			c.of(s.pid)
		}
	}
}

// BenchmarkStaged is the price of what needs the stage, beside BenchmarkStart. The
// stage here is the test's own binary, slower than bole.
func BenchmarkStaged(b *testing.B) {
	t := NewTable[string]()
	for range b.N {
		c := simple()
		c.Attr = &procattr.Attr{Umask: number(0o022)}
		pid, err := t.Start("db", c)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		awaitZombie(pid)
		t.Reap()
		t.Forget("db")
		b.StartTimer()
	}
}
