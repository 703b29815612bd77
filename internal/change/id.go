package change

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	dateLayout       = "20060102"
	documentIDLength = 10
	maxIndex         = 9999
)

// DocumentID shortens a document's identity to the part of ids that stands for it:
// 10 lower-case base32 characters, 50 bits of its SHA-256. Two identities can have
// the same id, so the identity is stored with the id.
func DocumentID(identity string) string {
	sum := sha256.Sum256([]byte(identity))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:documentIDLength])
}

// ID composes the id of a change: the UTC date of acceptance, the document's id
// and, where the document has several changes, the change's number from 1.
func ID(date time.Time, document string, index, count int) string {
	id := date.UTC().Format(dateLayout) + "-" + document
	if count > 1 {
		id = fmt.Sprintf("%s-%d", id, index)
	}
	return id
}

// ParseID reads an id that ID composed, and nothing else. The index is 1 for an id
// without a number.
func ParseID(id string) (date time.Time, document string, index int, ok bool) {
	day, rest, _ := strings.Cut(id, "-")
	document, number, numbered := strings.Cut(rest, "-")
	date, err := time.Parse(dateLayout, day)
	if err != nil || !isWord(day, isDigit) || !IsBase32(document, documentIDLength) {
		return time.Time{}, "", 0, false
	}
	index = 1
	if numbered {
		index, err = strconv.Atoi(number)
		if err != nil || index < 1 || index > maxIndex || strconv.Itoa(index) != number {
			return time.Time{}, "", 0, false
		}
	}
	return date, document, index, true
}

// IsBase32 reports whether a text has n characters of the alphabet of ids and
// codes, a to z and 2 to 7.
func IsBase32(s string, n int) bool {
	return len(s) == n && isWord(s, func(r rune) bool { return isLower(r) || r >= '2' && r <= '7' })
}
