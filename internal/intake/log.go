package intake

import (
	"log/slog"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/logline"
)

// nameOf is the name of a server for log lines; "" for its id.
func (in *Intake) nameOf(t change.Target) string {
	if in.NameOf == nil {
		return ""
	}
	return in.NameOf(t)
}

// about adds to the attributes of an accepted document's line who asked for what.
func (in *Intake) about(changes []change.Change, attrs ...slog.Attr) []slog.Attr {
	return append(attrs, logline.Changes(changes, in.nameOf)...)
}

// codeOf is the rule of the first problem; "" for none.
func codeOf(problems []change.Problem) string {
	if len(problems) == 0 {
		return ""
	}
	return problems[0].Rule
}
