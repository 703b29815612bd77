package oss

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// span is a part of an object: its first byte and the one after its last.
type span struct{ from, to int64 }

// rangeOf reads the header Range. ok is false for the whole object: OSS ignores a range
// that is malformed or not within the object, unless x-oss-range-behavior is standard;
// of several ranges it takes the first (documented).
func rangeOf(h http.Header, size int64) (s span, ok bool, bad *apiError) {
	text := h.Get("Range")
	if text == "" {
		return span{}, false, nil
	}
	standard := strings.EqualFold(h.Get("X-Oss-Range-Behavior"), "standard")
	list, isBytes := strings.CutPrefix(text, "bytes=")
	first, _, _ := strings.Cut(list, ",")
	s, formed := parseSpan(strings.TrimSpace(first), size)
	switch {
	case !isBytes || !formed:
		return span{}, false, nil
	case s.from >= 0 && s.from < size && s.to <= size:
		return s, true, nil
	case !standard:
		return span{}, false, nil
	case s.from >= size:
		return span{}, false, fault(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "", "The requested range cannot be satisfied")
	default:
		return span{max(s.from, 0), min(s.to, size)}, true, nil
	}
}

// parseSpan reads a-b, a- or -n.
func parseSpan(text string, size int64) (span, bool) {
	a, b, dash := strings.Cut(text, "-")
	from, errFrom := strconv.ParseUint(a, 10, 62)
	to, errTo := strconv.ParseUint(b, 10, 62)
	switch {
	case !dash:
	case a == "" && errTo == nil && to > 0:
		return span{size - int64(to), size}, true
	case b == "" && errFrom == nil:
		return span{int64(from), max(size, int64(from))}, true
	case errFrom == nil && errTo == nil && from <= to:
		return span{int64(from), int64(to) + 1}, true
	}
	return span{}, false
}

func (s span) contentRange(size int64) string {
	return fmt.Sprintf("bytes %d-%d/%d", s.from, s.to-1, size)
}
