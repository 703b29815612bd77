package folder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// version is that of the form of the folder. Names and meanings never change within a
// version.
const version = 1

// names are what a local cloud keeps; everything else in a folder is not its own.
const (
	markName = "state.json" // the version
	lockName = "lock"
	objects  = "oss" // of package oss
	servers  = "vpc.json"
)

// Folder is a folder in use. Make one with Open.
type Folder struct {
	dir  string
	lock *os.File
}

type mark struct {
	Version int `json:"version"`
}

// Open begins to use a folder, which is made if it does not exist. fresh removes the
// objects and the servers that are in it; other files, such as the secret, stay.
func Open(dir string, fresh bool) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	f := &Folder{dir: dir}
	var err error
	if f.lock, err = os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600); err != nil { //nolint:gosec // a folder of the caller's
		return nil, err
	}
	if err := lockFile(f.lock); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", dir, ErrInUse), f.lock.Close())
	}
	if fresh {
		err = f.clear()
	}
	if err == nil {
		err = f.tidy()
	}
	if err == nil {
		err = f.check()
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Servers is the path of the file of the VPC API's emulator.
func (f *Folder) Servers() string { return filepath.Join(f.dir, servers) }

// Objects is the path of the folder of the OSS emulator.
func (f *Folder) Objects() string { return filepath.Join(f.dir, objects) }

func (f *Folder) clear() error {
	errs := make([]error, 0, 3)
	for _, name := range []string{objects, servers, markName} {
		errs = append(errs, os.RemoveAll(filepath.Join(f.dir, name)))
	}
	return errors.Join(errs...)
}

// tidy removes what a process left that was killed while it wrote.
func (f *Folder) tidy() error {
	var errs []error
	for _, name := range []string{servers, markName} {
		left, err := filepath.Glob(filepath.Join(f.dir, name+"-[0-9]*"))
		errs = append(errs, err)
		for _, path := range left {
			errs = append(errs, os.Remove(path))
		}
	}
	return errors.Join(errs...)
}

// check reads the mark, or makes it: the form of a folder without one is that of
// version 1.
func (f *Folder) check() error {
	path := filepath.Join(f.dir, markName)
	data, err := os.ReadFile(path) //nolint:gosec // a folder of the caller's
	if errors.Is(err, fs.ErrNotExist) {
		return Write(path, fmt.Appendf(nil, "{\"version\": %d}\n", version))
	}
	if err != nil {
		return err
	}
	var m mark
	err = json.Unmarshal(data, &m)
	switch {
	case err != nil:
		return Unreadable(path, err)
	case m.Version < 1:
		return Unreadable(path, errors.New("it has no version"))
	case m.Version > version:
		return Unreadable(path, fmt.Errorf("it has version %d, and this program reads up to %d", m.Version, version))
	}
	return nil
}

// ErrInUse says that another local cloud uses the folder.
var ErrInUse = errors.New("the folder is in use by another local cloud")

// UnreadableError says which file of the state is damaged, or was written by a newer
// program. Starting anew is a way out.
type UnreadableError struct {
	Path string
	Err  error
}

func (e *UnreadableError) Error() string {
	return fmt.Sprintf("the state of the local cloud cannot be read: %s: %v", e.Path, e.Err)
}

// Unwrap is the cause.
func (e *UnreadableError) Unwrap() error { return e.Err }

// Unreadable makes an *UnreadableError.
func Unreadable(path string, err error) error { return &UnreadableError{Path: path, Err: err} }

// Write replaces a file whole: a process that is killed leaves the old one or the new.
func Write(path string, data []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = temp.Write(data)
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return nil
}

// Close ends the use of the folder.
func (f *Folder) Close() error { return errors.Join(unlockFile(f.lock), f.lock.Close()) }
