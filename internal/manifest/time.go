package manifest

import (
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
)

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
	if t, ok := change.ParseLocal(s); ok && t.UTC().Year() >= 1970 {
		return t
	}
	hint := "write it as 2026-11-23T02:00:00+08:00"
	switch {
	case key == keyNotBefore && strings.EqualFold(s, "now"):
		hint = "leave it out: without it, the changes are due now"
	case change.TimeWithoutZone(s):
		hint = "add a zone: Z for UTC, or an offset such as +08:00"
	case change.TimeWithoutDate(s):
		hint = "write the date, too: 2026-11-23T02:00:00+08:00"
	}
	r.AddMember(r.prefix, m, change.Problem{Rule: RuleTimeFormat, Message: key + " is not an RFC 3339 time", Hint: hint})
	return time.Time{}
}
