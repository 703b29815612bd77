package change

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"strings"
	"time"
)

// VoteKind says what a vote is for.
type VoteKind string

// The kinds of votes.
const (
	Approval  VoteKind = "approve"
	Rejection VoteKind = "reject"
	Cancel    VoteKind = "cancel"
)

// ApprovalLifetime is how long an approval counts at least. It counts until the end of the
// next time at which the change may be sent, but no longer than MaxApprovalLifetime.
const (
	ApprovalLifetime    = 24 * time.Hour
	MaxApprovalLifetime = 8 * 24 * time.Hour
)

// Vote is one person's vote on a queued change. It never changes.
type Vote struct {
	Kind    VoteKind  `json:"word"`
	Person  string    `json:"person"`  // by the policy; votes are compared by it
	Account string    `json:"account"` // as verified, such as slack:T1/U2
	At      time.Time `json:"at"`
	// Digest is what an approval binds to: the PlanDigest of what the person was
	// shown. "" for other kinds.
	Digest string `json:"showing,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Until is the time to which somebody extends a confirmation; zero for other kinds.
	Until time.Time `json:"until,omitzero"`
	// LapsesAt is until when an approval counts; zero: until ApprovalLifetime after At.
	LapsesAt time.Time `json:"lapsesAt,omitzero"`
}

// CountsUntil is when an approval becomes too old to count.
func (v Vote) CountsUntil() time.Time {
	if v.LapsesAt.IsZero() {
		return v.At.Add(ApprovalLifetime)
	}
	return v.LapsesAt
}

// Lapsed reports whether an approval is too old to count.
func (v Vote) Lapsed(now time.Time) bool { return !now.Before(v.CountsUntil()) }

// PlanDigest hashes what a person is shown of a change before they approve it: its
// id, when it is due and when it expires, the server's settings, and the difference
// that the change makes to them, its confirmation and condition, and the freeze that
// it overrides. It differs when any of these differs. It has 52 lower-case base32
// characters.
func PlanDigest(c Change, before Settings) string {
	parts := []any{c.ID, before, Diff(before, c.Patch), stampExactly(c.DueAt), stampExactly(c.ExpiresAt)}
	// Digests of changes without them stay as earlier versions computed them.
	if !c.Confirm.IsZero() {
		parts = append(parts, "confirm "+c.Confirm.String())
	}
	if c.Idle != 0 {
		parts = append(parts, "when "+Idle(c.Idle))
	}
	if c.Override != "" {
		parts = append(parts, "override "+c.Override)
	}
	return digest(parts...)
}

// Approves reports whether an approval is of a change as it is, for a server with
// these settings. Approvals that earlier versions stored cover everything but the
// times. They count until they lapse, because the times of a queued change never
// change.
func (v Vote) Approves(c Change, before Settings) bool {
	return v.Digest == PlanDigest(c, before) ||
		c.Confirm.IsZero() && c.Idle == 0 && c.Override == "" && v.Digest == digest(c.ID, before, Diff(before, c.Patch))
}

func digest(parts ...any) string {
	data, err := json.Marshal(parts)
	if err != nil { // cannot happen: the values are ids, times and settings only
		return ""
	}
	sum := sha256.Sum256(data)
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))
}

func stampExactly(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// CodeLength is the number of characters of a plan digest that people repeat: 40
// bits, enough to detect that the plan has changed.
const CodeLength = 8

// Code is the part of a plan digest that people repeat when they approve.
func Code(digest string) string { return digest[:min(CodeLength, len(digest))] }
