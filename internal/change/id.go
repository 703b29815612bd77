package change

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	dateLayout       = "20060102"
	documentIDLength = 10
)

var idFormat = regexp.MustCompile(`^([0-9]{8})-([a-z2-7]{10})(?:-([1-9][0-9]{0,3}))?$`)

// DocumentID shortens a document's identity to the part of it that ids carry:
// 10 lower-case base32 characters, 50 bits of its SHA-256. Two identities with
// the same id are possible, which is why the identity is stored beside it.
func DocumentID(identity string) string {
	sum := sha256.Sum256([]byte(identity))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:documentIDLength])
}

// ID makes the id of a change: the UTC date of acceptance, the document's id
// and, where the document has several changes, the change's number from 1.
func ID(date time.Time, document string, index, count int) string {
	id := date.UTC().Format(dateLayout) + "-" + document
	if count > 1 {
		id = fmt.Sprintf("%s-%d", id, index)
	}
	return id
}

// ParseID reads what ID makes, and nothing else. The index is 1 for an id
// without a number.
func ParseID(id string) (date time.Time, document string, index int, ok bool) {
	m := idFormat.FindStringSubmatch(id)
	if m == nil {
		return time.Time{}, "", 0, false
	}
	date, err := time.Parse(dateLayout, m[1])
	if err != nil {
		return time.Time{}, "", 0, false
	}
	index = 1
	if m[3] != "" {
		if index, err = strconv.Atoi(m[3]); err != nil {
			return time.Time{}, "", 0, false
		}
	}
	return date, m[2], index, true
}
