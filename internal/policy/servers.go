package policy

import (
	"regexp"
	"slices"
	"strings"
	"time"

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
			r.at(e, keyName, RuleServerNameFormat, shown(name)+" is not a name for a server", "use letters, digits, full stops, underscores and hyphens, such as office-hangzhou, and nothing that looks like an id; 64 characters at most")
		case twice:
			r.at(e, keyName, RuleServerDuplicate, shown(name)+" stands for another server already", "give each server a name of its own")
		}
		t := r.target(e)
		if other, twice := p.names[t]; twice {
			r.at(e, keyServerID, RuleServerDuplicate, t.String()+" has the name "+other+" already", "give each server one name")
		}
		if _, known := p.named[strings.ToLower(name)]; ok && !known {
			p.named[strings.ToLower(name)] = t // a grant may name it, whatever else is wrong with it
		}
		if len(r.Problems) == before && ok {
			p.names[t] = name
			p.servers = append(p.servers, Server{Target: t, Name: name})
		}
	}
}

// target reads the ids of a server. Problems are those of a change's ids.
func (r *reader) target(e entry) change.Target {
	region, hasRegion := r.text(e, keyRegionID)
	id, hasID := r.text(e, keyServerID)
	t := change.Target{RegionID: region, ServerID: id}
	for _, problem := range change.Validate([]change.Request{{Target: t}}, time.Time{}) {
		if problem.Path != keyRegionID && problem.Path != keyServerID {
			continue // no change is asked for
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

// looksLikeID tells whether a name could be taken for the id of a server or of
// a change.
func looksLikeID(name string) bool {
	_, _, _, isChange := change.ParseID(strings.ToLower(name))
	return isChange || strings.HasPrefix(strings.ToLower(name), "vss-")
}

var (
	selectorWord = regexp.MustCompile(`^[\p{L}\p{Nd}._*-]+$`)
	selectorIDs  = regexp.MustCompile(`^[a-z0-9*-]+/[a-z0-9*-]+$`)
)

// selectors reads the servers of a grant or an approval.
func (r *reader) selectors(e entry) []selector {
	var out []selector
	for _, s := range r.texts(e.Node, e.path, keyServers, maxSelectors) {
		text := strings.ToLower(s.Text)
		switch {
		case !selectorWord.MatchString(s.Text) && !selectorIDs.MatchString(s.Text) || len([]rune(s.Text)) > maxServerPatternRunes:
			r.on(s, RuleServerPattern, shown(s.Text)+" names no server", "write a name of servers, an id such as vss-bp18q7hzj6largv4vk2fe, region/id, or a pattern such as office-*")
		case !r.possible(text):
			r.on(s, RuleServerUnknown, "there is no server "+shown(s.Text), r.nearestServer(text))
		default:
			out = append(out, selector(text))
		}
	}
	return out
}

// possible tells whether a selector can name a server.
func (r *reader) possible(text string) bool {
	region, id, both := strings.Cut(text, "/")
	switch {
	case both && !strings.Contains(text, "*"):
		return change.Target{RegionID: region, ServerID: id}.Valid()
	case both:
		return overlap(id, anyID)
	case !strings.Contains(text, "*") && strings.HasPrefix(text, "vss-"):
		return change.Target{RegionID: "cn-hangzhou", ServerID: text}.Valid()
	case overlap(text, anyID):
		return true
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
		return "give it a name below servers, or write its id"
	}
	slices.Sort(names)
	return "the nearest name below servers is " + nearest.Word(text, names) + "; give it a name there, or write its id"
}
