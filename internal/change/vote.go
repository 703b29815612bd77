package change

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"strings"
	"time"
)

// Word is what somebody says of a change in line.
type Word string

// The words.
const (
	Approval  Word = "approve"
	Rejection Word = "reject"
	Cancel    Word = "cancel"
)

// ApprovalLifetime is how long an approval counts.
const ApprovalLifetime = 24 * time.Hour

// Vote is what one person says of a change in line, once.
type Vote struct {
	Word    Word      `json:"word"`
	Person  string    `json:"person"`  // by the policy; votes are compared by it
	Account string    `json:"account"` // as verified, such as slack:T1/U2
	At      time.Time `json:"at"`
	// Showing says what an approval agrees to: Showing of the settings and the
	// difference that the person was shown.
	Showing string `json:"showing,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// Lapsed tells whether an approval is too old to count.
func (v Vote) Lapsed(now time.Time) bool { return now.Sub(v.At) >= ApprovalLifetime }

// Showing is a digest of what somebody is shown of a change: which change, the
// server's settings, and what the change would make of them. It is another one
// when any of that differs: 52 lower-case base32 characters.
func Showing(id string, before Settings, p Patch) string {
	data, err := json.Marshal([]any{id, before, Diff(before, p)})
	if err != nil { // ids and settings only: cannot be
		return ""
	}
	sum := sha256.Sum256(data)
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))
}

// codeLength is how much of a showing people repeat: 40 bits, enough to tell
// what was shown from whatever else it may be by now.
const codeLength = 8

// Code is the part of a showing that people repeat when they approve.
func Code(showing string) string { return showing[:min(codeLength, len(showing))] }
