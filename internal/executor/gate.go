package executor

import (
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// gate says whether the windows and freezes of the policy let a change be sent when it is
// due, and when that changes; nil if nothing ever closes, and for what is never gated: dry
// runs, and undos by themselves.
func (r *request) gate(req change.Request, undo bool, due time.Time) *change.Gate {
	if req.DryRun || undo {
		return nil
	}
	at := r.Now()
	if due.After(at) {
		at = due
	}
	return r.policy.Gate(req, at).Shown()
}
