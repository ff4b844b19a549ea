package process

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"bole/tree/procattr"
)

// files of the directory in which commands fail: mode and text.
var faulty = map[string]struct {
	mode os.FileMode
	text string
}{
	"plain":            {0o644, "#!/bin/sh\n"},
	"no-interpreter":   {0o755, "#!/bin/bsh -e\n"},
	"dos":              {0o755, "#!/bin/sh\r\n"},
	"dos-argument":     {0o755, "#!/bin/bsh -e\r\n"},
	"not-a-program":    {0o755, "hello\n"},
	"empty":            {0o755, ""},
	"lazy-interpreter": {0o755, "#! $DIR/plain\n"},
	"private":          {0o700, "#!/bin/sh\n"},
	"good":             {0o755, "#!/bin/sh\n"},
	"bin/good":         {0o644, "#!/bin/sh\n"},
	"closed/good":      {0o755, "#!/bin/sh\n"},
}

// TestStartErrors prints what is said of each command that cannot be run. What
// only root can try is in a file of its own.
func TestStartErrors(t *testing.T) {
	dir := faultyDirectory(t)
	in := func(name string) *Command { return &Command{Argv: []string{filepath.Join(dir, name)}} }
	path := []string{"PATH=" + dir + "/bin:" + dir + "/nowhere"}
	golden(t, "errors.txt", dir, []failure{
		{"a program that is missing", in("ngnix")},
		{"below a file", in("plain/x")},
		{"not in PATH", &Command{Argv: []string{"ngnix"}, Env: path}},
		{"in PATH, but not executable", &Command{Argv: []string{"good"}, Env: path}},
		{"not in the usual PATH", &Command{Argv: []string{"ngnix"}}},
		{"an empty command", &Command{Argv: []string{""}}},
		{"in PATH, without its interpreter", &Command{Argv: []string{"no-interpreter"}, Env: []string{"PATH=" + dir}}},
		{"a directory as the program", in("bin")},
		{"not executable", in("plain")},
		{"an interpreter that is missing", in("no-interpreter")},
		{"an interpreter with a carriage return", in("dos")},
		{"one that is missing, and a carriage return elsewhere", in("dos-argument")},
		{"an interpreter that is not executable", in("lazy-interpreter")},
		{"no program", in("not-a-program")},
		{"an empty file", in("empty")},
		{"a directory that is missing", &Command{Argv: []string{"/bin/true"}, Dir: dir + "/data"}},
		{"a directory that is a file", &Command{Argv: []string{"/bin/true"}, Dir: dir + "/plain"}},
		{"a program that is missing in the directory", &Command{Argv: []string{"./x"}, Dir: dir}},
		{"too many arguments", &Command{Argv: []string{"/bin/true", strings.Repeat("x", 1<<20)}}},
		{"a notification file that is not open", &Command{Argv: []string{"/bin/true"}, Notify: 1 << 20, As: 3}},
	})
}

func TestStartErrorsOfRoot(t *testing.T) {
	needRoot(t)
	dir := faultyDirectory(t)
	nobody := &procattr.Credential{UID: 65534, GID: 65534}
	golden(t, "errors-root.txt", dir, []failure{
		{"a program of root's", &Command{Argv: []string{dir + "/private"}, User: nobody}},
		{"a program in a directory of root's", &Command{Argv: []string{dir + "/closed/good"}, User: nobody}},
		{"a directory of root's", &Command{Argv: []string{"/bin/true"}, Dir: dir + "/closed", User: nobody}},
		{"a file system without programs", &Command{Argv: []string{noexec(t, dir)}}},
	})
}

type failure struct {
	what string
	c    *Command
}

func golden(t *testing.T, name, dir string, failures []failure) {
	t.Helper()
	var got strings.Builder
	for _, f := range failures {
		f.c.Stdin, f.c.Stdout, f.c.Stderr = -1, -1, -1
		_, err := NewTable[string]().Start("x", f.c)
		var e *StartError
		if !errors.As(err, &e) {
			t.Fatalf("%s: got %v, want a StartError", f.what, err)
		}
		fmt.Fprintf(&got, "# %s\n%d %s\n", f.what, e.Code(), strings.ReplaceAll(e.Error(), dir, "$DIR"))
	}
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites it):\n%s", file, diff)
	}
}

// faultyDirectory is one that everybody may enter.
func faultyDirectory(t *testing.T) string {
	t.Helper()
	dir := openDirectory(t)
	for name, f := range faulty {
		file := filepath.Join(dir, name)
		os.Mkdir(filepath.Dir(file), 0o755)
		text := strings.ReplaceAll(f.text, "$DIR", dir)
		if err := os.WriteFile(file, []byte(text), f.mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir+"/closed", 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// openDirectory is a temporary one that everybody may enter.
func openDirectory(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// noexec is an executable file on a file system that is mounted noexec.
func noexec(t *testing.T, dir string) string {
	t.Helper()
	dir += "/noexec"
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("none", dir, "tmpfs", unix.MS_NOEXEC, ""); err != nil {
		t.Skipf("cannot mount a file system (%s): needs CAP_SYS_ADMIN", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	file := dir + "/good"
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestProgramThatIsBeingWritten(t *testing.T) {
	dir := t.TempDir()
	exe, err := os.ReadFile("/bin/true")
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(dir+"/true", os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := bytes.NewReader(exe).WriteTo(f); err != nil {
		t.Fatal(err)
	}
	_, err = NewTable[string]().Start("x", &Command{Argv: []string{dir + "/true"}, Stdin: -1, Stdout: -1, Stderr: -1})
	var e *StartError
	if !errors.As(err, &e) || !e.Temporary() || !strings.HasSuffix(e.Error(), "is open for writing: somebody is about to change it") {
		t.Errorf("got %v, want a temporary error", err)
	}
}
