package plan

import (
	"slices"
	"strconv"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// RuleApprovalLapsed is the rule that refuses a change whose plan is no longer the
// one that people approved, or whose approvals are too old.
const RuleApprovalLapsed = "approval-lapsed"

// RuleRejected is the rule of a change that an approver rejected.
const RuleRejected = "rejected-by-approver"

// Approvals are the approvals that a change needs and has.
type Approvals struct {
	Need   int           // how many people must approve; 0: nobody
	Agreed []change.Vote // the approvals that count: of one plan digest, one for each person
	Lapsed int           // the number of approvals that are too old, or of another digest
}

// Ready reports whether the change has all approvals that it needs.
func (s Approvals) Ready() bool { return len(s.Agreed) >= s.Need }

// CountApprovals counts the approvals of a change at a time. Approvals count together
// only if they have the same plan digest: the digest with the most approvals, and of
// several such digests, the one that reached this number last. People are compared by
// name and by account, because the policy may have given either to somebody else
// between two votes.
func CountApprovals(c change.Change, votes []change.Vote, now time.Time) Approvals {
	s := Approvals{Need: c.Approvals}
	byDigest := map[string][]change.Vote{}
	for _, v := range votes {
		if v.Kind != change.Approval {
			continue
		}
		samePerson := func(other change.Vote) bool {
			return other.Person == v.Person || other.From().Same(v.From())
		}
		if v.Lapsed(now) || isOwn(c, v) {
			s.Lapsed++
			continue
		}
		if !slices.ContainsFunc(byDigest[v.Digest], samePerson) {
			byDigest[v.Digest] = append(byDigest[v.Digest], v)
			if len(byDigest[v.Digest]) >= len(s.Agreed) {
				s.Agreed = byDigest[v.Digest]
			}
		}
	}
	for _, votes := range byDigest {
		s.Lapsed += len(votes)
	}
	s.Lapsed -= len(s.Agreed)
	return s
}

// isOwn reports whether a vote is by whoever requested the change.
func isOwn(c change.Change, v change.Vote) bool {
	return v.Person == c.Asker() || v.From().Same(c.Requester())
}

// Ready reports whether a due change can be processed: it has its approvals, or it
// ends without them. An undo can be processed when the time to confirm is over.
func Ready(c change.Change, votes []change.Vote, now time.Time) bool {
	if c.Undoes != nil {
		return Ends(c, votes, now) || !now.Before(c.UndoAt(votes).Add(change.UndoGrace))
	}
	return Ends(c, votes, now) || CountApprovals(c, votes, now).Ready()
}

// Ends reports whether a change ends without being sent: it was rejected or canceled,
// or it has expired.
func Ends(c change.Change, votes []change.Vote, now time.Time) bool {
	_, withdrawn := Withdrawn(c, votes)
	return withdrawn || !c.ExpiresAt.IsZero() && !now.Before(c.ExpiresAt)
}

// Withdrawn returns the outcome of a change that was rejected or canceled: that of
// the first such vote. It does not depend on the server. An undo is canceled when the
// change that it would undo is confirmed.
func Withdrawn(c change.Change, votes []change.Vote) (Outcome, bool) {
	id := c.ID
	for _, v := range votes {
		switch v.Kind {
		case change.Cancel:
			if c.Undoes != nil {
				return confirmed(c, v), true
			}
			return Outcome{ID: id, Status: change.Cancelled, Votes: []change.Vote{v}}, true
		case change.Rejection:
			return Outcome{ID: id, Status: change.Rejected, Votes: []change.Vote{v}, Problems: []change.Problem{{
				Rule: RuleRejected, Message: v.Person + " rejected the change" + because(v.Reason),
				Hint: "resolve it with " + v.Person + ", then submit the change again",
			}}}, true
		case change.Approval, change.Extend, change.UndoNow:
		}
	}
	return Outcome{}, false
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

// checkApprovals checks that enough people approved the plan that would be sent now.
func checkApprovals(o *Outcome, in Input, turn change.Settings, c change.Change) {
	s := CountApprovals(c, in.Votes[c.ID], in.Now)
	o.Votes = s.Agreed
	switch {
	case !in.Readable:
		o.Problems = append(o.Problems, change.Problem{
			Rule: RuleNotReadable, Message: "the function may not read the server's settings, so the approved plan cannot be checked",
			Hint: "grant the function's role vpc:DescribeSslVpnServers",
		})
	case !s.Ready():
		o.Problems = append(o.Problems, change.Problem{
			Rule: RuleApprovalLapsed, Message: "only " + strconv.Itoa(len(s.Agreed)) + " of " + strconv.Itoa(s.Need) + " approvals are still valid",
			Hint: "submit the change again; an approval is valid for " + change.ApprovalLifetime.String() + ", or until the end of the next opening of its maintenance window",
		})
	case !s.Agreed[0].Approves(c, turn):
		o.Problems = append(o.Problems, change.Problem{
			Rule: RuleApprovalLapsed, Message: "the server has changed since the change was approved",
			Hint: "check the new plan, then submit the change again",
		})
	}
}
