package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
)

// servers reads the names of servers.
func (r *reader) servers(root *document.Node) {
	p := r.policy
	p.named, p.names = map[string]change.Target{}, map[change.Target]string{}
	alike := map[string]string{} // skeletons to names
	for _, e := range r.mappings(root, "", keyServers, maxServers) {
		before := len(r.Problems)
		name, ok := r.text(e, keyName)
		folded, form := strings.ToLower(name), r.alikes.of(name)
		switch _, twice := p.named[folded]; {
		case !ok:
		case looksLikeID(name, form) || !validName(name, "._-"):
			r.at(e, keyName, RuleServerNameFormat, shown(name)+" is not a valid name for a server", "use at most 64 letters, digits, periods, underscores and hyphens, such as office-hangzhou, and no name that looks like an id")
		case twice:
			r.at(e, keyName, RuleServerDuplicate, shown(name)+" is already the name of another server", "give each server a name of its own")
		case alike[form] != "":
			r.alike(e, name, alike[form])
		}
		t := r.target(e)
		if other, twice := p.names[t]; twice {
			r.at(e, keyServerID, RuleServerDuplicate, t.String()+" already has the name "+other, "give each server one name")
		}
		if _, known := p.named[folded]; ok && !known {
			alike[form] = name
			p.named[folded] = t // grants may use the name, whatever else is wrong with the entry
			r.names = append(r.names, folded)
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

// looksLikeID reports whether a name, or what it looks like, could be confused with
// the id of a server or a change.
func looksLikeID(name, skeleton string) bool {
	dated := skeleton // with digits where the id of a change has its date
	if head := len("20261122"); len(dated) > head {
		dated = strings.NewReplacer("o", "0", "l", "1").Replace(dated[:head]) + dated[head:]
	}
	for _, form := range []string{name, skeleton, dated} {
		form = strings.ToLower(form)
		if _, isChange := change.ParseTyped(form); isChange || strings.HasPrefix(form, idPrefix) {
			return true
		}
	}
	return false
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

// selectors reads the servers of a grant or another rule. Each text is judged once,
// however often it is written.
func (r *reader) selectors(e entry) []selector {
	var out []selector
	texts := r.texts(e.Node, e.path, keyServers, maxSelectors)
	before := r.selected
	if r.selected += len(texts); r.selected > maxAllSelectors {
		if before <= maxAllSelectors {
			r.at(e, keyServers, RuleTooManyEntries, fmt.Sprintf("the grants and other rules list more than %d servers", maxAllSelectors), "write patterns for servers")
		}
		return nil
	}
	for _, s := range texts {
		text := strings.ToLower(s.Text)
		possible, known := r.judged[text]
		if !known {
			possible = isSelector(s.Text) && r.possible(text)
			r.judged[text] = possible
		}
		switch {
		case !possible && !isSelector(s.Text):
			r.on(s, RuleServerPattern, shown(s.Text)+" is not a valid selector of servers", "write a name below servers, an id such as vss-bp18q7hzj6largv4vk2fe, region/id, or a pattern such as office-*")
		case !possible:
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
	case !pattern:
		_, named := r.policy.named[text]
		return named
	default:
		return slices.ContainsFunc(r.names, func(name string) bool { return matches(text, name) })
	}
}

func (r *reader) nearestServer(text string) string {
	if near := r.near(text, r.names); near != "" {
		return "the nearest name below servers is " + near + "; add a name for it there, or write its id; a pattern is about names unless it begins with vss-"
	}
	return "add a name for it below servers, or write its id; a pattern is about names unless it begins with vss-"
}
