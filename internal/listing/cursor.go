package listing

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// Place is where a page begins. The zero Place is the beginning of the list.
type Place struct {
	Waiting string    // behind this key of the queue
	EndedAt time.Time // or behind this row of the index; whole milliseconds
	ID      string
}

// Ended is the place before all changes that ended.
func Ended() Place { return Place{EndedAt: time.UnixMilli(lastMilli).UTC()} }

// InWaiting reports whether the place is among the changes that wait.
func (p Place) InWaiting() bool { return p.EndedAt.IsZero() }

// cursor is the form of a cursor. It has no secrets: a page has only what the sender may
// read, wherever it begins.
type cursor struct {
	Version int    `json:"v"`
	Query   []byte `json:"q"` // a hash of the other parameters
	Key     string `json:"k,omitempty"`
	At      int64  `json:"t,omitempty"` // in milliseconds
	ID      string `json:"i,omitempty"`
}

const cursorVersion = 1

// maxCursor bounds the text of a cursor: a key has at most 1023 bytes.
const maxCursor = 2000

// Next is the cursor of the page of this query that begins at a place.
func (q Query) Next(p Place) string {
	c := cursor{Version: cursorVersion, Query: q.hash(), Key: p.Waiting}
	if !p.InWaiting() {
		c.At, c.ID, c.Key = p.EndedAt.UnixMilli(), p.ID, ""
	}
	data, err := json.Marshal(c)
	if err != nil { // cannot happen: texts and numbers only
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

// Place reads the query's cursor.
func (q Query) Place() (Place, *change.Problem) { return q.place(true) }

// place reads the query's cursor. Without the other parameters it is not compared with
// them.
func (q Query) place(compare bool) (Place, *change.Problem) {
	if q.Cursor == "" {
		return Place{}, nil
	}
	var c cursor
	data, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil || len(q.Cursor) > maxCursor || json.Unmarshal(data, &c) != nil || !c.valid() {
		return Place{}, &change.Problem{
			Path: paramCursor, Rule: RuleCursor, Message: "the cursor is not one that a page of the list gave",
			Hint: "copy next of the page before, or leave the cursor out for the first page",
		}
	}
	if compare && !slices.Equal(c.Query, q.hash()) {
		return Place{}, &change.Problem{
			Path: paramCursor, Rule: RuleCursor, Message: "the cursor is one of another query",
			Hint: "repeat status, server, by, since and until as they were, or leave the cursor out for the first page",
		}
	}
	if c.Key != "" {
		return Place{Waiting: c.Key}, nil
	}
	return Place{EndedAt: time.UnixMilli(c.At).UTC(), ID: c.ID}, nil
}

// lastMilli is the last moment that a row of the index can have.
const lastMilli = 9999999999999

func (c cursor) valid() bool {
	_, _, _, isChange := change.ParseID(c.ID)
	_, isEntry := objects.ParseEntryKey(c.Key)
	atKey := isEntry && c.At == 0 && c.ID == ""
	atRow := c.Key == "" && c.At > 0 && c.At <= lastMilli && (isChange || c.ID == "")
	return c.Version == cursorVersion && (atKey || atRow)
}

// hash is one of the parameters that a cursor depends on.
func (q Query) hash() []byte {
	data, err := json.Marshal([]any{q.Statuses, q.Server, q.RegionID, q.By, q.Since.String(), q.Until.String()})
	if err != nil { // cannot happen: texts only
		return nil
	}
	sum := sha256.Sum256(data)
	const enough = 8
	return sum[:enough]
}
