package record

import (
	"bytes"
	"encoding/json"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// whose says of an object at the key of a change's record whether it is the record.
type whose int

const (
	itsOwn  whose = iota // the record, whole
	foreign              // certainly not the record
	unclear              // perhaps the record, damaged
)

// lacksEntry reports whether a record is of a change whose queue entry could not be
// read: it has no identity, no origin and no settings, because the entry has them.
func (r Record) lacksEntry() bool {
	return r.Identity == "" && r.Origin.Kind == "" && r.ServerID != "" && r.Requested != nil && len(r.Requested) == 0 &&
		r.Attempts != nil && !r.StartedAt.IsZero()
}

// judge decides whose an object at the key of a change's record is: the identity
// in it decides, and never its key. A record that is cut off must not count as a
// foreign object, because its change would be applied again.
func judge(key, id, identity string, data []byte) (Record, whose) {
	if !json.Valid(data) {
		if begin := bytes.TrimSpace(data); len(begin) == 0 || begin[0] == '{' {
			return Record{}, unclear
		}
		return Record{}, foreign
	}
	rec, err := decodeRecord(key, id, data)
	if err == nil && rec.lacksEntry() {
		return rec, itsOwn
	}
	var its struct {
		Identity string `json:"identity"`
	}
	bad := json.Unmarshal(data, &its)
	switch {
	case bad == nil && isOf(id, identity, its.Identity):
	case err != nil && damagedWithoutEntry(id, data):
		return Record{}, unclear
	default:
		return Record{}, foreign
	}
	if err != nil {
		return Record{}, unclear
	}
	return rec, itsOwn
}

// damagedWithoutEntry reports whether an object that is no record may be what is left of one
// of a change whose queue entry could not be read: that has no identity to be known by.
func damagedWithoutEntry(id string, data []byte) bool {
	var s storedRecord
	return json.Unmarshal(data, &s) == nil && (s.ID == id || s.ID == "") && s.record().lacksEntry()
}

// isOf reports whether an identity is the wanted one or, when none is wanted, one
// that the id is made from.
func isOf(id, want, identity string) bool {
	if want != "" {
		return identity == want
	}
	return change.Identifies(id, identity)
}
