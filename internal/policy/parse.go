package policy

import (
	"slices"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/document"
)

// The keys of a policy.
const (
	keyPeople    = "people"
	keyServers   = "servers"
	keyGrants    = "grants"
	keyApprovals = "approvals"

	keyName     = "name"
	keyLang     = "lang"
	keyAccounts = "accounts"
	keyChannel  = "door"
	keyTenant   = "tenant"
	keyUser     = "user"
	keyRegionID = "RegionId"
	keyServerID = "SslVpnServerId"
	keyWho      = "who"
	keyRoles    = "roles"
	keySettings = "settings"
	keyNeed     = "need"
)

// Keys lists the keys of each mapping of a policy, by the key above it; "" is the
// policy itself.
func Keys() map[string][]string {
	return map[string][]string{
		"":           topKeys(),
		keyPeople:    {keyName, keyLang, keyAccounts},
		keyAccounts:  {keyChannel, keyTenant, keyUser},
		keyServers:   {keyName, keyRegionID, keyServerID},
		keyGrants:    {keyWho, keyRoles, keyServers, keySettings},
		keyApprovals: {keyServers, keySettings, keyNeed},
	}
}

func topKeys() []string { return []string{keyPeople, keyServers, keyGrants, keyApprovals} }

// hints are the hints for policies.
func hints() document.Hints {
	return document.Hints{
		Empty:   "write people and grants, or delete the file to have no policy",
		Depth:   "a policy needs 5 levels",
		Split:   "a policy is one file; write patterns for servers, and \"*\" for all people",
		Several: "put all people below people, and all grants below grants",
		NoValue: "give a value, or remove the key",
		List:    "write one text",
		Example: "see the example in docs/policy.md",
		Number:  "2",
	}
}

// Parse reads a policy. It returns either the policy or all problems, in the order
// of their lines.
func Parse(data []byte, format document.Format) (*Policy, []change.Problem) {
	roots, problem := document.Parse(data, format, hints())
	if problem != nil {
		return nil, []change.Problem{*problem}
	}
	r := &reader{Reader: document.NewReader(hints()), policy: &Policy{}}
	r.read(roots)
	if len(r.Problems) == 0 {
		r.reachable(roots[0])
	}
	if len(r.Problems) > 0 {
		return nil, document.Bounded(r.Problems)
	}
	return r.policy, nil
}

// Recognize reports whether a document is a policy, valid or not, by its keys: a
// change file has none of them.
func Recognize(data []byte, format document.Format) bool {
	roots, problem := document.Parse(data, format, hints())
	return problem == nil && slices.ContainsFunc(topKeys(), func(key string) bool {
		_, ok := roots[0].Member(key)
		return ok
	})
}

// reader builds the policy and collects the problems.
type reader struct {
	*document.Reader

	policy *Policy
}

func (r *reader) read(roots []*document.Node) {
	root := roots[0]
	switch {
	case root.Kind == document.KindNull:
		r.Add(*document.Empty(root.Line, hints()))
		return
	case root.Kind != document.KindMapping:
		r.Add(change.Problem{Line: root.Line, Rule: change.RuleWrongType, Message: "the policy is a mapping, not " + root.Describe(), Hint: "write the keys people and grants"})
		return
	case len(roots) > 1:
		r.Add(change.Problem{Line: roots[1].Line, Rule: RuleSeveralDocuments, Message: "a second document begins here", Hint: "remove the --- and put everything into one document"})
	}
	r.Keys(root, "", topKeys(), nil)
	r.require(root, "", keyPeople, keyGrants)
	r.people(root)
	r.servers(root)
	r.grants(root)
	r.approvals(root)
}
