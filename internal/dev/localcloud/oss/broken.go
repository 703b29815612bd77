package oss

import (
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Broken says which promises of OSS the emulator breaks, for tests of what notices it.
// The zero value breaks none. Faults disturb single requests; these change how the
// service works.
type Broken struct {
	Overwrites bool          `json:"overwrites,omitempty"`  // x-oss-forbid-overwrite has no effect
	LateReads  time.Duration `json:"lateReadsNs,omitempty"` // a new object cannot be read for so long
	LatePrefix string        `json:"latePrefix,omitempty"`  // of the keys of LateReads
	Unsorted   bool          `json:"unsorted,omitempty"`    // the entries of a page of a listing come last to first
	Restarts   bool          `json:"restarts,omitempty"`    // a listing begins at its start, whatever it should begin after
	Stamps     time.Duration `json:"stampsNs,omitempty"`    // how far the Last-Modified of new objects is ahead of Date
	DateTurns  bool          `json:"dateTurns,omitempty"`   // Date runs backward: each second answer is five seconds old
	Verbatim   bool          `json:"verbatim,omitempty"`    // Content-MD5 is not checked
}

// Break changes which promises are broken from now on.
func (e *Emulator) Break(change func(*Broken)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change(&e.broken)
}

func (e *Emulator) breaks() Broken {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.broken
}

// stamp is the Last-Modified of what is written now.
func (e *Emulator) stamp() time.Time { return e.Now().Add(e.breaks().Stamps) }

// date is the Date of an answer to a request.
func (e *Emulator) date(seq int64) string {
	now := e.Now()
	if e.breaks().DateTurns && seq%2 == 0 {
		now = now.Add(-5 * time.Second)
	}
	return now.Format(http.TimeFormat)
}

// hidden reports whether an object cannot be read yet.
func (e *Emulator) hidden(b *bucket, key string) error {
	broken := e.breaks()
	if broken.LateReads == 0 || !strings.HasPrefix(key, broken.LatePrefix) {
		return nil
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, s := range slices.Backward(b.history) {
		if s.key == key {
			if s.before == nil && e.Now().Sub(s.at) < broken.LateReads {
				return fs.ErrNotExist
			}
			return nil
		}
	}
	return nil
}

// disorder spoils a page of a listing.
func (b Broken) disorder(l *listResult) {
	if b.Unsorted {
		slices.Reverse(l.Contents)
	}
}
