package chat

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

// Window is how far a request's timestamp may be from the clock, in either
// direction.
const Window = 5 * time.Minute

// The forms of timestamps.
const (
	Seconds      = 10 // digits
	Milliseconds = 13 // digits
)

// Admit checks a request before its signature is verified. It returns "" for
// one that may go on.
func Admit(r Request, methods ...string) Reason {
	switch {
	case !slices.Contains(methods, r.Method):
		return ReasonMethod
	case len(r.Body) > MaxBody:
		return ReasonTooLarge
	default:
		return ""
	}
}

// Fresh reads a timestamp of exactly so many digits and checks it against the
// clock. It refuses other spellings of the same moment, because a signature
// covers the text.
func Fresh(stamp string, digits int, now time.Time) (time.Time, Reason) {
	if len(stamp) != digits || strings.Trim(stamp, "0123456789") != "" {
		return time.Time{}, ReasonTimestamp
	}
	n, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return time.Time{}, ReasonTimestamp
	}
	at := unixTime(n, digits)
	switch age := now.Sub(at); {
	case age > Window:
		return time.Time{}, ReasonTooOld
	case age < -Window:
		return time.Time{}, ReasonTooNew
	default:
		return at, ""
	}
}

// SignedBy returns which of the secrets made a signature: 1 for the first, 0 for
// none. sign computes the signature with a secret. All secrets are tried, and
// compared in constant time, so that the time taken does not depend on which one
// matches. An empty secret signs nothing.
func SignedBy(secrets []secret.Text, signature []byte, sign func(key string) []byte) int {
	found := 0
	for i, s := range secrets {
		if subtle.ConstantTimeCompare(sign(s.Reveal()), signature) == 1 && found == 0 && !s.IsZero() {
			found = i + 1
		}
	}
	return found
}

// Token is the token of a delivery: a digest of its signature.
func Token(signature []byte) string {
	digest := sha256.Sum256(signature)
	return hex.EncodeToString(digest[:])
}

// HMAC is the HMAC-SHA256 of a text.
func HMAC(key, text string) []byte {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return h.Sum(nil)
}

// Identifier reports whether a text can be an opaque id of a platform: at most
// 256 bytes of printable characters without blanks.
func Identifier(s string) bool {
	return s != "" && len(s) <= 256 && utf8.ValidString(s) &&
		!strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) })
}

// PlainID reports whether a text is an id of at most so many bytes, made of
// ASCII letters, digits and the given marks. Such an id has no special meaning
// in a path, a header or a list of accounts.
func PlainID(s, marks string, most int) bool {
	return s != "" && len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune(marks, r)
	})
}

// CommandText returns the text that a person typed, without the marks of code and
// bold text, or the problem with it.
func CommandText(s string) (string, Problem) {
	text, problem := ButtonText(s)
	return Unmarked(text), problem
}

// ButtonText returns the text of a button as it is, or the problem with it.
func ButtonText(s string) (string, Problem) {
	text := strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD"))
	if len(text) > MaxText {
		return "", ProblemTooLong
	}
	return text, ""
}

// UnixTime reads the time of a message in decimal seconds, or milliseconds, since
// 1970, as platforms write it. It accepts no other spelling. The zero time stands
// for none.
func UnixTime(text string, digits int) (time.Time, bool) {
	if text == "" {
		return time.Time{}, true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || len(text) > digits+1 || strings.Trim(text, "0123456789") != "" {
		return time.Time{}, false
	}
	return unixTime(n, digits), true
}

func unixTime(n int64, digits int) time.Time {
	if digits == Milliseconds {
		return time.UnixMilli(n).UTC()
	}
	return time.Unix(n, 0).UTC()
}
