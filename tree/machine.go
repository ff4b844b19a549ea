package tree

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"bole/tree/accounts"
	"bole/tree/procattr"
)

// warnMachine says what this machine lacks of what a service names. Something that
// runs earlier may still make it, so it is no error.
func (d *definition) warnMachine() {
	d.warnDirectory("chroot", d.Attr.Chroot, statHere)
	d.warnDirectory("directory", d.Directory, d.stat)
	if d.Attr.Terminal != "" {
		if _, err := os.Stat(d.Attr.Terminal); err != nil {
			d.warn("tty", "", "there is no terminal %s on this machine", d.Attr.Terminal)
		}
	}
	key := "command"
	if d.Kind == Oneshot {
		key = "up"
	}
	d.warnProgram(key, d.Command[0])
	for _, other := range []struct {
		key  string
		argv []string
	}{{"down", d.Down}, {"only-if", d.OnlyIf}, {"prepare", d.Prepare}, {"stop-command", d.StopCommand}, {"reload", d.Reload.Command}, {"ready", d.Ready.argv()}, {"health", d.Health.argv()}, {"finish", d.Finish}} {
		if other.argv != nil {
			d.warnProgram(other.key, other.argv[0])
		}
	}
	d.warnAccount()
	d.warnAttributes()
}

// warnAttributes says what bole could not give here; most of that needs root.
func (d *definition) warnAttributes() {
	for _, f := range d.Attr.Check() {
		key, part, _ := strings.Cut(f.Key, ".")
		e := d.keys.get(key)
		v := newValue(d, e)
		if part != "" {
			v, _ = v.field(part)
		}
		d.warnAt(v.in, v.at, key, "", "%s", f.Reason)
	}
}

// A stat finds a file as somebody sees it.
type stat func(path string) (os.FileInfo, error)

func statHere(path string) (os.FileInfo, error) { return os.Stat(path) }

// stat finds a file as the service will see it, in its own root directory. Symbolic
// links of that which are absolute are not followed, and count as there.
func (d *definition) stat(path string) (os.FileInfo, error) {
	if d.Attr.Chroot == "" {
		return os.Stat(path)
	}
	root, err := os.OpenRoot(d.Attr.Chroot)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Stat(strings.TrimPrefix(filepath.Clean("/"+path), "/"))
}

func (d *definition) warnDirectory(key, path string, look stat) {
	if path == "" {
		return
	}
	if info, err := look(path); errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		d.warn(key, "", "there is no directory %s on this machine", path)
	}
}

// warnProgram looks for a program as the start will: in the PATH of the service's
// own environment, from its own directory.
func (d *definition) warnProgram(key, program string) {
	if strings.Contains(program, "/") {
		if !filepath.IsAbs(program) {
			program = filepath.Join(d.Directory, program)
		}
		if info, err := d.stat(program); errors.Is(err, fs.ErrNotExist) {
			d.warn(key, "", "there is no program %s on this machine", program)
		} else if err != nil {
			return // nobody knows
		} else if info.IsDir() {
			d.warn(key, "", "%s is a directory, not a program", program)
		} else if info.Mode()&0o111 == 0 {
			d.warn(key, "chmod +x would make it a program", "%s is not executable", program)
		}
		return
	}
	path, ok := d.environ.lookup("PATH")
	if !ok || path == "" {
		path = procattr.DefaultPath
	}
	for _, dir := range filepath.SplitList(path) {
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(d.Directory, dir)
		}
		if info, err := d.stat(filepath.Join(dir, program)); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return
		}
	}
	d.warn(key, "", "there is no program %s in the service's PATH (%s)", program, path)
}

func (d *definition) warnAccount() {
	if d.User != "" {
		u, exists := d.accounts().User(d.User)
		uid, numeric := accounts.Number(d.User)
		if exists {
			uid = u.UID
		}
		switch {
		case !exists && !numeric:
			d.warn("user", "", "there is no user %s on this machine", d.User)
		case os.Geteuid() != 0 && int(uid) != os.Geteuid():
			d.warn("user", "only root may become another user", "bole would not be allowed to become %s", d.User)
		}
	}
	if d.Groups != nil && os.Geteuid() != 0 {
		d.warn("groups", "only root may set groups", "bole would not be allowed to set its groups")
	}
	d.warnGroup("group", d.Group)
	for _, g := range d.Groups {
		d.warnGroup("groups", g)
	}
}

func (d *definition) warnGroup(key, group string) {
	if group == "" {
		return
	}
	if _, ok := d.accounts().Group(group); !ok {
		d.warn(key, "", "there is no group %s on this machine", group)
	}
}
