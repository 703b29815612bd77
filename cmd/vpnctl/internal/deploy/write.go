package deploy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Create writes a new file that its owner alone can read. It is complete or not there.
// An existing file, or a link of that name, is never replaced.
func Create(path string, data []byte) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s exists, and may have the only copy of secrets: edit it, or move it away", path)
	}
	temporary, err := temporary(path, data)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary) }()
	err = os.Link(temporary, path)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s exists: another \"vpnctl init\" has just created it", path)
	case err != nil: // not every file system has links
		return exclusively(path, data)
	}
	return nil
}

// exclusively writes a file that does not exist.
func exclusively(path string, data []byte) error {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = out.Write(data)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// replace writes a file that its owner alone can read in the place of an older one.
// A link is refused: the rename would replace it, and not what it points to.
func replace(path string, data []byte) error {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is a link, or no regular file: give the file itself", path)
	}
	temporary, err := temporary(path, data)
	if err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return nil
}

// temporary writes a new file beside path, whose name git ignores as that of path. It
// has the mode 0600 from the beginning.
func temporary(path string, data []byte) (string, error) {
	out, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return "", err
	}
	_, err = out.Write(data)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("%s is not written: %w", path, err), os.Remove(out.Name()))
	}
	return out.Name(), nil
}

// locked runs change while no other change of the file runs.
func locked(path string, change func() error) error {
	lock := path + ".lock"
	held, err := os.OpenFile(lock, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is being changed by another command: wait for it, or delete %s if none runs", path, lock)
	}
	if err != nil {
		return err
	}
	return errors.Join(held.Close(), change(), os.Remove(lock))
}
