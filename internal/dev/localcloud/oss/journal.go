package oss

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/folder"
)

// object is everything about an object but its content. A line of the journal is
// one object; fields may be added, never renamed. In a bucket an object is never
// changed, only replaced.
type object struct {
	Key          string            `json:"key"`
	File         string            `json:"file"` // below the bucket's folder
	Size         int64             `json:"size"`
	FileTime     time.Time         `json:"fileTime"` // to notice changes by others
	LastModified time.Time         `json:"lastModified"`
	ETag         string            `json:"eTag"`
	CRC          uint64            `json:"crc"`
	Type         string            `json:"type"` // Normal, Appendable, Multipart
	ContentType  string            `json:"contentType,omitempty"`
	Meta         map[string]string `json:"meta,omitempty"`    // x-oss-meta-…, lower case
	Class        string            `json:"class,omitempty"`   // the storage class; "" for Standard
	Headers      map[string]string `json:"headers,omitempty"` // Cache-Control and the like
	Tags         []tag             `json:"tags,omitempty"`
	Deleted      bool              `json:"deleted,omitempty"`
}

// journal is an append-only file of object states, the last one of a key
// counting. Lines reach the page cache before a request is answered, so the
// emulator may be killed at any time; a power failure may lose them.
type journal struct{ file *os.File }

// openJournal reads a journal and rewrites it without outdated lines.
func openJournal(path string) (*journal, map[string]*object, error) {
	objects := map[string]*object{}
	old, err := os.ReadFile(path) //nolint:gosec // below the directory given to New
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	lines := bytes.SplitAfter(old, []byte("\n"))
	for n, line := range lines {
		if !bytes.HasSuffix(line, []byte("\n")) {
			continue // a last line that a kill truncated: its file counts as a local upload
		}
		o := &object{}
		if err := json.Unmarshal(line, o); err != nil {
			return nil, nil, folder.Unreadable(path, fmt.Errorf("line %d: %w", n+1, err))
		}
		if o.Deleted {
			delete(objects, o.Key)
		} else {
			objects[o.Key] = o
		}
	}
	fresh, err := os.CreateTemp(filepath.Dir(path), "journal-*")
	if err != nil {
		return nil, nil, err
	}
	j := &journal{file: fresh}
	for _, o := range objects {
		if err := j.add(o); err != nil {
			return nil, nil, errors.Join(err, fresh.Close())
		}
	}
	if err := os.Rename(fresh.Name(), path); err != nil {
		return nil, nil, errors.Join(err, fresh.Close())
	}
	return j, objects, nil
}

func (j *journal) add(o *object) error {
	line, err := json.Marshal(o)
	if err != nil {
		return err
	}
	_, err = j.file.Write(append(line, '\n'))
	return err
}

func (j *journal) close() error { return j.file.Close() }
