package control

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// leave leaves a socket behind, as a bole that was killed does.
func leave(t *testing.T, path string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
}

// What an earlier life has left is replaced; somebody else's is left alone.
func TestListen(t *testing.T) {
	t.Setenv(SocketVariable, "")
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	listen := func(name string) (net.Listener, error) {
		return Listen(Place{Path: path(name), Mode: 0o660, Group: os.Getegid()})
	}
	leave(t, path("stale"))
	l, err := listen("stale")
	if err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path("stale")); info.Mode().Perm() != 0o660 {
		t.Errorf("mode %v", info.Mode())
	}
	if _, err := listen("stale"); err == nil || err.Error() != path("stale")+": another bole listens there" {
		t.Errorf("%v", err)
	}
	l.Close()
	if _, err := os.Stat(path("stale")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is left: %v", err)
	}
	os.WriteFile(path("file"), []byte("precious"), 0o600)
	if _, err := listen("file"); err == nil || err.Error() != path("file")+": something else is there" {
		t.Errorf("%v", err)
	}
	if text, _ := os.ReadFile(path("file")); string(text) != "precious" {
		t.Error("the file is gone")
	}
	if _, err := listen("none/s"); err == nil || err.Error() != path("none/s")+": no such file or directory" {
		t.Errorf("%v", err)
	}
	if _, err := listen(strings.Repeat("x", 200)); err == nil {
		t.Error("the name is too long")
	}
}

// BOLE_SOCKET is for both sides; without any, the usual places are tried in turn.
func TestFind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(SocketVariable, filepath.Join(dir, "own"))
	if _, err := Find(""); !errors.Is(err, ErrNotRunning) || err.Error() != "no bole is running here: there is no socket "+dir+"/own" {
		t.Errorf("%v", err)
	}
	leave(t, filepath.Join(dir, "own"))
	if _, err := Find(""); !errors.Is(err, ErrNotRunning) || err.Error() != "no bole is running here: nobody listens at "+dir+"/own any more" {
		t.Errorf("%v", err)
	}
	l, err := Listen(Place{Path: "/nowhere", Mode: 0o600, Group: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if c, err := Find(""); err != nil || c.Path != dir+"/own" {
		t.Errorf("%v", err)
	}
	if c, err := Find(dir + "/own"); err != nil || c.Path != dir+"/own" {
		t.Errorf("%v", err)
	}
	if _, err := Find(dir); err == nil || errors.Is(err, ErrNotRunning) && !errors.Is(err, unix.ECONNREFUSED) && !strings.Contains(err.Error(), dir) {
		t.Errorf("%v", err)
	}
}

// A directory in /tmp that somebody else has made, or may write to, is not used.
func TestOwned(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	if err := makeOwn(dir); err != nil {
		t.Error(err)
	}
	os.Chmod(dir, 0o777)
	if err := makeOwn(dir); err == nil {
		t.Error("others may write there")
	}
	os.Symlink(t.TempDir(), dir+"link")
	if err := makeOwn(dir + "link"); err == nil {
		t.Error("it is a link")
	}
	if owned(t.TempDir(), os.Geteuid()+1) {
		t.Error("it is another's")
	}
}
