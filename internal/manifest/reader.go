package manifest

import (
	"fmt"
	"slices"
	"strings"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/nearest"
)

// reader gathers the requests and problems of a file.
type reader struct {
	opts     Options
	prefix   string // its path, "" for the only one
	requests []change.Request
	problems []change.Problem
	said     map[string]bool // paths about which enough has been said
	total    int             // changes seen, in all documents
}

func (r *reader) add(p change.Problem) {
	r.said[p.Path] = true
	r.problems = append(r.problems, p)
}

// addMember adds a problem with a key, which also says enough of its mapping: a
// change with a key that cannot be read is not one that sets nothing.
func (r *reader) addMember(path string, m member, p change.Problem) {
	p.Path, p.Line = join(path, shownKey(m.key)), m.line
	r.said[path] = true
	r.add(p)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// document reads one document: a list of changes under a header, or one bare
// change that holds both.
func (r *reader) document(root *node) {
	switch root.kind {
	case kindMapping:
	case kindNull:
		p := emptyDocument(root.line)
		p.Path = r.prefix
		r.add(*p)
		return
	case kindList:
		r.add(change.Problem{Path: r.prefix, Line: root.line, Rule: change.RuleWrongType, Message: "the document is a list", Hint: "put the list under the key changes"})
		return
	case kindText, kindInteger, kindNumber, kindFlag:
		r.add(change.Problem{Path: r.prefix, Line: root.line, Rule: change.RuleWrongType, Message: "the document is no mapping", Hint: "write keys and values, such as Port: 1195"})
		return
	}
	list, several := root.member(keyChanges)
	known := append(HeaderKeys(), keyChanges)
	if !several {
		known = append(known, ChangeKeys()...)
	}
	r.keys(root, r.prefix, known, ChangeKeys(), "put it into each change, below changes")
	header := r.header(root)
	switch {
	case several:
		r.list(list, header)
	case !asksForAnything(root):
		r.problems = append(r.problems, change.Problem{Path: r.prefix, Line: root.line, Rule: RuleNoChanges, Message: "the document asks for no change", Hint: "give a list of changes, or RegionId, SslVpnServerId and a setting"})
	case r.said[join(r.prefix, keyChanges)]:
		// A misspelt changes: what is below it is not looked at.
	default:
		r.change(root, r.prefix, header)
	}
}

// asksForAnything tells a bare change from a document that has lost its
// changes. A key that is not known may be a misspelt one of a change.
func asksForAnything(root *node) bool {
	return slices.ContainsFunc(root.members, func(m member) bool {
		return !slices.Contains(HeaderKeys(), m.key) && m.key != keyAction
	})
}

func (r *reader) list(m member, header change.Request) {
	path := join(r.prefix, keyChanges)
	if !r.isKind(m, path, kindList) {
		return
	}
	if len(m.value.items) == 0 {
		r.add(change.Problem{Path: path, Line: m.line, Rule: RuleNoChanges, Message: "the list of changes is empty", Hint: "give at least one change"})
	}
	for i, item := range m.value.items {
		at := fmt.Sprintf("%s[%d]", path, i)
		if item.kind != kindMapping {
			r.add(change.Problem{Path: at, Line: item.line, Rule: change.RuleWrongType, Message: "a change is a mapping, not " + item.describe(), Hint: "start it with - RegionId: and indent its other keys likewise"})
			continue
		}
		r.keys(item, at, ChangeKeys(), HeaderKeys(), "put it beside changes; it holds for the whole document")
		r.change(item, at, header)
	}
}

// keys reports keys that are unknown, refused, misplaced or repeated.
func (r *reader) keys(n *node, path string, known, elsewhere []string, move string) {
	first := map[string]int{}
	for _, m := range n.members {
		if line, again := first[m.key]; again {
			r.addMember(path, m, change.Problem{Rule: RuleDuplicateKey, Message: fmt.Sprintf("the key %s stands already on line %d", shownKey(m.key), line), Hint: "keep one of the two"})
			continue
		}
		first[m.key] = m.line
		hint, refused := refusedHint(m.key)
		switch {
		case slices.Contains(known, m.key):
		case refused:
			r.addMember(path, m, change.Problem{Rule: RuleRefusedParameter, Message: "the parameter " + shownKey(m.key) + " is not taken", Hint: hint})
		case slices.Contains(elsewhere, m.key):
			r.addMember(path, m, change.Problem{Rule: RuleMisplacedKey, Message: "the key " + m.key + " does not belong here", Hint: move})
		default:
			near, _ := nearest.To(m.key, known)
			r.said[join(path, near)] = true // "RegionId is missing" helps nobody who wrote RegionID
			r.addMember(path, m, change.Problem{Rule: RuleUnknownKey, Message: "the key " + shownKey(m.key) + " is not known", Hint: "the nearest known key is " + near})
		}
	}
}

// change reads one change with what its document says of it.
func (r *reader) change(n *node, path string, header change.Request) {
	if r.total++; r.total > MaxChanges {
		if r.total == MaxChanges+1 {
			r.add(change.Problem{Path: path, Line: n.line, Rule: RuleTooManyChanges, Message: fmt.Sprintf("the file has more than %d changes", MaxChanges), Hint: "split it into several files"})
		}
		return
	}
	req := header
	req.Path, req.Line = path, n.line
	if m, ok := n.member(keyAction); ok {
		if s, ok := r.text(m, path); ok && s != action {
			r.addMember(path, m, change.Problem{Rule: RuleActionUnknown, Message: "the action is not " + action, Hint: "remove Action; nothing else can be done here"})
		}
	}
	req.RegionID = r.textOf(n, keyRegionID, path)
	req.ServerID = r.textOf(n, keyServerID, path)
	if m, ok := n.member(keyToken); ok {
		if req.ClientToken, ok = r.text(m, path); ok && req.ClientToken == "" {
			r.addMember(path, m, change.Problem{Rule: change.RuleTokenLength, Message: "the token is empty", Hint: "give 1 to 64 characters, or remove the key"})
		}
	}
	req.Patch = r.settings(n, path)
	if m, ok := n.member(keyExpect); ok {
		at := join(path, keyExpect)
		if r.isKind(m, at, kindMapping) {
			r.keys(m.value, at, ExpectKeys(), nil, "")
			req.Expect = r.settings(m.value, at)
		}
	}
	r.requests = append(r.requests, req)
}

func (r *reader) settings(n *node, path string) change.Patch {
	p := change.Patch{}
	for _, f := range change.Fields() {
		m, ok := n.member(string(f))
		if !ok {
			continue
		}
		if v, ok := r.setting(f, m, path); ok {
			p[f] = change.Normalize(f, v)
		}
	}
	return p
}

func (r *reader) setting(f change.Field, m member, path string) (change.Value, bool) {
	switch f.Kind() {
	case change.KindText:
		s, ok := r.text(m, path)
		return change.Text(s), ok
	case change.KindNumber:
		n, ok := r.integer(m, path)
		return change.Number(n), ok
	case change.KindFlag:
		b, ok := r.flag(m, path)
		return change.Flag(b), ok
	default:
		return change.Value{}, false
	}
}

// header reads what stands once in a document.
func (r *reader) header(n *node) change.Request {
	var h change.Request
	h.Ref = strings.TrimSpace(r.textOf(n, keyRef, r.prefix))
	h.Reason = strings.TrimSpace(r.textOf(n, keyReason, r.prefix))
	if m, ok := n.member(keyRequestedBy); ok && !r.opts.AllowRequestedBy {
		r.addMember(r.prefix, m, change.Problem{Rule: RuleRequestedByNotAllowed, Message: "requestedBy is not taken here", Hint: "remove it; the verified sender is who asks"})
	} else {
		h.RequestedBy = strings.TrimSpace(r.textOf(n, keyRequestedBy, r.prefix))
	}
	h.NotBefore = r.timeOf(n, keyNotBefore)
	h.ExpiresAt = r.timeOf(n, keyExpiresAt)
	if m, ok := n.member(keyDryRun); ok {
		h.DryRun, _ = r.flag(m, r.prefix)
	}
	return h
}
