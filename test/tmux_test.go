package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// onScreen runs a shell command on a real terminal so many columns wide, and returns what
// stands there in the end: with colours as the escape sequences that tmux has understood.
func onScreen(t *testing.T, columns int, command string) (plain, colored string) {
	t.Helper()
	need(t, "tmux")
	dir := openDir(t)
	tmux := func(args ...string) string {
		cmd := exec.Command("tmux", append([]string{"-f", "/dev/null", "-S", filepath.Join(dir, "tmux")}, args...)...)
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
		out, _ := cmd.CombinedOutput()
		return string(out)
	}
	t.Cleanup(func() { tmux("kill-server") })
	said := tmux("new-session", "-d", "-x", fmt.Sprint(columns), "-y", "50", fmt.Sprintf("%s; echo over: $?; exec sleep 1000", command))
	wait(t, "the end of "+command+" "+said, func() bool {
		plain = tmux("capture-pane", "-p")
		return strings.Contains(plain, "over: ")
	})
	return plain, tmux("capture-pane", "-p", "-e")
}
