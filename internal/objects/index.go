package objects

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Index is the prefix of the index.
const Index = "index/"

// Unmerged is the prefix of the rows of the index that are in no part yet.
const Unmerged = Index + "new/"

// Parts is the prefix of the parts of the index.
const Parts = Index + "parts/"

// lastMilli is the last moment that 13 digits of milliseconds can name, in the year
// 2286. Keys of the index count down from it, so that the newest row lists first.
const lastMilli = 9999999999999

// MaxRowText bounds the text of a row in a key, so that the key stays below the store's
// limit of 1023 bytes.
const MaxRowText = 900

// RowKey is the key of one row of the index. The key has the row itself: one listing
// reads a thousand rows. The digits count down. The text has the letters, digits, "-" and
// "_" of base64.
//
//   - Keys: index/new/<ended, 13 digits>-<id>.<row>.json
//   - Written by: index, for intake and reconcile
//   - Read by: index, for executor and reconcile
//   - Deleted by: index, for reconcile, when merged
func RowKey(ended time.Time, id, row string) string {
	return RowsFrom(ended) + "-" + id + "." + row + ".json"
}

// RowsFrom is what the keys of all rows begin with that ended at a moment. It sorts before
// them, and after those that ended later.
func RowsFrom(ended time.Time) string { return Unmerged + countdown(ended) }

// RowsAfter is a key behind the rows of one change that ended at a moment.
func RowsAfter(ended time.Time, id string) string { return RowsFrom(ended) + "-" + id + "/" }

// ParseRowKey reads what the key of a row says.
func ParseRowKey(key string) (ended time.Time, id, row string, ok bool) {
	name, ok1 := strings.CutPrefix(key, Unmerged)
	name, ok2 := strings.CutSuffix(name, ".json")
	digits, name, ok3 := strings.Cut(name, "-")
	id, row, ok4 := strings.Cut(name, ".")
	ended, ok5 := parseCountdown(digits)
	_, _, _, ok6 := change.ParseID(id)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 || row == "" || len(row) > MaxRowText || strings.ContainsFunc(row, notBase64) {
		return time.Time{}, "", "", false
	}
	return ended, id, row, true
}

func notBase64(c rune) bool {
	return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_'
}

// Part is what the key of a part of the index says: when the changes of its newest and
// its oldest row ended, how many rows it has, and the hash of its content.
type Part struct {
	Newest, Oldest time.Time
	Rows           int
	Hash           string // 16 hexadecimal digits
}

// MaxPartRows bounds the rows of a part.
const MaxPartRows = 9999

// PartKey is the key of a part of the index: many rows in one object. The digits of the
// times count down.
//
//   - Keys: index/parts/<newest, 13 digits>-<oldest, 13 digits>-<rows, 4 digits>-<hash>.json
//   - Written by: index, for reconcile and executor
//   - Read by: index, for executor and reconcile
//   - Deleted by: index, for reconcile, when merged
func PartKey(p Part) string {
	return fmt.Sprintf("%s%s-%s-%04d-%s.json", Parts, countdown(p.Newest), countdown(p.Oldest), p.Rows, p.Hash)
}

// HashOf is the hash in the key of a part.
func HashOf(content []byte) string { return hash(string(content), 8) }

// ParsePartKey reads the key of a part.
func ParsePartKey(key string) (p Part, ok bool) {
	name, ok1 := strings.CutPrefix(key, Parts)
	name, ok2 := strings.CutSuffix(name, ".json")
	newest, name, ok3 := strings.Cut(name, "-")
	oldest, name, ok4 := strings.Cut(name, "-")
	rows, sum, ok5 := strings.Cut(name, "-")
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !digits(rows, 4) || len(sum) != 16 || strings.Trim(sum, "0123456789abcdef") != "" {
		return Part{}, false
	}
	p.Hash = sum
	p.Newest, ok1 = parseCountdown(newest)
	p.Oldest, ok2 = parseCountdown(oldest)
	n, err := strconv.Atoi(rows)
	p.Rows = n
	return p, ok1 && ok2 && err == nil && n > 0 && !p.Newest.Before(p.Oldest)
}

// countdown is how many milliseconds are left of those that 13 digits can count.
func countdown(at time.Time) string {
	return fmt.Sprintf("%013d", min(max(lastMilli-at.UnixMilli(), 0), lastMilli))
}

func parseCountdown(text string) (time.Time, bool) {
	if !digits(text, 13) {
		return time.Time{}, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return time.UnixMilli(lastMilli - n).UTC(), err == nil
}
