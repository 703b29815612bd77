package oss

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/folder"
)

// maxHistory bounds how far stale listings can go back.
const maxHistory = 10_000

// bucket is a folder with the state of its files.
type bucket struct {
	name string
	dir  string // the objects
	own  string // the emulator's files: journal, versioning flag, tmp
	now  func() time.Time
	// stamp is the Last-Modified of what is written.
	stamp func() time.Time

	mu         sync.RWMutex
	versioning string // "", Enabled or Suspended
	objects    map[string]*object
	files      map[string]string // file → key
	journal    *journal
	history    []step
	pending    map[string]sighting // files that the API did not write
	uploads    map[string]*upload  // by id
	created    time.Time
}

// step is one change of a bucket, so that a listing can be undone to a past.
type step struct {
	at     time.Time
	key    string
	before *object // nil: the key was absent
}

type sighting struct {
	size int64
	time time.Time
}

func openBucket(root, name string, now, stamp func() time.Time) (*bucket, error) {
	b := &bucket{
		name: name, dir: filepath.Join(root, name), own: filepath.Join(root, ".oss", name), now: now, stamp: stamp,
		files: map[string]string{}, pending: map[string]sighting{}, uploads: map[string]*upload{},
	}
	if err := os.RemoveAll(filepath.Join(b.own, "tmp")); err != nil { // left by a killed process
		return nil, err
	}
	for _, dir := range []string{b.dir, filepath.Join(b.own, "tmp")} {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return nil, err
		}
	}
	flag, err := os.ReadFile(filepath.Join(b.own, "versioning"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if b.versioning = string(flag); !isVersioning(b.versioning) {
		return nil, folder.Unreadable(filepath.Join(b.own, "versioning"), fmt.Errorf("%q is not Enabled, Suspended or empty", flag))
	}
	if b.created, err = createdAt(b.own, now()); err != nil {
		return nil, err
	}
	if err := b.openUploads(); err != nil {
		return nil, err
	}
	b.journal, b.objects, err = openJournal(filepath.Join(b.own, "journal.jsonl"))
	if err != nil {
		return nil, err
	}
	for key, o := range b.objects {
		b.files[o.File] = key
	}
	return b, nil
}

func (b *bucket) setVersioning(status string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.versioning = status
	return folder.Write(filepath.Join(b.own, "versioning"), []byte(status))
}

func isVersioning(status string) bool {
	return status == "" || status == "Enabled" || status == "Suspended"
}

func (b *bucket) versioningStatus() string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.versioning
}

// get is nil for an absent key.
func (b *bucket) get(key string) *object {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.objects[key]
}

// read gives an object and its content as of one moment.
func (b *bucket) read(key string) (*object, []byte, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	o := b.objects[key]
	if o == nil {
		return nil, nil, fs.ErrNotExist
	}
	data, err := os.ReadFile(filepath.Join(b.dir, filepath.FromSlash(o.File)))
	if err == nil && int64(len(data)) != o.Size {
		err = fs.ErrNotExist // the file is being written: not uploaded yet
	}
	return o, data, err
}

// put makes o, whose content is in the file tmp, the object of its key.
// createOnly fails with fs.ErrExist if there is one, unless the bucket has ever
// had versioning: then OSS ignores the condition (documented for PutObject and
// its siblings).
func (b *bucket) put(o *object, tmp string, createOnly bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.objects[o.Key]
	createOnly = createOnly && b.versioning == ""
	if createOnly && before != nil {
		return fs.ErrExist
	}
	return b.place(o, tmp, before, createOnly)
}

// replace is put for a writer that read the object before: it fails with
// fs.ErrExist unless the object is still the one that the writer saw.
func (b *bucket) replace(o *object, tmp string, seen *object) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.objects[o.Key]
	if before != seen {
		return fs.ErrExist
	}
	return b.place(o, tmp, before, false)
}

func (b *bucket) place(o *object, tmp string, before *object, createOnly bool) error {
	o.LastModified = b.stamp()
	if before != nil {
		o.File = before.File
	} else {
		var err error
		if o.File, err = b.makeRoom(fileName(o.Key)); err != nil {
			return err
		}
	}
	path := filepath.Join(b.dir, filepath.FromSlash(o.File))
	if createOnly {
		// Unlike a rename, a link never replaces: not even a file that was copied
		// in and has not been noticed yet.
		if err := os.Link(tmp, path); err != nil {
			return err
		}
	} else if err := os.Rename(tmp, path); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	o.FileTime = info.ModTime()
	return b.know(o)
}

// know stores o as the object of its key.
func (b *bucket) know(o *object) error {
	if err := b.journal.add(o); err != nil {
		return err
	}
	b.remember(o.Key)
	b.objects[o.Key] = o
	b.files[o.File] = o.Key
	delete(b.pending, o.File)
	return nil
}

// edit changes what is known of an object, without a new Last-Modified or an event.
func (b *bucket) edit(key string, change func(*object)) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := b.objects[key]
	if o == nil {
		return fs.ErrNotExist
	}
	changed := *o
	change(&changed)
	return b.know(&changed)
}

func (b *bucket) remember(key string) {
	if len(b.history) >= maxHistory {
		b.history = slices.Delete(b.history, 0, maxHistory/10)
	}
	b.history = append(b.history, step{at: b.now(), key: key, before: b.objects[key]})
}

// delete removes an object if there is one.
func (b *bucket) delete(key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := b.objects[key]
	if o == nil {
		return nil
	}
	err := os.Remove(filepath.Join(b.dir, filepath.FromSlash(o.File)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return b.forget(o)
}

func (b *bucket) forget(o *object) error {
	if err := b.journal.add(&object{Key: o.Key, Deleted: true}); err != nil {
		return err
	}
	b.remember(o.Key)
	delete(b.objects, o.Key)
	delete(b.files, o.File)
	return nil
}

// makeRoom makes the folders for a new file and returns a free name for it: a
// name is a file or a folder, a key may be both.
func (b *bucket) makeRoom(name string) (string, error) {
	elements := strings.Split(name, "/")
	for i := 1; i < len(elements); i++ {
		parent := strings.Join(elements[:i], "/")
		path := filepath.Join(b.dir, filepath.FromSlash(parent))
		info, err := os.Lstat(path)
		if err == nil && !info.IsDir() {
			if err := b.rename(parent, parent+blankMark); err != nil {
				return "", err
			}
		}
		if err := os.Mkdir(path, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", err
		}
	}
	path := filepath.Join(b.dir, filepath.FromSlash(name))
	if info, err := os.Lstat(path); err != nil || !info.IsDir() {
		return name, nil //nolint:nilerr // the name is free
	}
	if err := os.Remove(path); err != nil {
		return name + blankMark, nil //nolint:nilerr // the folder is in use
	}
	return name, nil
}

// rename renames a file whose name a folder needs.
func (b *bucket) rename(from, to string) error {
	err := os.Rename(filepath.Join(b.dir, filepath.FromSlash(from)), filepath.Join(b.dir, filepath.FromSlash(to)))
	if err != nil {
		return fmt.Errorf("make room: %w", err)
	}
	key, known := b.files[from]
	if !known {
		return nil
	}
	moved := *b.objects[key]
	moved.File = to
	delete(b.files, from)
	b.files[to] = key
	b.objects[key] = &moved
	return b.journal.add(&moved)
}
