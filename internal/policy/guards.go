package policy

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// guard is a rule by which changes depend on how many clients are connected.
type guard struct {
	servers  []selector
	settings []change.Field
	most     int
	approval bool // more clients need one approval more; otherwise they refuse the change
}

// confirmation is a rule by which changes must be confirmed.
type confirmation struct {
	servers  []selector
	settings []change.Field
	confirm  change.Confirmation
}

// The words of keyOtherwise.
const (
	otherwiseRefuse   = "refuse"
	otherwiseApproval = "approval"
)

// Otherwise lists what a guard may do where too many clients are connected.
func Otherwise() []string { return []string{otherwiseRefuse, otherwiseApproval} }

// guards reads the rules about connected clients.
func (r *reader) guards(root *document.Node) {
	for _, e := range r.mappings(root, "", keyGuards, maxGuards, keySettings) {
		g := guard{servers: r.selectors(e), settings: r.settings(e)}
		if m, ok := e.Member(keyMaxConnected); ok {
			if g.most, ok = r.Integer(m, e.path); ok && (g.most < 0 || g.most > change.MaxIdle) {
				r.at(e, keyMaxConnected, RuleMaxConnectedRange, fmt.Sprintf("maxConnected is %d", g.most), fmt.Sprintf("write 0 to %d", change.MaxIdle))
			}
		}
		if word, ok := r.text(e, keyOtherwise); ok {
			g.approval = word == otherwiseApproval
			if !slices.Contains(Otherwise(), word) {
				r.at(e, keyOtherwise, RuleOtherwiseUnknown, shown(word)+" is neither refuse nor approval", nearestIs(r.near(word, Otherwise()))+"write refuse, or approval for one approval more")
			}
		}
		r.policy.guards = append(r.policy.guards, g)
	}
}

// confirmations reads the rules by which changes must be confirmed.
func (r *reader) confirmations(root *document.Node) {
	for _, e := range r.mappings(root, "", keyConfirmations, maxConfirmations, keySettings, keyFor, keyProof) {
		c := confirmation{servers: r.selectors(e), settings: r.settings(e), confirm: change.Confirmation{For: change.DefaultConfirm}}
		if m, ok := e.Member(keyProof); ok {
			c.confirm.Proof, _ = r.Flag(m, e.path)
		}
		_, timed := e.Member(keyFor)
		if text, ok := r.text(e, keyFor); ok {
			c.confirm.For = r.span(e, text)
		}
		if !timed && !c.confirm.Proof && !r.Reported(document.Join(e.path, keyFor)) && !r.Reported(document.Join(e.path, keyProof)) {
			r.on(e, RuleConfirmationEmpty, "the entry has neither for nor proof: true", "add for: 10m, or proof: true")
		}
		r.policy.confirmations = append(r.policy.confirmations, c)
	}
}

// span reads the time to confirm.
func (r *reader) span(e entry, text string) time.Duration {
	d, ok := change.ParseSpan(text)
	switch {
	case !ok:
		r.at(e, keyFor, change.RuleConfirmFormat, shown(text)+" is not a duration", "write 10m, or 1h30m")
	case d < change.MinConfirm || d > change.MaxConfirm:
		r.at(e, keyFor, change.RuleConfirmRange, "the time to confirm is "+change.Span(d), "use 1m to 24h")
	}
	return d
}

// concerns reports whether a rule for servers and settings is about a request.
func (p *Policy) concerns(servers []selector, settings []change.Field, r change.Request) bool {
	return p.covered(servers, r.Target) && slices.ContainsFunc(settings, func(f change.Field) bool {
		_, sets := r.Patch[f]
		return sets
	})
}

// limit is the smallest number of clients for which a guard does not apply to a
// request; ok is false if none does. A request that waits itself until so few clients are connected
// needs no guard.
func (p *Policy) limit(r change.Request, approval bool) (most int, ok bool) {
	for _, g := range p.guards {
		if g.approval != approval || r.DryRun || !p.concerns(g.servers, g.settings, r) || r.Idle > 0 && r.Idle-1 <= g.most {
			continue
		}
		if !ok || g.most < most {
			most, ok = g.most, true
		}
	}
	return most, ok
}

// TooManyConnected returns why a request must not be sent while so many clients are
// connected, nil if it may be. Known reports whether their number is known.
func (p *Policy) TooManyConnected(r change.Request, connected int, known bool) *change.Problem {
	most, guarded := p.limit(r, false)
	switch {
	case !guarded || known && connected <= most:
		return nil
	case !known:
		return &change.Problem{
			Rule:    RuleTooManyConnected,
			Message: "the policy permits this change while at most " + strconv.Itoa(most) + " clients are connected, and how many are is not known",
			Hint:    "grant the function's role vpc:DescribeSslVpnServers, or have guards changed in " + objects.PolicyFile,
		}
	}
	return &change.Problem{
		Rule:    RuleTooManyConnected,
		Message: strconv.Itoa(connected) + " clients are connected, and the policy permits this change while at most " + strconv.Itoa(most) + " are",
		Hint:    "submit it with " + idleHint(most) + ", so that it waits, or for a quiet hour with notBefore",
	}
}

// idleHint is the condition, as in a command, that a limit of a guard permits.
func idleHint(most int) string { return "when=" + change.Idle(max(most, 1)) }

// NeedsAnotherApproval reports whether a request needs one approval more because so many
// clients are connected. Known reports whether their number is known.
func (p *Policy) NeedsAnotherApproval(r change.Request, connected int, known bool) bool {
	most, guarded := p.limit(r, true)
	return guarded && (!known || connected > most)
}

// Confirmation is how a request must be confirmed: as it asks, or else as the policy
// asks. Of several rules, the shortest time counts, and a proof of any. A rollback need
// not be confirmed unless it asks for it: undone, it would bring back what somebody just undid.
func (p *Policy) Confirmation(r change.Request) change.Confirmation {
	if !r.Confirm.IsZero() || r.DryRun || r.Restores {
		return r.Confirm
	}
	var out change.Confirmation
	for _, c := range p.confirmations {
		if !p.concerns(c.servers, c.settings, r) {
			continue
		}
		out = stricter(out, c.confirm)
	}
	return out
}

// stricter is the confirmation that two rules ask for; the zero one asks for nothing.
func stricter(a, b change.Confirmation) change.Confirmation {
	if a.For == 0 || b.For < a.For {
		a.For = b.For
	}
	a.Proof = a.Proof || b.Proof
	return a
}

// reachableGuards checks that somebody can give the approvals of guards.
func (r *reader) reachableGuards(root *document.Node, m *meetings) {
	for i, g := range r.policy.guards {
		if !g.approval {
			continue
		}
		if most := m.others(approval{servers: g.servers, settings: g.settings}); most < 1 {
			path := indexed(keyGuards, i) + "." + keyOtherwise
			r.Add(change.Problem{
				Path: path, Line: root.LineAt(path), Rule: RuleNeedNotReachable, Message: notReachable(1, most),
				Hint: "give more people the role approver for these servers and settings, or write otherwise: " + otherwiseRefuse,
			})
		}
	}
}
