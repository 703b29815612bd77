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

// ApprovalLifetime is how long an approval counts.
const ApprovalLifetime = 24 * time.Hour

// Vote is one person's vote on a queued change. It never changes.
type Vote struct {
	Kind    VoteKind  `json:"word"`
	Person  string    `json:"person"`  // by the policy; votes are compared by it
	Account string    `json:"account"` // as verified, such as slack:T1/U2
	At      time.Time `json:"at"`
	// Digest is what an approval binds to: the PlanDigest of the settings and the
	// difference that the person was shown. "" for other kinds.
	Digest string `json:"showing,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Lapsed reports whether an approval is too old to count.
func (v Vote) Lapsed(now time.Time) bool { return now.Sub(v.At) >= ApprovalLifetime }

// PlanDigest hashes what a person is shown of a change: its id, the server's
// settings, and the difference that the change makes to them. It differs when any
// of these differs. It has 52 lower-case base32 characters.
func PlanDigest(id string, before Settings, p Patch) string {
	data, err := json.Marshal([]any{id, before, Diff(before, p)})
	if err != nil { // cannot happen: the values are ids and settings only
		return ""
	}
	sum := sha256.Sum256(data)
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))
}

// CodeLength is the number of characters of a plan digest that people repeat: 40
// bits, enough to detect that the plan has changed.
const CodeLength = 8

// Code is the part of a plan digest that people repeat when they approve.
func Code(digest string) string { return digest[:min(CodeLength, len(digest))] }
