package manifest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// reader collects the requests and problems of a file.
type reader struct {
	*document.Reader

	opts     Options
	prefix   string // the document's path, "" for the only one
	requests []change.Request
	total    int // changes so far, in all documents
}

// document reads one document: a list of changes with a header, or one bare change
// with both.
func (r *reader) document(root *document.Node) {
	if p := other(root); p != nil {
		p.Path = r.prefix
		r.Add(*p)
		return
	}
	switch root.Kind {
	case document.KindMapping:
	case document.KindNull:
		p := document.Empty(root.Line, hints())
		p.Path = r.prefix
		r.Add(*p)
		return
	case document.KindList:
		r.Add(change.Problem{Path: r.prefix, Line: root.Line, Rule: change.RuleWrongType, Message: "the document is a list", Hint: "put the list under the key changes"})
		return
	case document.KindText, document.KindInteger, document.KindNumber, document.KindFlag:
		r.Add(change.Problem{Path: r.prefix, Line: root.Line, Rule: change.RuleWrongType, Message: "the document is not a mapping", Hint: root.ColonHint("write keys and values, such as Port: 1195")})
		return
	}
	list, several := root.Member(keyChanges)
	known := append(HeaderKeys(), keyChanges)
	if !several {
		known = append(known, ChangeKeys()...)
	}
	r.Keys(root, r.prefix, known, judge(ChangeKeys(), "move it into each change, below changes"))
	header := r.header(root)
	switch {
	case several:
		r.list(list, header)
	case !hasChange(root):
		r.Problems = append(r.Problems, change.Problem{Path: r.prefix, Line: root.Line, Rule: RuleNoChanges, Message: "the document contains no change", Hint: "add a list of changes, or RegionId, SslVpnServerId and a setting"})
	case r.Reported(document.Join(r.prefix, keyChanges)):
		// The key changes is misspelled: what is below it is not read.
	default:
		r.change(root, r.prefix, header)
	}
}

// other recognizes a document of another kind; nil for a document of changes.
func other(root *document.Node) *change.Problem {
	for _, key := range []string{"people", "grants"} {
		if _, ok := root.Member(key); ok {
			return &change.Problem{
				Line: root.Line, Rule: document.RuleOtherDocument, Message: "this is a policy, which " + objects.PolicyFile + " contains",
				Hint: "save it there; a change file has the keys of docs/change-file.md",
			}
		}
	}
	return document.Other(root)
}

// hasChange reports whether a document without the key changes is a bare change. An
// unknown key may be a misspelled key of a change.
func hasChange(root *document.Node) bool {
	return slices.ContainsFunc(root.Members, func(m document.Member) bool {
		return !slices.Contains(HeaderKeys(), m.Key) && m.Key != keyAction
	})
}

func (r *reader) list(m document.Member, header change.Request) {
	path := document.Join(r.prefix, keyChanges)
	if !r.IsKind(m, path, document.KindList) {
		return
	}
	if len(m.Value.Items) == 0 {
		r.Add(change.Problem{Path: path, Line: m.Line, Rule: RuleNoChanges, Message: "the list of changes is empty", Hint: "add at least one change"})
	}
	for i, item := range m.Value.Items {
		at := fmt.Sprintf("%s[%d]", path, i)
		if item.Kind != document.KindMapping {
			r.Add(change.Problem{Path: at, Line: item.Line, Rule: change.RuleWrongType, Message: "a change is a mapping, not " + item.Describe(), Hint: "start it with - RegionId: and give its other keys the same indentation"})
			continue
		}
		r.Keys(item, at, ChangeKeys(), judge(HeaderKeys(), "move it next to changes; it applies to the whole document"))
		r.change(item, at, header)
	}
}

// judge returns a function that finds refused and misplaced keys.
func judge(elsewhere []string, move string) func(key string) *change.Problem {
	return func(key string) *change.Problem {
		if hint, refused := refusedHint(key); refused {
			return &change.Problem{Rule: RuleRefusedParameter, Message: "the parameter " + document.ShownKey(key) + " is not allowed", Hint: hint}
		}
		if slices.Contains(elsewhere, key) {
			return &change.Problem{Rule: RuleMisplacedKey, Message: "the key " + key + " does not belong here", Hint: move}
		}
		return nil
	}
}

// change reads one change, with the header of its document.
func (r *reader) change(n *document.Node, path string, header change.Request) {
	if r.total++; r.total > MaxChanges {
		if r.total == MaxChanges+1 {
			r.Add(change.Problem{Path: path, Line: n.Line, Rule: RuleTooManyChanges, Message: fmt.Sprintf("the file has more than %d changes", MaxChanges), Hint: "split it into several files"})
		}
		return
	}
	req := header
	req.Path, req.Line = path, n.Line
	if m, ok := n.Member(keyAction); ok {
		if s, ok := r.Text(m, path); ok && s != action {
			r.AddMember(path, m, change.Problem{Rule: RuleActionUnknown, Message: "the action is not " + action, Hint: "remove Action; no other action is possible"})
		}
	}
	req.RegionID = r.TextOf(n, keyRegionID, path)
	req.ServerID = r.TextOf(n, keyServerID, path)
	if m, ok := n.Member(keyToken); ok {
		if req.ClientToken, ok = r.Text(m, path); ok && req.ClientToken == "" {
			r.AddMember(path, m, change.Problem{Rule: change.RuleTokenLength, Message: "the token is empty", Hint: "write 1 to 64 characters, or remove the key"})
		}
	}
	req.Patch = r.settings(n, path)
	if m, ok := n.Member(keyExpect); ok {
		at := document.Join(path, keyExpect)
		if r.IsKind(m, at, document.KindMapping) {
			r.Keys(m.Value, at, ExpectKeys(), judge(nil, ""))
			req.Expect = r.settings(m.Value, at)
		}
	}
	r.requests = append(r.requests, req)
}

func (r *reader) settings(n *document.Node, path string) change.Patch {
	p := change.Patch{}
	for _, f := range change.Fields() {
		m, ok := n.Member(string(f))
		if !ok {
			continue
		}
		if v, ok := r.setting(f, m, path); ok {
			p[f] = change.Normalize(f, v)
		}
	}
	return p
}

func (r *reader) setting(f change.Field, m document.Member, path string) (change.Value, bool) {
	switch f.Kind() {
	case change.KindText:
		if f == change.LocalSubnet && m.Value.Kind == document.KindList {
			s, ok := r.texts(m, path)
			return change.Text(s), ok
		}
		read := r.Text
		if f == change.Name {
			read = r.freeText
		}
		s, ok := read(m, path)
		return change.Text(s), ok
	case change.KindNumber:
		n, ok := r.Integer(m, path)
		return change.Number(n), ok
	case change.KindFlag:
		b, ok := r.Flag(m, path)
		return change.Flag(b), ok
	default:
		return change.Value{}, false
	}
}

// freeText reads a text in which people may write a #. It refuses one that ends where
// YAML reads a comment, as in "vpn #1".
func (r *reader) freeText(m document.Member, path string) (string, bool) {
	if m.Value.Kind == document.KindText && m.Value.Comment != "" {
		r.AddMember(path, m, change.Problem{
			Rule: RuleYAMLComment, Message: m.Key + " ends before a #, which starts a comment",
			Hint: "put the whole text in quotes; if a comment is meant, write a blank after the #",
		})
		return "", false
	}
	return r.Text(m, path)
}

// freeTextOf reads the free text at a key; "" where there is none.
func (r *reader) freeTextOf(n *document.Node, key, path string) string {
	m, ok := n.Member(key)
	if !ok {
		return ""
	}
	s, _ := r.freeText(m, path)
	return s
}

// texts reads a list of texts as one, separated by commas.
func (r *reader) texts(m document.Member, path string) (string, bool) {
	var out []string
	for _, item := range m.Value.Items {
		s, ok := r.Text(document.Member{Key: m.Key, Line: item.Line, Value: item}, path)
		if !ok {
			return "", false
		}
		out = append(out, s)
	}
	return strings.Join(out, ","), true
}

// header reads the header of a document.
func (r *reader) header(n *document.Node) change.Request {
	var h change.Request
	h.Ref = strings.TrimSpace(r.freeTextOf(n, keyRef, r.prefix))
	h.Reason = strings.TrimSpace(r.freeTextOf(n, keyReason, r.prefix))
	if m, ok := n.Member(keyRequestedBy); ok && !r.opts.AllowRequestedBy {
		r.AddMember(r.prefix, m, change.Problem{Rule: RuleRequestedByNotAllowed, Message: "requestedBy is allowed in files only", Hint: "remove it; the verified sender is the requester"})
	} else {
		h.RequestedBy = strings.TrimSpace(r.freeTextOf(n, keyRequestedBy, r.prefix))
	}
	h.NotBefore = r.timeOf(n, keyNotBefore)
	h.ExpiresAt = r.timeOf(n, keyExpiresAt)
	if m, ok := n.Member(keyDryRun); ok {
		h.DryRun, _ = r.Flag(m, r.prefix)
	}
	r.guards(n, &h)
	return h
}

// guards reads the keys of the header that make a change safer, and override.
func (r *reader) guards(n *document.Node, h *change.Request) {
	var problem *change.Problem
	if m, ok := n.Member(keyConfirm); ok {
		if s, ok := r.Text(m, r.prefix); ok {
			if h.Confirm, problem = change.ParseConfirmation(s); problem != nil {
				r.AddMember(r.prefix, m, *problem)
			}
		}
	}
	if m, ok := n.Member(keyWhen); ok {
		if s, ok := r.Text(m, r.prefix); ok {
			if h.Idle, problem = change.ParseIdle(s); problem != nil {
				r.AddMember(r.prefix, m, *problem)
			}
		}
	}
	if m, ok := n.Member(keyProof); ok {
		h.Proof, _ = r.Flag(m, r.prefix)
	}
	if m, ok := n.Member(keyOverride); ok {
		if h.Override, ok = r.Text(m, r.prefix); ok && h.Override == "" {
			r.AddMember(r.prefix, m, change.OverrideProblem(""))
		}
	}
}
