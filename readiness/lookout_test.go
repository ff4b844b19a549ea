package readiness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// never is an interval so long that only inotify can be what is seen.
const never = time.Hour

// patience is how long a test waits for what should come at once.
const patience = 30 * time.Second

// A waiting is one for a file.
type waiting struct {
	*testing.T
	looks int // once it is over
	told  chan string
	ready chan struct{}
	done  chan struct{}
	end   func()
}

// await begins to wait for a file, and returns when it has not found it.
func await(t *testing.T, path string, interval time.Duration) *waiting {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	w := &waiting{T: t, told: make(chan string, 10), ready: make(chan struct{}, 1), done: make(chan struct{})}
	file := File(path)
	check := func(ctx context.Context) error { w.looks++; return file(ctx) }
	timing := Timing{First: interval, Most: interval, Timeout: time.Second, File: path}
	go func() {
		Poll(ctx, check, timing, func(why string) { w.told <- why }, func() { w.ready <- struct{}{} })
		close(w.done)
	}()
	w.end = func() { cancel(); <-w.done }
	t.Cleanup(w.end)
	next(w, w.told, "the first look")
	return w
}

// next is what comes next.
func next[T any](w *waiting, c <-chan T, what string) (got T) {
	w.Helper()
	select {
	case got = <-c:
	case <-time.After(patience):
		w.Fatalf("waited in vain for %s", what)
	}
	return got
}

// do fails the test if one of these has failed.
func do(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func write(path string) error { return os.WriteFile(path, []byte("x"), 0o644) }

// old makes a file as an earlier life has left it.
func old(path string) error {
	past := time.Now().Add(-time.Hour)
	if err := write(path); err != nil {
		return err
	}
	return os.Chtimes(path, past, past)
}

// However a file comes to be there, it is seen without a poll.
func TestFileAtOnce(t *testing.T) {
	for name, test := range map[string]struct {
		path          string
		before, after func(dir string) []error
	}{
		"made": {"f", nil, func(dir string) []error { return []error{write(dir + "/f")} }},
		"renamed into place": {"f", func(dir string) []error { return []error{write(dir + "/g")} },
			func(dir string) []error { return []error{os.Rename(dir+"/g", dir+"/f")} }},
		"a link into place": {"f", func(dir string) []error { return []error{write(dir + "/g")} },
			func(dir string) []error { return []error{os.Link(dir+"/g", dir+"/f")} }},
		"replaced": {"f", func(dir string) []error { return []error{old(dir + "/f"), old(dir + "/g")} },
			func(dir string) []error { return []error{os.Rename(dir+"/g", dir+"/f")} }},
		"deleted and made again": {"f", func(dir string) []error { return []error{old(dir + "/f")} },
			func(dir string) []error { return []error{os.Remove(dir + "/f"), write(dir + "/f")} }},
		"touched": {"f", func(dir string) []error { return []error{old(dir + "/f")} },
			func(dir string) []error { return []error{os.Chtimes(dir+"/f", time.Now(), time.Now())} }},
		"a directory": {"f", nil, func(dir string) []error { return []error{os.Mkdir(dir+"/f", 0o755)} }},
		"its directories are missing": {"a/b/c/f", nil,
			func(dir string) []error { return []error{os.MkdirAll(dir+"/a/b/c", 0o755), write(dir + "/a/b/c/f")} }},
		"its directory comes with it": {"a/f", func(dir string) []error { return []error{os.Mkdir(dir+"/b", 0o755), write(dir + "/b/f")} },
			func(dir string) []error { return []error{os.Rename(dir+"/b", dir+"/a")} }},
		"its directory is made anew": {"a/f", func(dir string) []error { return []error{os.Mkdir(dir+"/a", 0o755), old(dir + "/a/f")} },
			func(dir string) []error {
				return []error{os.RemoveAll(dir + "/a"), os.Mkdir(dir+"/a", 0o755), write(dir + "/a/f")}
			}},
		"its directory makes room for another": {"a/f", func(dir string) []error { return []error{os.Mkdir(dir+"/a", 0o755), os.Mkdir(dir+"/b", 0o755)} },
			func(dir string) []error {
				return []error{os.Rename(dir+"/a", dir+"/c"), os.Rename(dir+"/b", dir+"/a"), write(dir + "/a/f")}
			}},
		"a file was where its directory is": {"a/f", func(dir string) []error { return []error{write(dir + "/a")} },
			func(dir string) []error {
				return []error{os.Remove(dir + "/a"), os.Mkdir(dir+"/a", 0o755), write(dir + "/a/f")}
			}},
		"the target of a link": {"f", func(dir string) []error { return []error{os.Mkdir(dir+"/a", 0o755), os.Symlink("a/g", dir+"/f")} },
			func(dir string) []error { return []error{write(dir + "/a/g")} }},
		"the target of a link to a link": {"f", func(dir string) []error { return []error{os.Symlink(dir+"/g", dir+"/f"), os.Symlink("a/h", dir+"/g")} },
			func(dir string) []error { return []error{os.Mkdir(dir+"/a", 0o755), write(dir + "/a/h")} }},
		"a link leads elsewhere": {"f", func(dir string) []error {
			return []error{old(dir + "/g"), os.Symlink("g", dir+"/f"), write(dir + "/h"), os.Symlink("h", dir+"/i")}
		}, func(dir string) []error { return []error{os.Rename(dir+"/i", dir+"/f")} }},
		"through a link to a missing directory": {"a/f", func(dir string) []error { return []error{os.Symlink(dir+"/b", dir+"/a")} },
			func(dir string) []error { return []error{os.Mkdir(dir+"/b", 0o755), write(dir + "/b/f")} }},
		"a link to where it is": {"f", func(dir string) []error { return []error{write(dir + "/g"), os.Symlink(".", dir+"/f")} },
			func(dir string) []error { return []error{os.Rename(dir+"/g", dir+"/f")} }},
		"a directory further up makes room": {"a/b/f", func(dir string) []error {
			return []error{os.MkdirAll(dir+"/a/b", 0o755), os.MkdirAll(dir+"/c/b", 0o755), write(dir + "/c/b/f")}
		}, func(dir string) []error { return []error{os.Rename(dir+"/a", dir+"/d"), os.Rename(dir+"/c", dir+"/a")} }},
		"a link further up leads elsewhere": {"a/b/f", func(dir string) []error {
			return []error{os.Mkdir(dir+"/1", 0o755), os.MkdirAll(dir+"/2/b", 0o755), write(dir + "/2/b/f"), os.Symlink("1", dir+"/a"), os.Symlink("2", dir+"/c")}
		}, func(dir string) []error { return []error{os.Rename(dir+"/c", dir+"/a")} }},
		"a link in a circle": {"f", func(dir string) []error { return []error{os.Symlink("g", dir+"/f"), os.Symlink("f", dir+"/g")} },
			func(dir string) []error { return []error{os.Remove(dir + "/g"), write(dir + "/g")} }},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if test.before != nil {
				do(t, test.before(dir)...)
			}
			w := await(t, filepath.Join(dir, test.path), never)
			do(t, test.after(dir)...)
			next(w, w.ready, "the file")
		})
	}
}

// A pid file of an earlier life that is written in place and kept open, as one that is
// locked.
func TestFileKeptOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pid")
	do(t, old(path))
	w := await(t, path, never)
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	do(t, err)
	defer f.Close()
	_, err = f.WriteString("7\n")
	do(t, err)
	next(w, w.ready, "the line")
}

// What happens beside the file costs no look at it, nor what has its name elsewhere.
func TestFileAmongOthers(t *testing.T) {
	dir := t.TempDir()
	do(t, os.Mkdir(dir+"/a", 0o755))
	w := await(t, dir+"/a/f", never)
	for i := range 500 {
		do(t, write(fmt.Sprint(dir, "/a/", i, strings.Repeat("x", i%200))), write(dir+"/f"), os.Remove(dir+"/f"))
	}
	do(t, write(dir+"/a/f"))
	next(w, w.ready, "the file")
	w.end()
	if w.looks != 2 {
		t.Errorf("it was looked at %d times", w.looks)
	}
}

// A directory that is deleted while somebody is in it, and made again.
func TestFileInADirectoryInUse(t *testing.T) {
	dir := t.TempDir() + "/a"
	do(t, os.Mkdir(dir, 0o755))
	in, err := os.Open(dir)
	do(t, err)
	defer in.Close()
	w := await(t, dir+"/f", never)
	do(t, os.Remove(dir), os.Mkdir(dir, 0o755), write(dir+"/f"))
	next(w, w.ready, "the file")
}

// Several things that happen at once are told of together.
func TestFileAfterOthers(t *testing.T) {
	dir := t.TempDir()
	l := lookout{path: dir + "/f"}
	defer l.close()
	l.place()
	do(t, write(dir+"/e"), write(dir+"/f"))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	do(t, l.wait(ctx, never))
}

// What inotify does not tell is seen all the same.
func TestFileUnnoticed(t *testing.T) {
	looks := 0
	check := func(context.Context) error {
		if looks++; looks < 4 {
			return errors.New("not yet")
		}
		return nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	timing := Timing{First: time.Millisecond, Most: time.Millisecond, File: filepath.Join(t.TempDir(), "f")}
	Poll(ctx, check, timing, func(string) {}, func() {})
	if looks != 4 {
		t.Errorf("%d looks", looks)
	}
}

// That an old file goes is told at once too, and the one that follows is waited for.
func TestFileGoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	do(t, old(path))
	w := await(t, path, never)
	do(t, os.Remove(path))
	if why := next(w, w.told, "the reason"); why != "file "+path+": it is not there yet" {
		t.Error(why)
	}
	do(t, write(path))
	next(w, w.ready, "the file")
}

// Whoever gets no instance polls, and nobody is kept from what others have left.
func TestManyFiles(t *testing.T) {
	dir := t.TempDir()
	var all []*waiting
	path := func(i int) string { return fmt.Sprint(dir, "/", i) }
	for i := range 3 * cap(instances) {
		all = append(all, await(t, path(i), 10*time.Millisecond))
	}
	if n := inUse(t); n != cap(instances) {
		t.Errorf("%d instances", n)
	}
	for i, w := range all {
		do(t, write(path(i)))
		next(w, w.ready, path(i))
	}
}

// When nobody waits any more nothing is left open.
func TestFileIsWaitedForNoMore(t *testing.T) {
	w := await(t, filepath.Join(t.TempDir(), "f"), never)
	if inUse(t) != 1 {
		t.Error("there is no instance")
	}
	w.end()
	if inUse(t) != 0 || len(instances) != 0 {
		t.Error("an instance is left")
	}
}

// inUse counts this process's instances of inotify.
func inUse(t *testing.T) (n int) {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	do(t, err)
	for _, fd := range fds {
		if to, _ := os.Readlink("/proc/self/fd/" + fd.Name()); to == "anon_inode:inotify" {
			n++
		}
	}
	return n
}

// A process that has no file descriptor left polls; as soon as there is one it watches.
func TestFileWithoutInotify(t *testing.T) {
	if os.Getenv("BOLE_TEST_CHILD") == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFileWithoutInotify$")
		cmd.Env = append(os.Environ(), "BOLE_TEST_CHILD=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	dir := t.TempDir()
	await(t, dir+"/before", never).end() // the runtime has what it needs itself
	do(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 64, Max: 64}))
	var fds []int
	for {
		fd, err := syscall.Dup(0)
		if err != nil {
			break
		}
		fds = append(fds, fd)
	}
	w := await(t, dir+"/polled", time.Millisecond)
	do(t, os.Mkdir(dir+"/polled", 0o755)) // which needs none
	next(w, w.ready, "the directory")
	w = await(t, dir+"/noticed", time.Millisecond)
	for _, fd := range fds {
		syscall.Close(fd)
	}
	for end := time.Now().Add(patience); inUse(t) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it is never watched")
		}
	}
	if w.end(); len(instances) != 0 {
		t.Errorf("%d instances are held for nothing", len(instances))
	}
}
