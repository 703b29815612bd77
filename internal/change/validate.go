package change

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of a request, in characters and time.
const (
	MaxRefLength         = 128
	MaxReasonLength      = 500
	MaxRequestedByLength = 128
	MaxTokenLength       = 64
	MaxAhead             = 366 * 24 * time.Hour // from now to NotBefore, and from the due time to ExpiresAt
	MaxBehind            = 5 * time.Minute      // from NotBefore to now: a document takes a moment to write and to arrive

	maxRegionLength   = 40
	maxServerIDLength = 64
	maxExpectLength   = 512
)

// Valid reports whether both ids are safe in object keys. The region need not be one:
// see Regions.
func (t Target) Valid() bool { return safeRegion(t.RegionID) && validServerID(t.ServerID) }

func validServerID(s string) bool {
	rest, ok := strings.CutPrefix(s, "vss-")
	return ok && len(s) <= maxServerIDLength && hyphenated(rest)
}

func isLowerOrDigit(r rune) bool { return isLower(r) || isDigit(r) }

// Validate checks the requests of one document against every rule that does not
// depend on the server, and returns all problems; none means valid.
//
// Paths start with Request.Path: "changes[2].Port", or "Port" where that is
// empty. Problems with the header of a document (ref, reason, requestedBy,
// notBefore, expiresAt, confirm, when, proof, override) are reported once, at the header's path. Values are
// normalized before they are checked. Lines are left at 0.
func Validate(reqs []Request, now time.Time) []Problem {
	var out []Problem
	seen := map[Problem]bool{}
	for i, r := range reqs {
		// The changes of a document share its header, which may be long.
		if i == 0 || !sameHeader(r, reqs[i-1]) {
			for _, p := range checkHeader(r, now) {
				if p = p.Under(headerPath(r.Path)); !seen[p] {
					seen[p] = true
					out = append(out, p)
				}
			}
		}
		for _, p := range checkRequest(r) {
			out = append(out, p.Under(r.Path))
		}
	}
	return append(out, checkTokenReuse(reqs)...)
}

// sameHeader reports whether two requests have one header.
func sameHeader(a, b Request) bool {
	return headerPath(a.Path) == headerPath(b.Path) && a.Ref == b.Ref && a.Reason == b.Reason && a.RequestedBy == b.RequestedBy &&
		a.NotBefore.Equal(b.NotBefore) && a.ExpiresAt.Equal(b.ExpiresAt) &&
		a.DryRun == b.DryRun && a.Confirm == b.Confirm && a.Idle == b.Idle && a.Proof == b.Proof && a.Override == b.Override
}

// headerPath is the path of the document that the change at path belongs to.
func headerPath(path string) string {
	if i := strings.LastIndex(path, "changes["); i >= 0 {
		return strings.TrimSuffix(path[:i], ".")
	}
	return path
}

func checkRequest(r Request) []Problem {
	out := checkTarget(r.Target)
	if len(r.Patch) == 0 {
		out = append(out, Problem{
			Rule: RuleNothingToSet, Message: "the change sets nothing",
			Hint: "add at least one setting, such as Port",
		})
	}
	if r.Restores {
		out = append(out, checkRestored(r.Patch)...)
	} else {
		out = append(out, checkPatch(r.Patch)...)
	}
	out = append(out, checkToken(r.ClientToken)...)
	return append(out, checkExpectForm(r.Expect)...)
}

func checkTarget(t Target) []Problem {
	var out []Problem
	switch {
	case t.RegionID == "":
		out = append(out, Problem{
			Path: "RegionId", Rule: RuleRequired, Message: "RegionId is missing",
			Hint: "add the region of the VPN gateway, such as cn-hangzhou",
		})
	case !ValidRegion(t.RegionID):
		out = append(out, Problem{
			Path: "RegionId", Rule: RuleRegionFormat, Message: quoted(t.RegionID) + " is not a region id",
			Hint: regionHint(t.RegionID),
		})
	}
	switch {
	case t.ServerID == "":
		out = append(out, Problem{
			Path: "SslVpnServerId", Rule: RuleRequired, Message: "SslVpnServerId is missing",
			Hint: "add the id of the SSL-VPN server, such as vss-bp18q7hzj6largv4vk2fe",
		})
	case !validServerID(t.ServerID):
		out = append(out, Problem{
			Path: "SslVpnServerId", Rule: RuleServerIDFormat, Message: quoted(t.ServerID) + " is not an SSL-VPN server id",
			Hint: serverIDHint(t.ServerID),
		})
	}
	return out
}

func serverIDHint(s string) string {
	switch kind, ok := ResourceOf(s); {
	case ok && kind == Gateway:
		return "this is the id of the VPN gateway; use the id of its SSL-VPN server, which starts with vss-"
	case ok:
		return "this is the id of another resource (" + string(kind) + "); use the id of an SSL-VPN server, which starts with vss-"
	}
	return "write vss- and lower-case letters, digits or single hyphens, such as vss-bp18q7hzj6largv4vk2fe"
}

func checkHeader(r Request, now time.Time) []Problem {
	var out []Problem
	out = append(out, checkText("ref", r.Ref, MaxRefLength, RuleRefLength)...)
	out = append(out, checkText("reason", r.Reason, MaxReasonLength, RuleReasonLength)...)
	out = append(out, checkText("requestedBy", r.RequestedBy, MaxRequestedByLength, RuleRequestedByLength)...)
	out = append(out, checkTimes(r.NotBefore, r.ExpiresAt, now)...)
	return append(out, checkGuards(r)...)
}

func checkText(key, s string, limit int, rule string) []Problem {
	var out []Problem
	if n := utf8.RuneCountInString(s); n > limit {
		out = append(out, Problem{
			Path: key, Rule: rule, Message: fmt.Sprintf("%s has %d characters", key, n),
			Hint: fmt.Sprintf("use at most %d characters; link to details", limit),
		})
	}
	return append(out, checkHidden(key, s)...)
}

// checkHidden refuses a text with a character that is not shown. Such a text could
// forge a line in a log, or reverse the reading order in a record.
func checkHidden(key, s string) []Problem {
	if !utf8.ValidString(s) {
		return []Problem{{Path: key, Rule: RuleControlCharacter, Message: key + " is not UTF-8", Hint: "write it as UTF-8"}}
	}
	at, r, found := Hidden(s)
	if !found {
		return nil
	}
	p := Problem{
		Path: key, Rule: RuleControlCharacter,
		Message: fmt.Sprintf("character %d of %s is %s, a line break or another character that is not shown", 1+utf8.RuneCountInString(s[:at]), key, Shown(r)),
		Hint:    "remove it",
	}
	if r == '\n' || r == '\r' {
		p.Hint = "write it on one line; in YAML, >- folds lines into one"
	}
	return []Problem{p}
}

func checkTimes(notBefore, expiresAt, now time.Time) []Problem {
	var out []Problem
	due := now
	if notBefore.After(now) {
		due = notBefore
	}
	switch {
	case !notBefore.IsZero() && notBefore.Before(now.Add(-MaxBehind)):
		out = append(out, Problem{
			Path: "notBefore", Rule: RuleNotBeforeInPast, Message: "notBefore " + stamp(notBefore) + " is in the past; it is now " + stamp(now.In(notBefore.Location())),
			Hint: laterHint(notBefore, now),
		})
	case notBefore.After(now.Add(MaxAhead)):
		out = append(out, Problem{
			Path: "notBefore", Rule: RuleNotBeforeTooFar, Message: "notBefore " + stamp(notBefore) + " is more than 366 days ahead",
			Hint: "use a time before " + stamp(now.Add(MaxAhead).In(notBefore.Location())),
		})
	}
	if expiresAt.IsZero() {
		return out
	}
	switch {
	case !expiresAt.After(now):
		out = append(out, Problem{
			Path: "expiresAt", Rule: RuleExpiresInPast, Message: "expiresAt " + stamp(expiresAt) + " is in the past; it is now " + stamp(now.In(expiresAt.Location())),
			Hint: "use a later time, or leave it out: a change expires 24 hours after it becomes due",
		})
	case !notBefore.IsZero() && !expiresAt.After(notBefore):
		out = append(out, Problem{
			Path: "expiresAt", Rule: RuleExpiresBeforeNotBefore,
			Message: "expiresAt " + stamp(expiresAt) + " is not after notBefore " + stamp(notBefore),
			Hint:    "use a time after notBefore, or leave it out: a change expires 24 hours after it becomes due",
		})
	case expiresAt.After(due.Add(MaxAhead)):
		out = append(out, Problem{
			Path: "expiresAt", Rule: RuleExpiresTooFar, Message: "expiresAt " + stamp(expiresAt) + " is more than 366 days after the change becomes due",
			Hint: "use a time before " + stamp(due.Add(MaxAhead).In(expiresAt.Location())),
		})
	}
	return out
}

// laterHint says what to write in place of a time that is in the past. Of a time of
// the last 24 hours, probably the next day was meant.
func laterHint(notBefore, now time.Time) string {
	hint := "use a later time"
	if next := notBefore.Add(24 * time.Hour); next.After(now) {
		hint += ", such as " + stamp(next)
	}
	return hint + ", or leave it out: the change is then due now"
}

// Passed reports whether a rule refuses a time because it has passed. A document that
// was accepted before is not refused by such a rule when it is delivered again.
func Passed(rule string) bool { return rule == RuleNotBeforeInPast || rule == RuleExpiresInPast }

// stamp shows a time in its own zone. It is not inlined, because it is called in many
// places.
//
//go:noinline
func stamp(t time.Time) string { return t.Format(time.RFC3339) }
