package index

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// The stored forms. Fields may be added; a name, a type or a meaning never changes.
// testdata/stored has samples.

// storedRow is the stored form of a Row in a key, which has the id and the end beside it.
// Its names are short: a key has little room. Times are in Unix milliseconds.
type storedRow struct {
	Status   change.Status      `json:"s"`
	Region   string             `json:"r,omitempty"`
	Server   string             `json:"v,omitempty"`
	Door     change.OriginKind  `json:"d,omitempty"`
	Actor    string             `json:"a,omitempty"`
	Person   string             `json:"p,omitempty"`
	Machine  bool               `json:"as,omitempty"` // Assistant
	Approved []string           `json:"ok,omitempty"`
	Changed  []storedDifference `json:"c,omitempty"`
	More     int                `json:"m,omitempty"`
	Accepted int64              `json:"ac,omitempty"`
	Due      int64              `json:"du,omitempty"`
	Undo     string             `json:"u,omitempty"`
	UndoBy   int64              `json:"ub,omitempty"`
	Undoes   string             `json:"un,omitempty"`
	Code     string             `json:"e,omitempty"`
}

type storedDifference struct {
	Field change.Field `json:"f"`
	From  change.Value `json:"o"`
	To    change.Value `json:"n"`
}

// listedRow is the stored form of a Row in a part.
type listedRow struct {
	ID    string `json:"id"`
	Ended int64  `json:"at"`

	storedRow
}

const partSchema = "sslvpn-change/index/v1"

// storedPart is the stored form of a part.
type storedPart struct {
	Schema string      `json:"schema"`
	Rows   []listedRow `json:"rows"`
}

func (r Row) stored() storedRow {
	s := storedRow{
		Status: r.Status, Region: r.RegionID, Server: r.ServerID, Door: r.Door, Actor: r.Actor,
		Person: r.Person, Machine: r.Assistant, Approved: r.ApprovedBy, More: r.More, Accepted: ms(r.AcceptedAt), Due: ms(r.DueAt),
		Undo: r.Undo, UndoBy: ms(r.UndoBy), Undoes: r.Undoes, Code: r.Code,
	}
	for _, d := range r.Changed {
		s.Changed = append(s.Changed, storedDifference(d))
	}
	return s
}

func (s storedRow) row(id string, ended time.Time) Row {
	r := Row{
		ID: id, EndedAt: ended.UTC(), Status: s.Status, Target: change.Target{RegionID: s.Region, ServerID: s.Server},
		Door: s.Door, Actor: s.Actor, Person: s.Person, Assistant: s.Machine, ApprovedBy: s.Approved, More: s.More, AcceptedAt: at(s.Accepted), DueAt: at(s.Due),
		Undo: s.Undo, UndoBy: at(s.UndoBy), Undoes: s.Undoes, Code: s.Code,
	}
	for _, d := range s.Changed {
		r.Changed = append(r.Changed, change.Difference(d))
	}
	return r
}

// ms is a time as it is stored; 0 stands for none.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// text is the row as its key has it, without the id and the end.
func (r Row) text() string {
	data, err := json.Marshal(r.stored())
	if err != nil { // cannot happen: texts and numbers only
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

func (r Row) fits() bool { return len(r.text()) <= objects.MaxRowText }

// key is the key of the row. Every key that it gives is read by rowOf.
func (r Row) key() string { return objects.RowKey(r.EndedAt, r.ID, r.text()) }

// rowOf reads a row out of its key; ok is false for a foreign object.
func rowOf(key string) (r Row, ok bool) {
	ended, id, text, ok := objects.ParseRowKey(key)
	if !ok {
		return Row{}, false
	}
	data, err := base64.RawURLEncoding.DecodeString(text)
	var s storedRow
	if err != nil || json.Unmarshal(data, &s) != nil || !s.Status.Final() {
		return Row{}, false
	}
	return s.row(id, ended), true
}

// encodePart is the content of a part.
func encodePart(rows []Row) ([]byte, error) {
	p := storedPart{Schema: partSchema, Rows: make([]listedRow, 0, len(rows))}
	for _, r := range rows {
		p.Rows = append(p.Rows, listedRow{r.ID, r.EndedAt.UnixMilli(), r.stored()})
	}
	return json.Marshal(p)
}

// decodePart reads a part. Data that is not the whole part of this key is an error.
func decodePart(key string, part objects.Part, data []byte) ([]Row, error) {
	var p storedPart
	if err := json.Unmarshal(data, &p); err != nil || p.Schema != partSchema || len(p.Rows) != part.Rows || objects.HashOf(data) != part.Hash {
		return nil, fmt.Errorf("%s is not the part of the index that its key says (schema %q, %d rows)", key, p.Schema, len(p.Rows))
	}
	rows := make([]Row, 0, len(p.Rows))
	for _, s := range p.Rows {
		if _, _, _, ok := change.ParseID(s.ID); !ok || !s.Status.Final() {
			return nil, fmt.Errorf("%s has a row of %.60q with status %.20q", key, s.ID, s.Status)
		}
		rows = append(rows, s.row(s.ID, time.UnixMilli(s.Ended)))
	}
	return rows, nil
}
