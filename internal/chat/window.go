package chat

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Window is how far a request's timestamp may lie from the clock, either way.
const Window = 5 * time.Minute

// The digits of timestamps.
const (
	secondsDigits = 10
	millisDigits  = 13
)

// fresh reads a timestamp of exactly so many digits, and says what is wrong
// with it; "" when nothing is. Other spellings of the same moment are refused: a
// signature covers the text.
func fresh(stamp string, digits int, now time.Time) (time.Time, Reason) {
	if len(stamp) != digits || strings.Trim(stamp, "0123456789") != "" {
		return time.Time{}, ReasonTimestamp
	}
	n, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return time.Time{}, ReasonTimestamp
	}
	at := time.Unix(n, 0).UTC()
	if digits == millisDigits {
		at = time.UnixMilli(n).UTC()
	}
	switch age := now.Sub(at); {
	case age > Window:
		return time.Time{}, ReasonTooOld
	case age < -Window:
		return time.Time{}, ReasonTooNew
	default:
		return at, ""
	}
}

// admit judges a request by what is known without looking into it, for
// platforms that only post.
func admit(r Request) Reason {
	switch {
	case r.Method != http.MethodPost:
		return ReasonMethod
	case len(r.Body) > MaxBody:
		return ReasonTooLarge
	default:
		return ""
	}
}

// deny is how Receive fails.
func deny(reason Reason) (Delivery, error) { return Delivery{}, &RefusedError{Reason: reason} }
