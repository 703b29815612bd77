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
	dateLayout = "20060102"
	// documentIDLength is 130 bits: nobody can make two identities with one id.
	documentIDLength = 26
	// shortIDLength is 50 bits, which earlier versions used. It takes seconds to
	// find two identities that share them.
	shortIDLength = 10
	maxIndex      = 9999
)

// DocumentID shortens a document's identity to the part of ids that stands for it:
// 26 lower-case base32 characters, 130 bits of its SHA-256.
func DocumentID(identity string) string { return documentID(identity, documentIDLength) }

// ShortDocumentID is the DocumentID of earlier versions: the first 10 characters.
// Their ids must always be readable. Two identities can have the same one.
func ShortDocumentID(identity string) string { return documentID(identity, shortIDLength) }

func documentID(identity string, length int) string {
	sum := sha256.Sum256([]byte(identity))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:length])
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

// ParseID reads an id that ID composed in this or an earlier version, and nothing
// else. The index is 1 for an id without a number.
func ParseID(id string) (date time.Time, document string, index int, ok bool) {
	date, document, index, _, ok = parseID(id)
	if !ok || !IsDocumentID(document) {
		return time.Time{}, "", 0, false
	}
	return date, document, index, true
}

// IsDocumentID reports whether a text is the part of an id that stands for a
// document, in the form of this or an earlier version.
func IsDocumentID(s string) bool {
	return IsBase32(s, documentIDLength) || IsBase32(s, shortIDLength)
}

// Identifies reports whether an id is made from an identity.
func Identifies(id, identity string) bool {
	_, document, _, ok := ParseID(id)
	return ok && document == documentID(identity, len(document))
}

// Typed is an id as people type it: the whole id, or its date and at least 10
// characters of its document, with or without the number.
type Typed struct {
	text     string
	document string
	index    int // 0: none typed
}

// ParseTyped reads an id as people type it.
func ParseTyped(text string) (Typed, bool) {
	_, document, index, numbered, ok := parseID(text)
	if n := len(document); !ok || n < shortIDLength || n > documentIDLength {
		return Typed{}, false
	}
	if !numbered {
		index = 0
	}
	return Typed{text: text, document: document, index: index}, true
}

// Whole reports whether the text can stand for one id only: a longer id that it
// begins with cannot exist.
func (t Typed) Whole() bool { return len(t.document) == documentIDLength }

// Prefix is what all ids begin with that the text can stand for.
func (t Typed) Prefix() string { return t.text[:len(dateLayout)+1+len(t.document)] }

// Matches reports whether the text can stand for an id.
func (t Typed) Matches(id string) bool {
	if id == t.text {
		return true
	}
	_, _, index, numbered, ok := parseID(id)
	return ok && strings.HasPrefix(id, t.Prefix()) && (t.index == 0 || numbered && index == t.index)
}

// parseID reads a date, base32 characters of any number and an index.
func parseID(id string) (date time.Time, document string, index int, numbered, ok bool) {
	day, rest, _ := strings.Cut(id, "-")
	document, number, numbered := strings.Cut(rest, "-")
	date, err := time.Parse(dateLayout, day)
	if err != nil || !isWord(day, isDigit) || !IsBase32(document, len(document)) {
		return time.Time{}, "", 0, false, false
	}
	index = 1
	if numbered {
		index, err = strconv.Atoi(number)
		if err != nil || index < 1 || index > maxIndex || strconv.Itoa(index) != number {
			return time.Time{}, "", 0, false, false
		}
	}
	return date, document, index, numbered, true
}

// IsBase32 reports whether a text has n characters of the alphabet of ids and
// codes, a to z and 2 to 7.
func IsBase32(s string, n int) bool {
	return len(s) == n && isWord(s, func(r rune) bool { return isLower(r) || r >= '2' && r <= '7' })
}
