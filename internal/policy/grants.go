package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
)

const all = "*"

// grants reads the grants.
func (r *reader) grants(root *document.Node) {
	for _, e := range r.mappings(root, "", keyGrants, maxGrants, keySettings) {
		g := grant{who: r.who(e), roles: r.roles(e), servers: r.selectors(e), settings: r.settings(e)}
		r.editors(e, g)
		r.assistants(e, g)
		r.policy.grants = append(r.policy.grants, g)
	}
}

// editors checks that a grant of the right to put the policy says what it gives: that
// right is for all servers and settings at once.
func (r *reader) editors(e entry, g grant) {
	if !slices.Contains(g.roles, Editor) {
		return
	}
	if _, given := e.Member(keyServers); given && !slices.Contains(g.servers, all) && !r.Reported(document.Join(e.path, keyServers)) {
		r.at(e, keyServers, RuleEditorEverywhere, "the role policy-editor is granted for some servers, and a policy is about all", `write servers: ["*"], in a grant of its own`)
	}
	if _, given := e.Member(keySettings); given {
		r.at(e, keySettings, RuleEditorEverywhere, "the role policy-editor is granted for some settings, and a policy is about all", "grant it without settings, in a grant of its own")
	}
}

// approvals reads the rules by which changes need approvals.
func (r *reader) approvals(root *document.Node) {
	for _, e := range r.mappings(root, "", keyApprovals, maxApprovals, keySettings) {
		a := approval{servers: r.selectors(e), settings: r.settings(e)}
		if m, ok := e.Member(keyNeed); ok {
			if a.need, ok = r.Integer(m, e.path); ok && (a.need < 1 || a.need > maxNeed) {
				r.at(e, keyNeed, RuleNeedRange, fmt.Sprintf("need is %d", a.need), fmt.Sprintf("write 1 to %d; a change that no rule matches needs no approval", maxNeed))
			}
		}
		r.policy.approvals = append(r.policy.approvals, a)
	}
}

// who reads names; nil for everybody.
func (r *reader) who(e entry) []string {
	entries := r.texts(e.Node, e.path, keyWho, maxPeople)
	out := []string{}
	for _, s := range entries {
		switch {
		case s.Text == all && len(entries) == 1:
			return nil
		case s.Text == all:
			r.on(s, RulePersonUnknown, `"*" is listed with names`, `write "*" alone, or names alone`)
		case !r.known[s.Text]:
			hint := "add the person below people"
			if near := r.near(s.Text, r.policy.peopleNames()); near != "" {
				hint = "the nearest name below people is " + near
			}
			r.on(s, RulePersonUnknown, shown(s.Text)+" is not the name of a person below people", hint)
		default:
			out = append(out, s.Text)
		}
	}
	return out
}

func (r *reader) roles(e entry) []Role {
	known := []string{}
	for _, role := range Roles() {
		known = append(known, string(role))
	}
	var out []Role
	for _, s := range r.texts(e.Node, e.path, keyRoles, maxSelectors) {
		if !slices.Contains(known, s.Text) {
			r.on(s, RuleRoleUnknown, shown(s.Text)+" is not a role", nearestIs(r.near(s.Text, known))+"the roles are "+strings.Join(known, ", "))
			continue
		}
		out = append(out, Role(s.Text))
	}
	return out
}

// settings reads settings and patterns of settings, in the order of change.Fields;
// all of them without the key.
func (r *reader) settings(e entry) []change.Field {
	if _, given := e.Member(keySettings); !given {
		return change.Fields()
	}
	chosen := map[change.Field]bool{}
	known := []string{}
	for _, f := range change.Fields() {
		known = append(known, string(f))
	}
	for _, s := range r.texts(e.Node, e.path, keySettings, maxSelectors) {
		found := false
		for _, f := range change.Fields() {
			if matches(s.Text, string(f)) {
				chosen[f], found = true, true
			}
		}
		if !found {
			r.on(s, change.RuleUnknownSetting, shown(s.Text)+" is not a setting", nearestIs(r.near(s.Text, known))+"the settings are "+strings.Join(known, ", ")+`; "*" stands for all`)
		}
	}
	return slices.DeleteFunc(change.Fields(), func(f change.Field) bool { return !chosen[f] })
}
