package window

import "sslvpnchange/internal/change"

// Shown is the verdict as answers show it; nil for a change that may always be sent.
func (v Verdict) Shown() *change.Gate {
	if v.Open && len(v.Windows) == 0 && v.Closes.IsZero() {
		return nil
	}
	return &change.Gate{Open: v.Open, OpensAt: v.Opens, ClosesAt: v.Closes, Windows: v.Windows, Freeze: v.Freeze, Reason: v.Reason}
}
