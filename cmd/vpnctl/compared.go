package main

import (
	"fmt"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// compared describes a comparison of two policies, a line each: + for what is permitted in
// addition, - for what is not permitted any more, ~ for the rest.
func compared(c policy.Comparison) []string {
	var out []string
	if c.Open {
		out = append(out, "~ there was no policy: files, signed requests and timers could request every change")
	}
	for _, a := range c.Gained {
		out = append(out, "+ "+access(a))
	}
	for _, a := range c.Lost {
		out = append(out, "- "+access(a))
	}
	for _, a := range c.Accounts {
		out = append(out, fmt.Sprintf("~ account %s: %s → %s", a.Account, somebody(a.From), somebody(a.To)))
	}
	for _, r := range c.Rules {
		out = append(out, fmt.Sprintf("~ %s of %s of %s: %s → %s", rule(r.Rule), settingsOf(r.Settings), listed(r.Servers, r.MoreServers), r.Before, r.After))
	}
	for _, e := range c.Entries {
		out = append(out, fmt.Sprintf("~ %s: %s is %s", e.Kind, e.Name, e.Change))
	}
	if c.More > 0 {
		out = append(out, fmt.Sprintf("and %s not shown", plural(c.More, "difference")))
	}
	if c.Partial {
		out = append(out, "the policies select servers in more ways than are compared")
	}
	if len(out) == 0 {
		out = append(out, "it permits the same as the policy in force")
	}
	return out
}

// access describes who may do what.
func access(a policy.Access) string {
	who := listed(a.People, a.MorePeople)
	switch of := " of " + listed(a.Servers, a.MoreServers); a.May {
	case policy.DeedView:
		return who + ": view the settings" + of
	case policy.DeedRequest:
		return who + ": request changes of " + settingsOf(a.Settings) + of
	case policy.DeedApprove:
		return who + ": approve changes of " + settingsOf(a.Settings) + of
	case policy.DeedCancel:
		return who + ": cancel others' changes of " + settingsOf(a.Settings) + of
	case policy.DeedEdit:
		return who + ": read and put the policy"
	default:
		return who + ": " + a.May + of
	}
}

// rule describes what a change needs.
func rule(kind string) string {
	switch kind {
	case policy.KindApprovals:
		return "approvals for changes"
	case policy.KindRefuseAbove:
		return "most connected clients for changes"
	case policy.KindApproveAbove:
		return "most connected clients without another approval for changes"
	case policy.KindConfirm:
		return "time to confirm changes"
	default:
		return kind
	}
}

func somebody(name string) string {
	if name == "" {
		return "nobody"
	}
	return name
}

func settingsOf(list []change.Field) string {
	if len(list) == 0 {
		return "all settings"
	}
	words := make([]string, len(list))
	for i, f := range list {
		words[i] = string(f)
	}
	return strings.Join(words, ", ")
}

func listed(names []string, more int) string {
	text := strings.Join(names, ", ")
	if more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
