package process

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Code and constants are dropped; what may be, or has been, written to is not.
func TestUntouched(t *testing.T) {
	const text = `00400000-005f3000 r-xp 00000000 fe:00 1 /usr/bin/bole
Rss:  2000 kB
Anonymous:             0 kB
005f3000-00800000 r--p 001f3000 fe:00 1 /usr/bin/bole
Anonymous:             0 kB
00800000-00810000 r--p 00400000 fe:00 1 /usr/bin/bole
Anonymous:             8 kB
00810000-00820000 rw-p 00410000 fe:00 1 /usr/bin/bole
Anonymous:             0 kB
00830000-00840000 r-xp 00000000 fe:00 2 /usr/lib/other
Anonymous:             0 kB
7ffd0000-7ffe0000 r-xp 00000000 00:00 0 [vdso]
Anonymous:             0 kB
`
	got := fmt.Sprintf("%x", untouched(strings.NewReader(text), "/usr/bin/bole"))
	if want := "[{400000 5f3000} {5f3000 800000}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// It takes up less, and goes on.
func TestDropCode(t *testing.T) {
	if !isolated(t) {
		return
	}
	resident := func() uint64 {
		s, _ := openProc().stat(os.Getpid())
		return s.pages
	}
	before := resident()
	DropCode()
	if after := resident(); after >= before {
		t.Errorf("%d pages before, %d after", before, after)
	}
}
