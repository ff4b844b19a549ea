package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestEscaped: groff prints a text as it is, whatever roff would make of it.
func TestEscaped(t *testing.T) {
	const text = `  .TH is no request
  'nor is this: -x -- '"'"' "a\eb" \fB ` + "`c`" + ` a^b ~/x
.. \
… é µs → 日本`
	p := newPage("x", 1, "a page")
	p.section("TEXT")
	p.literal(text)
	cmd := exec.Command("groff", "-man", "-Tutf8", "-ww", "-P-c", "-P-b", "-P-o", "-P-u")
	cmd.Stdin = strings.NewReader(p.b.String())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v (groff is in the package groff-base)\n%s", err, out)
	}
	for _, line := range strings.Split(text, "\n") {
		if !strings.Contains(string(out), "\n       "+line+"\n") {
			t.Errorf("%q is not in\n%s", line, out)
		}
	}
	if got := escaped("-x"); got != `\-x` {
		t.Errorf("%s: what is no hyphen may become one", got) // it does not with Debian's groff
	}
}
