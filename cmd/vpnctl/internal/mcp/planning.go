package mcp

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
)

func (s *Server) addPlan() {
	sdk.AddTool(s.mcp, &sdk.Tool{
		Name: "plan", Annotations: looks("Plan a change"), InputSchema: planSchema(),
		Description: "Shows what a change of settings would do to a server as it is now: the difference, who is disconnected and needs a new configuration file, " +
			"when it may be sent, and who has to approve it. Changes nothing. Always plan before you propose, and show your user what the plan says.",
	}, s.plan)
}

// planResult is what a change would do.
type planResult struct {
	Plan         string       `json:"plan,omitempty" jsonschema:"pass it to propose; absent if this cannot be proposed"`
	ValidUntil   string       `json:"validUntil,omitempty" jsonschema:"until when it can be proposed"`
	Server       string       `json:"server"`
	Changed      []difference `json:"changed" jsonschema:"empty: the server has these values already"`
	Disconnects  string       `json:"disconnects" jsonschema:"none; reconnects: clients lose the connection and return by themselves; new-file: clients cannot connect until each has a new configuration file"`
	Connected    *int         `json:"connected,omitempty" jsonschema:"how many clients are connected now; absent if it is not known"`
	Effects      []string     `json:"effects,omitempty" jsonschema:"on people, in words; tell them to your user"`
	Problems     []*words     `json:"problems,omitempty" jsonschema:"why it would be refused now"`
	Needs        int          `json:"approvalsNeeded" jsonschema:"by people who are not assistants; more may be needed while many clients are connected"`
	Approvers    []string     `json:"approvers,omitempty" jsonschema:"people who may approve it"`
	Confirm      string       `json:"confirm,omitempty" jsonschema:"it is undone unless a person confirms it within this time"`
	Window       *gate        `json:"window,omitempty" jsonschema:"whether it may be sent when it is due"`
	AlreadyAsked string       `json:"alreadyProposed,omitempty" jsonschema:"the id of the same change that you proposed a moment ago: look at it with status"`
}

// permitted is what is read of the answer to GET /v1/permissions.
type permitted struct {
	Approvals int      `json:"approvals"`
	Approvers []string `json:"approvers"`
}

func (s *Server) plan(ctx context.Context, _ *sdk.CallToolRequest, in planArguments) (*sdk.CallToolResult, planResult, error) {
	who, err := s.function.identify(ctx)
	if err != nil {
		return nil, planResult{}, err
	}
	c, err := in.command()
	if err != nil {
		return nil, planResult{}, err
	}
	var ans answer
	if err := s.function.command(ctx, c, s.function.newID(), &ans); err != nil {
		return nil, planResult{}, err
	}
	var may permitted
	if err := s.function.get(ctx, "/v1/permissions?"+question(in.Server, c.Patch, who.Person), &may); err != nil {
		return nil, planResult{}, err
	}
	out := s.planned(ans, may)
	if ans.Plan == nil || ans.Plan.Unseen != nil || len(ans.Plan.Changed) == 0 || len(ans.Problems) > 0 || !who.proposes() {
		return answered(out, "%s", out.summary())
	}
	c.Verb = command.Apply
	c.Expect = expecting(c, ans.Plan.Before)
	if out.AlreadyAsked = s.plans.proposed(c); out.AlreadyAsked == "" {
		kept := s.plans.add(c, out.Server, s.now(), s.function.newID())
		out.Plan, out.ValidUntil = kept.id, stamp(kept.at.Add(planLifetime).Truncate(time.Second))
	}
	return answered(out, "%s", out.summary())
}

// question are the parameters of the question who has to approve a change.
func question(server string, p change.Patch, person string) string {
	fields := make([]string, 0, len(p))
	for _, f := range p.Fields() {
		fields = append(fields, string(f))
	}
	return url.Values{"server": {server}, "settings": {strings.Join(fields, ",")}, "person": {person}}.Encode()
}

// expecting is what a planned change expects of the server: what the plan showed of each
// setting, and what else was asked for. What the server did not report cannot be expected.
func expecting(c command.Command, before change.Settings) change.Patch {
	out := change.Patch{}
	maps.Copy(out, c.Expect)
	for f := range c.Patch {
		if v := before[f]; !v.IsZero() {
			out[f] = v
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func (s *Server) planned(ans answer, may permitted) planResult {
	out := planResult{Server: nameOf(ans.Server), Changed: []difference{}, Disconnects: "none", Needs: may.Approvals, Approvers: may.Approvers}
	if p := ans.Plan; p != nil {
		out.Changed, out.Confirm, out.Window = differences(p.Changed), p.Confirm, gateOf(p.Window)
		if p.Unseen != nil {
			out.Problems = append(out.Problems, quoted(p.Unseen.String()))
		}
		if p.Impact != nil {
			out.Disconnects, out.Connected = string(p.Impact.Class), p.Impact.Connected
		}
		for _, effect := range wording.In(lang.English).At(s.now(), time.UTC).Effects(p.Changed, p.Impact) {
			out.Effects = append(out.Effects, bounded(effect))
		}
	}
	for _, p := range ans.Problems[:min(len(ans.Problems), maxProblems)] {
		out.Problems = append(out.Problems, quoted(p.String()))
	}
	return out
}

// summary says in short what a plan shows.
func (r planResult) summary() string {
	switch {
	case len(r.Problems) > 0:
		return fmt.Sprintf("This would be refused: %s.", plural(len(r.Problems), "problem"))
	case len(r.Changed) == 0:
		return "Nothing would change: the server has these values already."
	}
	var parts []string
	for _, d := range r.Changed {
		parts = append(parts, fmt.Sprintf("%s from %q to %q", d.Setting, fmt.Sprint(d.From), fmt.Sprint(d.To)))
	}
	text := fmt.Sprintf("Plan for %s: %s. Nothing was changed. %s", r.Server, strings.Join(parts, ", "), strings.Join(r.Effects, " "))
	if r.Needs > 0 {
		text += fmt.Sprintf(" It needs %s, by one of: %s.", plural(r.Needs, "approval"), orNobody(r.Approvers))
	}
	switch {
	case r.AlreadyAsked != "":
		text += " You proposed the same a moment ago, as " + r.AlreadyAsked + "."
	case r.Plan != "":
		text += " To ask for it, call propose with plan " + r.Plan + " and a reason."
	default:
		text += " You may not request it."
	}
	return text
}
