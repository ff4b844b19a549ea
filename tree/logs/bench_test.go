package logs

import (
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// BenchmarkConsole is how fast lines of a hundred bytes come out, by how much of
// them a service writes at once.
func BenchmarkConsole(b *testing.B) {
	line := strings.Repeat("x", 99) + "\n"
	for _, size := range []struct {
		name  string
		bytes int
	}{{"64KiB", 64 << 10}, {"4KiB", 4 << 10}, {"line", len(line)}} {
		text := []byte(strings.Repeat(line, size.bytes/len(line)+1))[:size.bytes]
		b.Run(size.name, func(b *testing.B) { benchmarkConsole(b, text) })
	}
}

func benchmarkConsole(b *testing.B, text []byte) {
	var screen [2]int
	if err := unix.Pipe2(screen[:], unix.O_CLOEXEC); err != nil {
		b.Fatal(err)
	}
	out := os.NewFile(uintptr(screen[0]), "screen")
	defer out.Close()
	go io.Copy(discard{}, out)
	c := testConsole(b, screen[1], screen[1], nil)
	p, err := c.Open("app", 0, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		unix.Write(p.Stdout, text)
	}
	p.Close()
	c.Close(patience)
	unix.Close(screen[1])
}

// discard is io.Discard for large reads.
type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

// BenchmarkIdlePipes is what a thousand silent services hold, once they have all
// written something.
func BenchmarkIdlePipes(b *testing.B) {
	const services = 1000
	null, err := unix.Open(os.DevNull, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer unix.Close(null)
	for b.Loop() {
		c := testConsole(b, null, null, nil)
		before := held()
		var all []*Pipes
		for n := range services {
			p, err := c.Open("app", n, nil)
			if err != nil {
				b.Fatal(err)
			}
			unix.Write(p.Stdout, []byte("a line\nand half of another"))
			all = append(all, p)
		}
		for _, p := range all {
			for n := 1; n > 0; runtime.Gosched() {
				n, _ = unix.IoctlGetInt(p.Stdout, unix.TIOCINQ)
			}
		}
		b.ReportMetric(float64(held()-before)/services, "B/pipe")
		for _, p := range all {
			p.Close()
		}
		c.Close(patience)
	}
}

// held is the memory in use: heap and stacks.
func held() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapInuse + m.StackInuse)
}
