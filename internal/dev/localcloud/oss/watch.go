package oss

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// watch scans the folders until Close. It polls: polling has no limit on the
// number of folders, works on every file system, and debounces.
func (e *Emulator) watch() {
	ticker := time.NewTicker(e.opts.Watch)
	defer ticker.Stop()
	for {
		select {
		case <-e.quit:
			return
		case <-ticker.C:
		}
		if err := e.Scan(); err != nil {
			e.log.Warn("look for copied files", "error", err)
		}
	}
}

// Scan looks once for files that the API did not write. A file is uploaded when
// two consecutive scans found it the same.
func (e *Emulator) Scan() error {
	var errs []error
	for _, b := range e.all() {
		if err := e.scanBucket(b); err != nil {
			errs = append(errs, fmt.Errorf("bucket %s: %w", b.name, err))
		}
	}
	return errors.Join(errs...)
}

func (e *Emulator) scanBucket(b *bucket) error {
	found := map[string]sighting{}
	err := filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // gone since
		case err != nil:
			return err
		case path == b.dir:
			return nil
		case isIgnored(d.Name()) && d.IsDir():
			return fs.SkipDir
		case isIgnored(d.Name()), !d.Type().IsRegular():
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil //nolint:nilerr // gone since
		}
		file, err := filepath.Rel(b.dir, path)
		found[filepath.ToSlash(file)] = sighting{size: info.Size(), time: info.ModTime()}
		return err
	})
	if err != nil {
		return err
	}
	ready, err := b.compare(found)
	for _, file := range ready {
		err = errors.Join(err, e.takeIn(b, file))
	}
	return err
}

// compare removes objects whose files are gone, and returns the files to take in.
func (b *bucket) compare(found map[string]sighting) ([]string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for file, key := range b.files {
		if _, ok := found[file]; ok {
			continue
		}
		// Written since the walk, or gone.
		if _, err := os.Lstat(filepath.Join(b.dir, filepath.FromSlash(file))); err != nil {
			if err := b.forget(b.objects[key]); err != nil {
				return nil, err
			}
		}
	}
	var ready []string
	pending := map[string]sighting{}
	for file, s := range found {
		if b.isKnown(file, s) {
			continue
		}
		if before, ok := b.pending[file]; ok && before.size == s.size && before.time.Equal(s.time) {
			ready = append(ready, file)
		}
		pending[file] = s
	}
	b.pending = pending
	return ready, nil
}

func (b *bucket) isKnown(file string, s sighting) bool {
	key, ok := b.files[file]
	if !ok {
		// Another file is the object of the same key: that one stays.
		o := b.objects[keyOf(file)]
		return o != nil && o.File != file
	}
	o := b.objects[key]
	return o.Size == s.size && o.FileTime.Equal(s.time)
}

// takeIn makes a file that was copied in the object of its key.
func (e *Emulator) takeIn(b *bucket, file string) error {
	path := filepath.Join(b.dir, filepath.FromSlash(file))
	info, err := os.Stat(path)
	if err != nil {
		return ignoreGone(err)
	}
	data, err := os.ReadFile(path) //nolint:gosec // found below the bucket's folder
	if err != nil {
		return ignoreGone(err)
	}
	o := newObject(keyOf(file), data)
	o.File, o.FileTime = file, info.ModTime()
	size, taken, err := b.takeIn(o, path)
	if err != nil || !taken {
		return err
	}
	e.notify(PutObjectEvent, b, o, size, LocalFile, newRequestID(), "127.0.0.1")
	return nil
}

// takeIn reports whether o, read from path, is the object now, and the size of
// the one before.
func (b *bucket) takeIn(o *object, path string) (int64, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	info, err := os.Stat(path)
	if err != nil {
		return 0, false, ignoreGone(err)
	}
	now := sighting{size: info.Size(), time: info.ModTime()}
	if now.size != o.Size || !now.time.Equal(o.FileTime) || b.isKnown(o.File, now) {
		return 0, false, nil // written since it was read, by a person or by the API
	}
	var size int64
	if before := b.objects[o.Key]; before != nil {
		size = before.Size
	}
	o.LastModified = b.now()
	return size, true, b.know(o)
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
