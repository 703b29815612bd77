package manifest

import (
	"regexp"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/document"
)

// time.Parse takes more than RFC 3339 writes, such as a comma for the point and
// offsets of 24 hours or 60 minutes.
var rfc3339 = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`)

// timeOf reads a time of the header; zero where there is none.
func (r *reader) timeOf(n *document.Node, key string) time.Time {
	m, ok := n.Member(key)
	if !ok {
		return time.Time{}
	}
	s, ok := r.Text(m, r.prefix)
	if !ok {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err == nil && rfc3339.MatchString(s) && t.UTC().Year() >= 1970 {
		return t.UTC()
	}
	hint := "write it as 2026-11-23T02:00:00+08:00"
	if _, err := time.Parse(time.RFC3339, s+"Z"); err == nil {
		hint = "add the zone: Z for UTC, or an offset such as +08:00"
	}
	r.AddMember(r.prefix, m, change.Problem{Rule: RuleTimeFormat, Message: key + " is not a time of RFC 3339", Hint: hint})
	return time.Time{}
}
