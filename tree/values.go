package tree

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// durationMost keeps the sums of a long chain's durations from overflowing.
const durationMost = 1000 * time.Hour

// parseDuration reads a Go duration that is not negative. Otherwise it returns what
// to do about it.
func parseDuration(s string) (time.Duration, string) {
	d, err := time.ParseDuration(s)
	switch {
	case err == nil && d > durationMost:
		return 0, fmt.Sprintf("a duration is at most %s; a timeout of \"0s\" is for ever", durationMost)
	case err == nil && d >= 0:
		return d, ""
	case err == nil:
		return 0, "a duration cannot be negative"
	}
	if d, err := time.ParseDuration(s + "s"); err == nil && strings.Trim(s, "+-.0123456789") == "" {
		if d < 0 {
			return 0, "a duration cannot be negative"
		}
		return 0, fmt.Sprintf("write %q for seconds", s+"s")
	}
	return 0, `a duration has a number and a unit: "500ms", "5s", "1m30s", "2h"`
}

// sizeUnits are what a size may be counted in.
var sizeUnits = map[string]int64{"": 1, "B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}

// parseSize reads a number of bytes: "64MiB", "10 MB", "4096".
func parseSize(s string) (int64, bool) {
	digits := strings.TrimRight(s, "BkKMGi ")
	unit, ok := sizeUnits[strings.TrimSpace(s[len(digits):])]
	n, err := strconv.ParseInt(digits, 10, 64)
	return n * max(unit, 1), ok && err == nil && n >= 0 && n <= math.MaxInt64/unit
}

// The kernel's first and last real-time signals, as programs of the C library see
// them: it keeps two for itself.
const rtMin, rtMax = 34, 64

// ParseSignal reads a signal's name, with or without SIG, or its number.
func ParseSignal(s string) (int, bool) {
	if n, err := strconv.ParseUint(s, 10, 8); err == nil {
		return int(n), n >= 1 && n <= 64
	}
	name := strings.TrimPrefix(strings.ToUpper(s), "SIG")
	if n := unix.SignalNum("SIG" + name); n != 0 {
		return int(n), true
	}
	return parseRealTime(name)
}

// parseRealTime reads RTMIN, RTMIN+n, RTMAX and RTMAX-n.
func parseRealTime(name string) (int, bool) {
	base, rest := rtMin, ""
	switch {
	case strings.HasPrefix(name, "RTMIN"):
		rest = strings.TrimPrefix(name, "RTMIN")
	case strings.HasPrefix(name, "RTMAX"):
		base, rest = rtMax, strings.TrimPrefix(name, "RTMAX")
	default:
		return 0, false
	}
	if rest == "" {
		return base, true
	}
	n, err := strconv.Atoi(rest)
	return base + n, err == nil && (rest[0] == '+' || rest[0] == '-') && base+n >= rtMin && base+n <= rtMax
}

// signalNames are the names that parseSignal knows, but for the real-time ones.
func signalNames() []string {
	var out []string
	for n := unix.Signal(1); n < 32; n++ {
		if name := unix.SignalName(n); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// namePattern is what validName takes, up to nameMost bytes.
const (
	namePattern = "[A-Za-z0-9][A-Za-z0-9._@-]*"
	nameMost    = 128
)

// validName: what may name a service.
func validName(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && (i == 0 || !strings.ContainsRune("._@-", r)) {
			return false
		}
	}
	return s != "" && len(s) <= nameMost
}

// closest is the word that was probably meant, or nothing: at most about a third of
// it is different.
func closest(word string, words []string) string {
	if word == "" || len(word) > 128 {
		return ""
	}
	best, least := "", len(word)/3+1
	plain := plainWord(word)
	for _, w := range words {
		if len(w) > len(word)+len(word)/3+len("sig") {
			continue // too much to add
		}
		other := plainWord(w)
		if !strings.HasPrefix(plain, "sig") {
			other = strings.TrimPrefix(other, "sig")
		}
		if other == plain {
			return w
		}
		if d := distance(plain, other); d < least || d == least && best == "" && d < len(w) {
			best, least = w, d
		}
	}
	return best
}

func plainWord(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }

// distance is the number of letters to add, drop, change or swap with the next one
// (Damerau and Levenshtein, the optimal string alignment).
func distance(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row := rows[(i+2)%3], rows[i%3], rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			same := 1
			if a[i-1] == b[j-1] {
				same = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+same)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return slices.Clone(rows[(len(a)+1)%3])[len(b)]
}
