package manifest

import (
	"fmt"
	"slices"
	"strings"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/document"
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
		r.Add(change.Problem{Path: r.prefix, Line: root.Line, Rule: change.RuleWrongType, Message: "the document is not a mapping", Hint: "write keys and values, such as Port: 1195"})
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
		s, ok := r.Text(m, path)
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

// header reads the header of a document.
func (r *reader) header(n *document.Node) change.Request {
	var h change.Request
	h.Ref = strings.TrimSpace(r.TextOf(n, keyRef, r.prefix))
	h.Reason = strings.TrimSpace(r.TextOf(n, keyReason, r.prefix))
	if m, ok := n.Member(keyRequestedBy); ok && !r.opts.AllowRequestedBy {
		r.AddMember(r.prefix, m, change.Problem{Rule: RuleRequestedByNotAllowed, Message: "requestedBy is allowed in files only", Hint: "remove it; the verified sender is the requester"})
	} else {
		h.RequestedBy = strings.TrimSpace(r.TextOf(n, keyRequestedBy, r.prefix))
	}
	h.NotBefore = r.timeOf(n, keyNotBefore)
	h.ExpiresAt = r.timeOf(n, keyExpiresAt)
	if m, ok := n.Member(keyDryRun); ok {
		h.DryRun, _ = r.Flag(m, r.prefix)
	}
	return h
}
