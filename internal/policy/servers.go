package policy

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/document"
	"sslvpnchange/internal/nearest"
)

// servers reads the names of servers.
func (r *reader) servers(root *document.Node) {
	p := r.policy
	p.named, p.names = map[string]change.Target{}, map[change.Target]string{}
	for _, e := range r.mappings(root, "", keyServers, maxServers) {
		before := len(r.Problems)
		name, ok := r.text(e, keyName)
		switch _, twice := p.named[strings.ToLower(name)]; {
		case !ok:
		case looksLikeID(name) || !validName(name, "._-"):
			r.at(e, keyName, RuleServerNameFormat, shown(name)+" is not a valid name for a server", "use at most 64 letters, digits, periods, underscores and hyphens, such as office-hangzhou, and no name that looks like an id")
		case twice:
			r.at(e, keyName, RuleServerDuplicate, shown(name)+" is already the name of another server", "give each server a name of its own")
		}
		t := r.target(e)
		if other, twice := p.names[t]; twice {
			r.at(e, keyServerID, RuleServerDuplicate, t.String()+" already has the name "+other, "give each server one name")
		}
		if _, known := p.named[strings.ToLower(name)]; ok && !known {
			p.named[strings.ToLower(name)] = t // grants may use the name, whatever else is wrong with the entry
		}
		if len(r.Problems) == before && ok {
			p.names[t] = name
			p.servers = append(p.servers, Server{Target: t, Name: name})
		}
	}
}

// target reads the ids of a server. Its problems are those of the ids of a change.
func (r *reader) target(e entry) change.Target {
	region, hasRegion := r.text(e, keyRegionID)
	id, hasID := r.text(e, keyServerID)
	t := change.Target{RegionID: region, ServerID: id}
	for _, problem := range change.Validate([]change.Request{{Target: t}}, time.Time{}) {
		if problem.Path != keyRegionID && problem.Path != keyServerID {
			continue // there is no change
		}
		if problem.Path == keyRegionID && hasRegion || problem.Path == keyServerID && hasID {
			if problem.Rule == change.RuleRequired {
				problem.Rule = RuleKeyMissing
			}
			r.at(e, problem.Path, problem.Rule, problem.Message, problem.Hint)
		}
	}
	return t
}

// looksLikeID reports whether a name could be confused with the id of a server or a
// change.
func looksLikeID(name string) bool {
	_, isChange := change.ParseTyped(strings.ToLower(name))
	return isChange || strings.HasPrefix(strings.ToLower(name), idPrefix)
}

// isSelector reports whether a text has the form of a name, id, region/id, or a
// pattern of one of these.
func isSelector(text string) bool {
	region, id, both := strings.Cut(text, "/")
	letter := func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune("._*-", c) }
	if both {
		letter = func(c rune) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '*' || c == '-' }
	}
	is := func(s string) bool {
		return s != "" && !strings.ContainsFunc(s, func(c rune) bool { return !letter(c) })
	}
	return len([]rune(text)) <= maxServerPatternRunes && is(region) && (!both || is(id))
}

// selectors reads the servers of a grant or an approval.
func (r *reader) selectors(e entry) []selector {
	var out []selector
	for _, s := range r.texts(e.Node, e.path, keyServers, maxSelectors) {
		text := strings.ToLower(s.Text)
		switch {
		case !isSelector(s.Text):
			r.on(s, RuleServerPattern, shown(s.Text)+" is not a valid selector of servers", "write a name below servers, an id such as vss-bp18q7hzj6largv4vk2fe, region/id, or a pattern such as office-*")
		case !r.possible(text):
			r.on(s, RuleServerUnknown, "there is no server "+shown(s.Text), r.nearestServer(text))
		default:
			out = append(out, selector(text))
		}
	}
	return out
}

// possible reports whether a selector can select a server.
func (r *reader) possible(text string) bool {
	region, id, both := strings.Cut(text, "/")
	pattern := strings.Contains(text, all)
	switch {
	case both && !pattern:
		return change.Target{RegionID: region, ServerID: id}.Valid()
	case both:
		return overlap(id, anyID)
	case text == all:
		return true
	case selector(text).aboutIDs():
		return pattern || change.Target{RegionID: "cn-hangzhou", ServerID: text}.Valid()
	}
	for name := range r.policy.named {
		if matches(text, name) {
			return true
		}
	}
	return false
}

func (r *reader) nearestServer(text string) string {
	var names []string
	for name := range r.policy.named {
		names = append(names, name)
	}
	if len(names) == 0 {
		return "add a name for it below servers, or write its id; a pattern is about names unless it begins with vss-"
	}
	slices.Sort(names)
	return "the nearest name below servers is " + nearest.Word(text, names) + "; add a name for it there, or write its id; a pattern is about names unless it begins with vss-"
}
