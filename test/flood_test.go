package test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A flood is what bad clients do to a control socket, all at the same time.
type flood struct {
	answers atomic.Int64
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// pour asks as fast as it can, with clients that sit there, stop in the middle, send
// nonsense, or a body without an end.
func pour(t testing.TB, socket string) *flood {
	f := &flood{}
	ctx, stop := context.WithCancel(t.Context())
	f.stop = stop
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}}
	for range 16 {
		f.done.Go(func() { f.ask(ctx, client) })
	}
	for i := range 500 {
		if conn, err := net.Dial("unix", socket); err == nil {
			io.WriteString(conn, []string{"", "GET /v1/sta", "\x00\xff\r\n"}[i%3])
			f.done.Go(func() { <-ctx.Done(); conn.Close() })
		}
	}
	f.done.Go(func() {
		for ctx.Err() == nil {
			bodyWithoutEnd(socket)
		}
	})
	return f
}

func (f *flood) ask(ctx context.Context, client *http.Client) {
	for ctx.Err() == nil {
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://bole/v1/status", nil)
		if res, err := client.Do(r); err == nil {
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
			f.answers.Add(1)
		}
	}
}

func bodyWithoutEnd(socket string) {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Second))
	io.WriteString(conn, "POST /v1/actions HTTP/1.1\r\nHost: bole\r\nContent-Length: 1000000000\r\n\r\n")
	for piece := make([]byte, 1<<16); ; {
		if _, err := conn.Write(piece); err != nil {
			return
		}
	}
}

func (f *flood) end() {
	f.stop()
	f.done.Wait()
}

// A phoenix is a service that is killed, and comes back at once; it says so by its number.
type phoenix struct {
	*bole
	says *bufio.Reader
	pid  int
}

func newPhoenix(t testing.TB) *phoenix {
	t.Helper()
	path := filepath.Join(publicDir(t), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	fifo, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fifo.Close() })
	b := up(t, plain, define(t, fmt.Sprintf("[service.phoenix]\ncommand = [\"sh\", \"-c\", \"echo $$$$ >%s; exec sleep 1000\"]\nrestart-delay = \"0s\"\n", path)))
	p := &phoenix{bole: b, says: bufio.NewReader(fifo)}
	p.comes()
	wait(t, "an answer", func() bool { _, _, code := b.asks("health"); return code == 0 })
	return p
}

func (p *phoenix) comes() {
	line, err := p.says.ReadString('\n')
	if err == nil {
		p.pid, err = strconv.Atoi(strings.TrimSpace(line))
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// burns kills it so often, and returns how long each return took, in milliseconds.
func (p *phoenix) burns(times int) (ms []float64) {
	for range times {
		begin := time.Now()
		syscall.Kill(p.pid, syscall.SIGKILL)
		p.comes()
		ms = append(ms, float64(time.Since(begin).Microseconds())/1000)
	}
	return ms
}

// Whatever is done to the socket, the tree goes on, memory is bounded, and who asks
// properly is answered.
func TestControlFlood(t *testing.T) {
	p := newPhoenix(t)
	f := pour(t, p.socket)
	p.burns(20)
	wait(t, "answers", func() bool { return f.answers.Load() > 2000 })
	if out, errs, code := p.asks("health"); code != 0 || !strings.HasPrefix(out, "ready: ") {
		t.Errorf("%d %s%s", code, out, errs)
	}
	f.end()
	if peak := peakMemory(t, p.bole.pid()); peak > 40<<10 {
		t.Errorf("bole has used %d kB of memory", peak)
	}
	p.never("a fault of bole's own")
	p.term(0)
}

// BenchmarkRestartInFlood is how much longer a restart takes while all that is done to the
// socket, beside one in peace in the same run.
func BenchmarkRestartInFlood(b *testing.B) {
	const times = 50
	var quiet, flooded []float64
	answers, begin := int64(0), time.Now()
	for b.Loop() {
		p := newPhoenix(b)
		quiet = append(quiet, p.burns(times)...)
		f := pour(b, p.socket)
		begin = time.Now()
		flooded = append(flooded, p.burns(times)...)
		answers = f.answers.Load()
		f.end()
		p.term(0)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(quiet), "quiet-ms")
	b.ReportMetric(slices.Max(quiet), "worst-quiet-ms")
	b.ReportMetric(median(flooded), "ms")
	b.ReportMetric(slices.Max(flooded), "worst-ms")
	b.ReportMetric(float64(answers)/time.Since(begin).Seconds(), "answers/s")
}
