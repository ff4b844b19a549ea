package test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// neighbour is the tests' own service, see there.
func neighbour() string { return filepath.Join(filepath.Dir(binary), "neighbour") }

// burn keeps the processors busy until the test is over.
func burn(t *testing.T, loops int) {
	t.Helper()
	for range loops {
		cmd := exec.Command(neighbour(), "burn")
		in, err := cmd.StdinPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { in.Close(); cmd.Wait() })
	}
}

// Nothing is called ready before it can be used: servers that take a random time to begin
// are asked, or say so themselves, in each way, on a machine that is busy. Each has a
// client that asks it once, as soon as it is started.
func TestNeverReadyTooEarly(t *testing.T) {
	const servers, longest = 30, 300 * time.Millisecond
	burn(t, 2)
	for form, ready := range map[string]string{
		"tcp": `tcp = "ADDRESS"`, "unix": `unix = "ADDRESS"`, "http": `http = "http://ADDRESS/"`, "exec": `exec = "` + neighbour() + ` visit ADDRESS"`,
		"fd": `fd = 3`, "notify": `notify = true`, "log": `log = "^listening$"`,
	} {
		t.Run(form, func(t *testing.T) {
			dir, port := publicDir(t), freePort(t)
			var text strings.Builder
			for i := range servers {
				address := fmt.Sprintf("127.0.1.%d:%s", i+1, port)
				if form != "tcp" && form != "http" {
					address = fmt.Sprint(dir, "/", i)
				}
				pair(&text, i, form, address, strings.ReplaceAll(ready, "ADDRESS", address), rand.N(longest))
			}
			b := up(t, plain, define(t, text.String()))
			wait(t, "the start to be over", func() bool {
				return strings.Contains(b.output(), "| ready after") || strings.Contains(b.output(), "| degraded after")
			})
			if want := fmt.Sprintf(": %d ready, %d done", servers, servers); !strings.Contains(b.output(), want) {
				t.Fatalf("it is not %q", want)
			}
			b.term(0)
		})
	}
}

// pair defines a server and its client.
func pair(w io.Writer, i int, form, address, ready string, delay time.Duration) {
	fmt.Fprintf(w, `
[service.server%[1]d]
command = ["%[2]s", "late", "%[3]s", "%[4]s", "%[6]s"]
ready = { %[5]s }
restart = "never"
[oneshot.client%[1]d]
up = ["%[2]s", "visit", "%[4]s"]
requires = ["server%[1]d"]
restart = "never"
`, i, neighbour(), form, address, ready, delay)
}
