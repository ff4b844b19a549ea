package supervise

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"bole/tree"
	"bole/tree/engine"
	"bole/tree/procattr"
	"bole/tree/process"
)

// directories makes those that a service needs, before the first command of a start.
func (s *spawner) directories(svc *tree.Service, role engine.Role, c *process.Command) error {
	if len(svc.Directories) == 0 || role != engine.First(svc) {
		return nil
	}
	root, err := os.OpenRoot(cmp.Or(svc.Attr.Chroot, "/"))
	if err != nil {
		return fmt.Errorf("create-directories: %w", reason(err))
	}
	defer root.Close()
	for _, dir := range svc.Directories {
		if err := makeDirectory(root, svc, &dir, c.User); err != nil {
			return fmt.Errorf("create-directories: %s: %w", dir.Path, reason(err))
		}
	}
	return nil
}

// makeDirectory makes one, with all above it, and gives it its mode and owner. A
// symbolic link in its place is not followed: whoever may write above it could lead
// bole anywhere.
func makeDirectory(root *os.Root, svc *tree.Service, dir *tree.NewDirectory, user *procattr.Credential) error {
	path := strings.TrimPrefix(filepath.Clean(dir.Path), "/")
	if err := root.MkdirAll(path, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	f, err := root.OpenFile(path, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	uid, gid, err := owner(svc, dir, user)
	if err != nil {
		return err
	}
	if err := settle(f, uid, gid); err != nil {
		return err
	}
	return unix.Fchmod(int(f.Fd()), uint32(dir.Mode)) // after the owner: that change drops set-uid bits
}

// owner is whom the definition names, or else who runs the service.
func owner(svc *tree.Service, dir *tree.NewDirectory, user *procattr.Credential) (uid, gid int, err error) {
	own := procattr.OwnCredential()
	if user != nil {
		own = *user
	}
	if dir.User == "" && dir.Group == "" {
		return int(own.UID), int(own.GID), nil
	}
	a, err := procattr.LookupUser(svc.Attr.Chroot, dir.User, dir.Group, nil)
	if err != nil {
		return 0, 0, err
	}
	if dir.User == "" {
		a.UID = own.UID
	}
	return int(a.UID), int(a.GID), nil
}

// settle changes the owner, unless it is the one already: then an ordinary user need
// not be allowed to.
func settle(f *os.File, uid, gid int) error {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err == nil && int(st.Uid) == uid && int(st.Gid) == gid {
		return nil
	}
	return f.Chown(uid, gid)
}
