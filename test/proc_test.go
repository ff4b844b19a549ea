package test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// find is the process of this bole with that word in its arguments, or 0.
func (b *bole) find(word string) int {
	ours := b.marked()
	for _, pid := range running(word) {
		if status, ok := parentAndState(pid); ok && status.state != "Z" && slices.Contains(ours, pid) && !isShell(pid) {
			return pid
		}
	}
	return 0
}

// service waits for that process.
func (b *bole) service(word string) (pid int) {
	b.t.Helper()
	wait(b.t, "a process of "+word, func() bool { pid = b.find(word); return pid != 0 })
	return pid
}

func isShell(pid int) bool { return comm(pid) == "sh" }

// comm is the name of a process, if there is one.
func comm(pid int) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return strings.TrimSpace(string(text))
}

type procStat struct {
	state  string
	parent int
}

func parentAndState(pid int) (procStat, bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return procStat{}, false
	}
	f := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	parent, _ := strconv.Atoi(f[1])
	return procStat{f[0], parent}, true
}

// descendants are a process's children, theirs, and so on: also those that have
// written their title over their environment, as nginx does.
func descendants(pid int) (out []int) {
	children := processes(func(p int) bool {
		stat, ok := parentAndState(p)
		return ok && stat.parent == pid
	})
	for _, child := range children {
		out = append(append(out, child), descendants(child)...)
	}
	return out
}

// files are the descriptors that a process has open.
func files(t *testing.T, pid int) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// softLimit is how many files a process may open.
func softLimit(t *testing.T, pid int) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "Max open files"); ok {
			return strings.Fields(rest)[0]
		}
	}
	return ""
}

func abs(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// daemon waits for a process below bole with that name: also one that has written its
// title over its environment, where its mark was.
func (b *bole) daemon(name string) (pid int) {
	b.t.Helper()
	bole := b.pid()
	wait(b.t, "a process named "+name, func() bool {
		i := 0
		all := descendants(bole)
		if i = slices.IndexFunc(all, func(p int) bool { return comm(p) == name }); i < 0 {
			return false
		}
		pid = all[i]
		return true
	})
	return pid
}

// dead checks that none of these processes is left.
func dead(t *testing.T, pids []int) {
	t.Helper()
	for _, pid := range pids {
		if _, ok := parentAndState(pid); ok {
			t.Errorf("process %d, %s, is left", pid, comm(pid))
		}
	}
}
