package window

import (
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Shown is the verdict as answers show it; nil for a change that may always be sent.
func (v Verdict) Shown() *change.Gate {
	if v.Open && len(v.Windows) == 0 && v.Closes.IsZero() {
		return nil
	}
	return &change.Gate{Open: v.Open, OpensAt: v.Opens, ClosesAt: v.Closes, Windows: v.Windows, Freeze: v.Freeze, Reason: v.Reason}
}

// ClosedBy says what closes a calendar that is not open.
func (v Verdict) ClosedBy() string {
	switch {
	case v.Freeze != "":
		return "the freeze " + v.Freeze + " is in force"
	case len(v.Windows) == 1:
		return "the window " + v.Windows[0] + " is closed"
	default:
		return "the windows " + strings.Join(v.Windows, ", ") + " are closed"
	}
}
