package test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkReadiness is how long it takes from the moment at which a service says that it
// is ready until the first instruction of one that requires it; beside it what no
// supervisor can do without: the same with a parent that does nothing but read and fork,
// and a byte's way through two pipes and back.
func BenchmarkReadiness(b *testing.B) {
	for _, form := range []string{"fd", "notify"} {
		b.Run(form, func(b *testing.B) {
			var ours, bare, trips []float64
			for b.Loop() {
				dir := publicDir(b)
				ours = append(ours, chain(b, dir, form)...)
				bare = append(bare, readAndFork(b, dir)...)
				trips = append(trips, roundTrips(b)...)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(ours), "ms")
			b.ReportMetric(slices.Max(ours), "worst-ms")
			b.ReportMetric(median(bare), "bare-ms")
			b.ReportMetric(median(ours)-median(bare), "added-ms")
			b.ReportMetric(median(ours)/median(bare), "x-bare")
			b.ReportMetric(median(ours)/median(trips), "x-pipe")
		})
	}
}

const links = 20

// chain runs services that wait for one another, and returns what each wait took.
func chain(b *testing.B, dir, form string) (ms []float64) {
	ready := map[string]string{"fd": "fd = 3", "notify": "notify = true"}[form]
	var text strings.Builder
	for i := range links {
		needs := ""
		if i > 0 {
			needs = fmt.Sprintf("\"stamp%d\"", i-1)
		}
		fmt.Fprintf(&text, `
[service.tell%[1]d]
command = ["%[2]s", "tell", "%[3]s", "%[4]s/told%[1]d"]
ready = { %[5]s }
requires = [%[6]s]
[oneshot.stamp%[1]d]
up = ["%[2]s", "stamp", "%[4]s/stamped%[1]d"]
requires = ["tell%[1]d"]
`, i, neighbour(), form, dir, ready, needs)
	}
	t := up(b, plain, define(b, text.String()))
	t.says(fmt.Sprintf(": %d ready, %d done", links, links))
	t.term(0)
	for i := range links {
		ms = append(ms, since(b, fmt.Sprint(dir, "/told", i), fmt.Sprint(dir, "/stamped", i)))
	}
	return ms
}

// since is the time between two stamps, in milliseconds.
func since(b *testing.B, first, second string) float64 {
	b.Helper()
	var at [2]float64
	for i, path := range []string{first, second} {
		text, err := os.ReadFile(path)
		if err == nil {
			at[i], err = strconv.ParseFloat(string(text), 64)
		}
		if err != nil {
			b.Fatalf("%s: %s", path, err)
		}
	}
	return at[1] - at[0]
}

// readAndFork waits for a newline, and starts the other program.
func readAndFork(b *testing.B, dir string) (ms []float64) {
	for range links {
		told, stamped := dir+"/told", dir+"/stamped"
		teller := exec.Command(neighbour(), "tell", "fd", told)
		read, write, err := os.Pipe()
		if err != nil {
			b.Fatal(err)
		}
		teller.ExtraFiles = []*os.File{write}
		if err := teller.Start(); err != nil {
			b.Fatal(err)
		}
		read.Read(make([]byte, 1))
		pid, err := syscall.ForkExec(neighbour(), []string{"neighbour", "stamp", stamped}, &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2}})
		if err != nil {
			b.Fatal(err)
		}
		syscall.Wait4(pid, nil, 0, nil)
		teller.Process.Kill()
		teller.Wait()
		read.Close()
		write.Close()
		ms = append(ms, since(b, told, stamped))
	}
	return ms
}

// roundTrips are those of a byte to another process and back.
func roundTrips(b *testing.B) (ms []float64) {
	cat := exec.Command("cat")
	in, _ := cat.StdinPipe()
	out, err := cat.StdoutPipe()
	if err == nil {
		err = cat.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	for buf := []byte{'x'}; len(ms) < 10*links; {
		begin := time.Now()
		in.Write(buf)
		io.ReadFull(out, buf)
		ms = append(ms, float64(time.Since(begin))/1e6)
	}
	in.Close()
	cat.Wait()
	return ms
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}
