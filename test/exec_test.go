package test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// probe writes what its process has to $OUT. The names that a user brings along are
// left out: chpst leaves root's.
const probe = `
for f in 0 1 2; do [ ! -e /proc/$$/fd/$f ] || files="$files $f"; done
{
	tr '\0' ' ' </proc/$$/cmdline
	grep -E '^(Uid|Gid|Groups|SigIgn):' /proc/$$/status
	cat /proc/$$/limits
	tr '\0' '\n' </proc/$$/environ | grep -vE '^(_|HOME|USER|LOGNAME|SHELL)=' | sort
	pwd
	echo nice $(nice), open:$files
	[ $(cut -d' ' -f6 /proc/$$/stat) = $$ ] && echo leads a session
	[ -z "$LOCK" ] || flock -n "$LOCK" true || echo locked
} >"$OUT" 2>&1`

// With each option of chpst a process has what it has with bole exec's; of runit's own
// chpst that Debian has -C is missing.
func TestExecIsAsChpst(t *testing.T) {
	needRoot(t)
	need(t, "chpst", "flock")
	dir := publicDir(t)
	for name, text := range map[string]string{"env/A": "first \t \nsecond", "env/B": "one\x00two", "env/UNSET": "", "env/.dot": "x"} {
		os.MkdirAll(dir+"/env", 0o755)
		os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)
	}
	os.WriteFile(dir+"/lock", nil, 0o644)
	plain := probed(t, dir, "env")
	for _, row := range []struct{ peer, bole string }{
		{"chpst -u nobody", "--user nobody"},
		{"chpst -u nobody:daemon:adm", "--user nobody --group daemon --groups daemon,adm"},
		{"chpst -u :1234:5678:6789", "--user 1234:5678 --groups 5678,6789"},
		{"chpst -e " + dir + "/env", "--env-file " + dir + "/env"},
		{"chpst -b other", "--argv0 other"},
		{"env -C /usr/lib", "--directory /usr/lib"},
		{"chpst -n 5", "--nice 5"},
		{"chpst -n -3", "--nice -3"},
		{"chpst -l " + dir + "/lock", "--lock " + dir + "/lock"},
		{"chpst -L " + dir + "/lock", "--no-wait --lock " + dir + "/lock"},
		{"chpst -m 500000000", "--limits data=500000000,stack=500000000,as=500000000,memlock=" + atMost(unix.RLIMIT_MEMLOCK, 500000000)},
		{"chpst -d 100000000", "--limits data=100000000"},
		{"chpst -o 64", "--limits nofile=64"},
		{"chpst -p 400", "--limits nproc=400"},
		{"chpst -f 1000000", "--limits fsize=1000000"},
		{"chpst -c 4096", "--limits core=4096"},
		{"chpst -r 100000000", "--limits rss=100000000"},
		{"chpst -t 30", "--limits cpu=30"},
		{"chpst -P", "--new-session"},
		{"chpst -0", "--close 0"},
		{"chpst -1", "--close 1"},
		{"chpst -2", "--close 2"},
	} {
		want := probed(t, dir, strings.Fields(row.peer)...)
		got := probed(t, dir, append([]string{binary, "exec"}, strings.Fields(row.bole)...)...)
		if want == plain {
			t.Errorf("%s changes nothing", row.peer)
		}
		if diff := cmp.Diff(soft(want), soft(got)); diff != "" {
			t.Errorf("%s (-) and bole exec %s (+) differ:\n%s", row.peer, row.bole, diff)
		}
	}
}

func TestExecInAnotherRoot(t *testing.T) {
	needRoot(t)
	need(t, "chpst", "cp")
	dir := publicDir(t)
	if out, err := exec.Command("cp", binary, dir+"/only-there").CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	want, _ := exec.Command("chpst", "-/", dir, "/only-there", "version").Output()
	got, err := exec.Command(binary, "exec", "--chroot", dir, "/only-there", "version").CombinedOutput()
	if len(want) == 0 || string(got) != string(want) {
		t.Errorf("%q (%v), want %q", got, err, want)
	}
}

// soft leaves the hard limits out: chpst changes none.
func soft(state string) string {
	lines := strings.Split(state, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "Max ") {
			lines[i] = line[:47]
		}
	}
	return strings.Join(lines, "\n")
}

// atMost is a limit as chpst sets it: no more than the hard one.
func atMost(resource int, limit uint64) string {
	var has unix.Rlimit
	unix.Getrlimit(resource, &has)
	return fmt.Sprint(min(limit, has.Max))
}

// probed runs the probe after some words, and returns what it found.
func probed(t *testing.T, dir string, words ...string) string {
	t.Helper()
	out := filepath.Join(dir, "out")
	os.WriteFile(out, nil, 0o666)
	os.Chmod(out, 0o666)
	cmd := exec.Command(words[0], append(words[1:], "sh", "-c", probe)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "UNSET=no", "OUT=" + out, "LOCK=" + filepath.Join(dir, "lock")}
	if text, err := cmd.CombinedOutput(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Errorf("%s: %v\n%s", words, err, text)
	}
	text, _ := os.ReadFile(out)
	return string(text)
}
