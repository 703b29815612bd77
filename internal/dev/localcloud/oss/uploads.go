package oss

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/folder"
)

// upload is a multipart upload that is not ended: a folder with the file upload.json,
// which is this type, and a file for each part, named by its number. Fields may be
// added, never renamed.
type upload struct {
	ID         string    `json:"id"`
	Initiated  time.Time `json:"initiated"`
	Object     *object   `json:"object"` // what it will be, without its content
	CreateOnly bool      `json:"createOnly,omitempty"`

	dir   string
	parts map[int]part
}

type part struct {
	number   int
	file     string
	eTag     string
	size     int64
	crc      uint64
	modified time.Time
}

const uploadFile = "upload.json"

func (b *bucket) uploadsDir() string { return filepath.Join(b.own, "uploads") }

func (b *bucket) beginUpload(o *object, createOnly bool, now time.Time) (*upload, error) {
	u := &upload{ID: newRequestID() + newRequestID()[:8], Initiated: now, Object: o, CreateOnly: createOnly, parts: map[int]part{}}
	u.dir = filepath.Join(b.uploadsDir(), u.ID)
	text, err := json.Marshal(u)
	if err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp(filepath.Join(b.own, "tmp"), "upload-*")
	if err != nil {
		return nil, err
	}
	err = errors.Join(os.WriteFile(filepath.Join(temp, uploadFile), text, 0o600), os.MkdirAll(b.uploadsDir(), 0o750))
	if err == nil {
		err = os.Rename(temp, u.dir) // whole at once
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(temp))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.uploads[u.ID] = u
	return u, nil
}

// openUploads reads the uploads that an earlier run left.
func (b *bucket) openUploads() error {
	found, err := os.ReadDir(b.uploadsDir())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, d := range found {
		u, err := readUpload(filepath.Join(b.uploadsDir(), d.Name()))
		if err != nil {
			return err
		}
		b.uploads[u.ID] = u
	}
	return nil
}

func readUpload(dir string) (*upload, error) {
	path := filepath.Join(dir, uploadFile)
	text, err := os.ReadFile(path) //nolint:gosec // below the directory given to New
	if err != nil {
		return nil, folder.Unreadable(path, err)
	}
	u := &upload{dir: dir, parts: map[int]part{}}
	if err := json.Unmarshal(text, u); err != nil {
		return nil, folder.Unreadable(path, err)
	}
	if u.Object == nil || u.ID != filepath.Base(dir) {
		return nil, folder.Unreadable(path, fmt.Errorf("it is not of the upload %s", filepath.Base(dir)))
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		n, err := strconv.Atoi(f.Name())
		if err != nil {
			continue // upload.json
		}
		data, err := os.ReadFile(filepath.Join(dir, f.Name())) //nolint:gosec // see above
		if err != nil {
			return nil, err
		}
		info, err := f.Info()
		if err != nil {
			return nil, err
		}
		u.parts[n] = newPart(u, n, data, info.ModTime().UTC())
	}
	return u, nil
}

func newPart(u *upload, n int, data []byte, at time.Time) part {
	o := newObject("", data)
	return part{n, filepath.Join(u.dir, strconv.Itoa(n)), o.ETag, o.Size, o.CRC, at}
}

// addPart adds a part, or replaces the one with its number; nil if the upload has ended.
func (b *bucket) addPart(u *upload, n int, data []byte, now time.Time) (*part, error) {
	temp, err := b.stage(data)
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(temp) }() // gone already after a rename
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.uploads[u.ID] == nil {
		return nil, nil //nolint:nilnil // documented
	}
	p := newPart(u, n, data, now)
	if err := os.Rename(temp, p.file); err != nil {
		return nil, err
	}
	u.parts[n] = p
	return &p, nil
}

// upload is nil for one that does not exist.
func (b *bucket) upload(id string) *upload {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.uploads[id]
}

// partsOf are the parts by number.
func (b *bucket) partsOf(u *upload) []part {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.SortedFunc(maps.Values(u.parts), func(x, y part) int { return cmp.Compare(x.number, y.number) })
}

// listUploads are the uploads by key, then by id.
func (b *bucket) listUploads() []*upload {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.SortedFunc(maps.Values(b.uploads), func(x, y *upload) int {
		return cmp.Or(cmp.Compare(x.Object.Key, y.Object.Key), cmp.Compare(x.ID, y.ID))
	})
}

// takeUpload ends an upload; false if another request has done so.
func (b *bucket) takeUpload(u *upload) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, ok := b.uploads[u.ID]
	delete(b.uploads, u.ID)
	return ok
}

// returnUpload is for an upload that was taken and could not be completed.
func (b *bucket) returnUpload(u *upload) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.uploads[u.ID] = u
}
