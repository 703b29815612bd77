package policy

import (
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/window"
)

// The keys of a policy.
const (
	keyPeople    = "people"
	keyServers   = "servers"
	keyGrants    = "grants"
	keyApprovals = "approvals"

	keyGuards        = "guards"
	keyConfirmations = "confirmations"
	keyNotify        = "notify"

	keyName      = "name"
	keyLang      = "lang"
	keyAccounts  = "accounts"
	keyAssistant = "assistant"
	keyChannel   = "door"
	keyTenant    = "tenant"
	keyUser      = "user"
	keyRegionID  = "RegionId"
	keyServerID  = "SslVpnServerId"
	keyWho       = "who"
	keyRoles     = "roles"
	keySettings  = "settings"
	keyNeed      = "need"

	keyMaxConnected = "maxConnected"
	keyOtherwise    = "otherwise"
	keyFor          = "for"
	keyProof        = "proof"

	keyRooms    = "rooms"
	keyRoom     = "room"
	keyTimeZone = "timeZone"
	keyDigest   = "digest"
	keyMention  = "mention"
	keyRemind   = "remind"
	keyQuiet    = "quiet"

	keyWindows   = "windows"
	keyFreezes   = "freezes"
	keyTests     = "tests"
	keyOpen      = "open"
	keyExcept    = "except"
	keyAlso      = "also"
	keyLastStart = "lastStart"
	keyDays      = "days"
	keyFrom      = "from"
	keyTo        = "to"
	keyUntil     = "until"
	keyReason    = "reason"
	keyOverride  = "override"
)

// Keys lists the keys of each mapping of a policy, by the key above it; "" is the
// policy itself.
func Keys() map[string][]string {
	return map[string][]string{
		"":           topKeys(),
		keyPeople:    {keyName, keyLang, keyTimeZone, keyAssistant, keyAccounts},
		keyAccounts:  {keyChannel, keyTenant, keyUser},
		keyServers:   {keyName, keyRegionID, keyServerID},
		keyGrants:    {keyWho, keyRoles, keyServers, keySettings},
		keyApprovals: {keyServers, keySettings, keyNeed},

		keyGuards:        {keyServers, keySettings, keyMaxConnected, keyOtherwise},
		keyConfirmations: {keyServers, keySettings, keyFor, keyProof},
		keyNotify:        {keyServers, keyRooms, keyMention, keyRemind, keyQuiet},
		keyRooms:         {keyChannel, keyTenant, keyRoom, keyLang, keyTimeZone, keyDigest},

		keyWindows:  {keyName, keyServers, keySettings, keyTimeZone, keyOpen, keyExcept, keyAlso, keyLastStart},
		keyOpen:     {keyDays, keyFrom, keyTo},
		keyFreezes:  {keyName, keyServers, keyTimeZone, keyFrom, keyUntil, keyReason, keyOverride},
		keyOverride: {keyNeed},
	}
}

func topKeys() []string {
	return []string{keyPeople, keyServers, keyGrants, keyApprovals, keyGuards, keyConfirmations, keyNotify, keyWindows, keyFreezes, keyTests}
}

// hints are the hints for policies.
func hints() document.Hints {
	return document.Hints{
		Empty:   "write people and grants, or delete the file to have no policy",
		Depth:   "a policy needs 5 levels",
		Split:   "a policy is one file; write patterns for servers, and \"*\" for all people",
		Several: "put all people below people, and all grants below grants",
		NoValue: "give a value, or remove the key",
		List:    "write one text",
		Example: "docs/policy.md lists the keys",
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
	r := &reader{Reader: document.NewReader(hints()), policy: &Policy{}, judged: map[string]bool{}, testable: map[string]bool{}}
	r.read(roots)
	if len(r.Problems) == 0 {
		r.reachable(roots[0])
		r.judge()
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

// other recognizes a document that is no policy; nil for every other.
func other(root *document.Node) *change.Problem {
	for _, key := range []string{"changes", keyRegionID, keyServerID} {
		if _, ok := root.Member(key); ok {
			return &change.Problem{
				Line: root.Line, Rule: document.RuleOtherDocument, Message: "this is a change file",
				Hint: "save it below changes/; a policy has the keys of docs/policy.md",
			}
		}
	}
	return document.Other(root)
}

// reader builds the policy and collects the problems.
type reader struct {
	*document.Reader

	policy   *Policy
	alikes   skeletons
	known    map[string]bool // names of people
	names    []string        // of servers, in lower case
	selected int             // selectors of servers so far
	judged   map[string]bool // whether a selector in lower case can select a server
	zones    map[string]*window.Zone

	stated   []test          // the tests
	testable map[string]bool // whether a selector in lower case can be that of a test
	unlisted []change.Target // the servers of tests that servers does not list
}

func (r *reader) read(roots []*document.Node) {
	root := roots[0]
	if p := other(root); p != nil {
		r.Add(*p)
		return
	}
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
	r.known = map[string]bool{}
	for _, who := range r.policy.people {
		r.known[who.Name] = true
	}
	r.servers(root)
	r.grants(root)
	r.approvals(root)
	r.guards(root)
	r.confirmations(root)
	r.notifications(root)
	r.windows(root)
	r.freezes(root)
	r.tests(root)
}
