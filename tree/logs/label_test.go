package logs

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

var update = flag.Bool("update", false, "write the golden files")

func TestLabels(t *testing.T) {
	var got strings.Builder
	for _, names := range [][]string{
		{"db", "app"},
		{"postgres", "nginx"},
		{"a-service-with-a-long-name", "app"},
		{"1", "2", "3", "4", "5", "6", "7"},
	} {
		for _, colors := range []bool{false, true} {
			l := NewLabel(-1, names)
			l.colors = colors
			fmt.Fprintf(&got, "%q\n", l.own())
			for n, name := range names {
				fmt.Fprintf(&got, "%q\n", l.Service(name, n))
			}
			got.WriteByte('\n')
		}
	}
	golden(t, "testdata/labels.txt", got.String())
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestColorsOnlyOnATerminal(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	// The first end of a terminal answers as the other does, and needs no /dev/pts.
	tty, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skipf("a terminal is needed, and /dev/ptmx cannot be opened (%s): mount devpts", err)
	}
	defer unix.Close(tty)
	for _, c := range []struct {
		name    string
		fd      int
		noColor string
		want    bool
	}{
		{"a terminal", tty, "", true},
		{"a terminal with NO_COLOR", tty, "1", false},
		{"a file", int(file.Fd()), "", false},
		{"nothing", -1, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("NO_COLOR", c.noColor)
			if got := NewLabel(c.fd, nil).colors; got != c.want {
				t.Errorf("colors = %t, want %t", got, c.want)
			}
		})
	}
}
