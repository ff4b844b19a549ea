package tree

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseDuration(t *testing.T) {
	const units = `a duration has a number and a unit: "500ms", "5s", "1m30s", "2h"`
	for in, want := range map[string]string{
		"0s": "0s", "0": "0s", "500ms": "500ms", "1m30s": "1m30s", "2h": "2h0m0s", ".5s": "500ms", "+1s": "1s", "1us": "1µs",
		"-0s": "0s", "-1s": "a duration cannot be negative", "-1ns": "a duration cannot be negative",
		"5": `write "5s" for seconds`, "1.5": `write "1.5s" for seconds`, "-5": "a duration cannot be negative",
		"": units, "s": units, "5 s": units, "1d": units, "1m 30s": units, "inf": units, "NaN": units,
		"0x10": units, "1e3": units, "1_0": units, "9999999h": units, "99999999999999999999": units,
	} {
		t.Run(in, func(t *testing.T) {
			d, fault := parseDuration(in)
			got := fault
			if fault == "" {
				got = d.String()
			}
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// A hint has to be one that helps.
func FuzzDuration(f *testing.F) {
	for _, s := range []string{"5", "1.5", "-1s", "1e9", "inf", "0x1p4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, fault := parseDuration(s)
		if d < 0 || fault != "" && d != 0 {
			t.Errorf("%q is %v, %s", s, d, fault)
		}
		var better string
		if n, _ := fmt.Sscanf(fault, "write %q for seconds", &better); n == 1 {
			if _, fault := parseDuration(better); fault != "" {
				t.Errorf("%q: told to write %q, which is refused: %s", s, better, fault)
			}
		}
	})
}

func TestParseSignal(t *testing.T) {
	for in, want := range map[string]int{
		"TERM": 15, "SIGTERM": 15, "sigterm": 15, "Term": 15, "HUP": 1, "KILL": 9, "USR1": 10, "SIGUSR2": 12, "SYS": 31,
		"1": 1, "15": 15, "64": 64, "RTMIN": 34, "SIGRTMIN": 34, "rtmin+3": 37, "RTMIN+30": 64, "RTMAX": 64, "SIGRTMAX-14": 50, "RTMAX-30": 34,
		"CHLD": 17, "IO": 29,

		"": 0, "SIG": 0, "SIGSIGTERM": 0, "TERMINATE": 0, " TERM": 0, "0": 0, "65": 0, "-1": 0, "+9": 0, "9x": 0, "1.0": 0,
		"99999999999999999999": 0, "RTMIN+31": 0, "RTMAX-31": 0, "RTMIN-1": 0, "RTMAX+1": 0, "RTMIN3": 0, "RTMIN+": 0,
		"RTMIN+-1": 0, "RTMIN++1": 0, "RTMAX-x": 0, "SIG15": 0, "32": 32,
	} {
		t.Run(in, func(t *testing.T) {
			n, ok := ParseSignal(in)
			if ok != (want != 0) || ok && n != want {
				t.Errorf("parseSignal = %d, %t; want %d", n, ok, want)
			}
		})
	}
}

func TestSignalNames(t *testing.T) {
	names := signalNames()
	if len(names) != 31 {
		t.Errorf("there are %d, not 31: %q", len(names), names)
	}
	for i, name := range names {
		if n, ok := ParseSignal(name); !ok || n != i+1 {
			t.Errorf("%q is %d, %t; want %d", name, n, ok, i+1)
		}
	}
}

func FuzzSignal(f *testing.F) {
	for _, s := range []string{"SIGTERM", "rtmin+1", "RTMAX-9999999999", "64"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, ok := ParseSignal(s); ok && (n < 1 || n > 64) {
			t.Errorf("%q is %d", s, n)
		}
	})
}

func TestClosest(t *testing.T) {
	keys := []string{"command", "requires", "restart", "restart-delay", "env", "env-file", "log", "user", "ready"}
	for _, c := range []struct {
		word  string
		words []string
		want  string
	}{
		{"comand", keys, "command"},
		{"commmand", keys, "command"},
		{"cmomand", keys, "command"},
		{"kommand", keys, "command"},
		{"require", keys, "requires"},
		{"restart_delay", keys, "restart-delay"},
		{"Restart-Delay", keys, "restart-delay"},
		{"ENV_FILE", keys, "env-file"},
		{"restrat", keys, "restart"},
		{"evn", keys, "env"},
		{"usr", keys, "user"},
		{"command", keys, "command"},
		{"kill-signal", keys, ""},
		{"xyz", keys, ""},
		{"a", keys, ""},
		{"", keys, ""},
		{"", []string{"sig"}, ""},
		{"command", nil, ""},
		{"db", []string{"web", "x", "dbs"}, "dbs"},
		{"migrat", []string{"migrate", "migrant"}, "migrate"},
		{"bb", []string{"ab", "ba"}, "ab"},
		{"a", []string{"b", "c"}, ""},
		{"TREM", []string{"SIGHUP", "SIGTERM"}, "SIGTERM"},
		{"term", []string{"SIGHUP", "SIGTERM"}, "SIGTERM"},
		{"SIGTEM", signalNames(), "SIGTERM"},
		{"SIGINTR", signalNames(), "SIGINT"},
		{"datenbänk", []string{"datenbank"}, "datenbank"},
		{strings.Repeat("a", 1<<20), []string{"a"}, ""},
	} {
		t.Run(c.word[:min(len(c.word), 20)], func(t *testing.T) {
			if got := closest(c.word, c.words); got != c.want {
				t.Errorf("closest(%.20q, %q) = %q, want %q", c.word, c.words, got, c.want)
			}
		})
	}
}

func FuzzClosest(f *testing.F) {
	f.Add("comand", "command", "restart")
	f.Fuzz(func(t *testing.T, word, a, b string) {
		if got := closest(word, []string{a, b}); got != "" && got != a && got != b {
			t.Errorf("closest(%q, %q or %q) = %q", word, a, b, got)
		}
		if len(word) > 1 && len(word) <= 128 && closest(word, []string{word}) != word {
			t.Errorf("%q is not closest to itself", word)
		}
	})
}

// slowDistance is distance by its definition.
func slowDistance(a, b string) int {
	if a == "" || b == "" {
		return len(a) + len(b)
	}
	change := slowDistance(a[1:], b[1:])
	if a[0] != b[0] {
		change++
	}
	least := min(change, slowDistance(a[1:], b)+1, slowDistance(a, b[1:])+1)
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		least = min(least, slowDistance(a[2:], b[2:])+1)
	}
	return least
}

func TestDistance(t *testing.T) {
	words := []string{""}
	for from := 0; len(words) < 121; from++ { // all of up to four letters
		for _, c := range "abc" {
			words = append(words, words[from]+string(c))
		}
	}
	for _, a := range words {
		for _, b := range words {
			if got, want := distance(a, b), slowDistance(a, b); got != want {
				t.Fatalf("distance(%q, %q) = %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestClosestIsFast(t *testing.T) {
	var words []string
	for i := range 10_000 {
		words = append(words, fmt.Sprintf("service-%0100d", i))
	}
	words = append(words, strings.Repeat("b", 16<<20))
	began := time.Now()
	closest(strings.Repeat("a", 128), words)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestValidName(t *testing.T) {
	good := []string{"a", "Z9", "0", "web-1", "web@1", "a.b_c", "a" + strings.Repeat("-", 127)}
	bad := []string{"", "-a", ".a", "_a", "@1", "a b", "a/b", "a\n", "ä", "aä", "a\x00", "a\xff", "a:", "a+", strings.Repeat("a", 129)}
	var refused, taken []string
	for _, name := range good {
		if !validName(name) {
			refused = append(refused, name)
		}
	}
	for _, name := range bad {
		if validName(name) {
			taken = append(taken, name)
		}
	}
	if diff := cmp.Diff([2][]string{}, [2][]string{refused, slices.Clip(taken)}); diff != "" {
		t.Errorf("good ones refused, bad ones taken:\n%s", diff)
	}
}
