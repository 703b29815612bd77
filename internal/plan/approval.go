package plan

import (
	"slices"
	"strconv"
	"time"

	"sslvpnchange/internal/change"
)

// RuleApprovalLapsed is the rule that refuses a change whose server is no longer
// as it was when people agreed to the change.
const RuleApprovalLapsed = "approval-lapsed"

// RuleRejected is the rule of a change that somebody who may refuses.
const RuleRejected = "rejected-by-approver"

// Approvals is how far the approval of a change is.
type Approvals struct {
	Need   int           // how many people must agree; 0: nobody
	Agreed []change.Vote // the approvals that count: of one showing, one for each person
	Lapsed int           // approvals that are too old, or of another showing
}

// Ready tells whether nobody else must agree.
func (s Approvals) Ready() bool { return len(s.Agreed) >= s.Need }

// Stand says how far the approval of a change is at now. Only approvals of one
// and the same showing count together: of that which most people agreed to, and
// of two such, of the later one.
func CountApprovals(c change.Change, votes []change.Vote, now time.Time) Approvals {
	s := Approvals{Need: c.Approvals}
	showings := map[string][]change.Vote{}
	for _, v := range votes {
		if v.Kind != change.Approval {
			continue
		}
		of := func(other change.Vote) bool { return other.Person == v.Person }
		if v.Lapsed(now) || v.Person == c.Asker() {
			s.Lapsed++
			continue
		}
		if !slices.ContainsFunc(showings[v.Digest], of) {
			showings[v.Digest] = append(showings[v.Digest], v)
			if len(showings[v.Digest]) >= len(s.Agreed) {
				s.Agreed = showings[v.Digest]
			}
		}
	}
	for _, votes := range showings {
		s.Lapsed += len(votes)
	}
	s.Lapsed -= len(s.Agreed)
	return s
}

// Ready tells whether a change that is due can be taken up: nobody else must
// agree to it, or it ends anyway.
func Ready(c change.Change, votes []change.Vote, now time.Time) bool {
	return Ends(c, votes, now) || CountApprovals(c, votes, now).Ready()
}

// Ends tells whether a change ends without being sent: somebody wants it out of
// line, or it is too late.
func Ends(c change.Change, votes []change.Vote, now time.Time) bool {
	_, out := Withdrawn(c.ID, votes)
	return out || !c.ExpiresAt.IsZero() && !now.Before(c.ExpiresAt)
}

// Withdrawn tells how a change ends that somebody took out of line; the first
// word counts. It needs no look at the server.
func Withdrawn(id string, votes []change.Vote) (Outcome, bool) {
	for _, v := range votes {
		switch v.Kind {
		case change.Cancel:
			return Outcome{ID: id, Status: change.Cancelled, Votes: []change.Vote{v}}, true
		case change.Rejection:
			return Outcome{ID: id, Status: change.Rejected, Votes: []change.Vote{v}, Problems: []change.Problem{{
				Rule: RuleRejected, Message: v.Person + " refused the change" + because(v.Reason),
				Hint: "settle it with " + v.Person + ", and ask again",
			}}}, true
		case change.Approval:
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

// agreed holds a change to what people agreed to. The caller has seen to it
// that enough did.
func agreed(o *Outcome, in Input, turn change.Settings, c change.Change) {
	s := CountApprovals(c, in.Votes[c.ID], in.Now)
	o.Votes = s.Agreed
	switch {
	case !in.Readable:
		o.Problems = append(o.Problems, change.Problem{
			Rule: RuleNotReadable, Message: "the server's settings may not be read, so nobody can agree to what the change does to them",
			Hint: "grant the function's role vpc:DescribeSslVpnServers",
		})
	case !s.Ready():
		o.Problems = append(o.Problems, change.Problem{
			Rule: RuleApprovalLapsed, Message: strconv.Itoa(len(s.Agreed)) + " of " + strconv.Itoa(s.Need) + " approvals count any more",
			Hint: "ask again, and have it approved within " + change.ApprovalLifetime.String() + " of being sent",
		})
	case s.Agreed[0].Digest != change.PlanDigest(c.ID, turn, c.Patch):
		o.Problems = append(o.Problems, change.Problem{
			Rule: RuleApprovalLapsed, Message: "the server has changed since the change was approved",
			Hint: "look at the plan, and ask again",
		})
	}
}
