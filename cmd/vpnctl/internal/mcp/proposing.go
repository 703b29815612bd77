package mcp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

const toolPropose = "propose"

func (s *Server) addPropose() {
	closed, destroys := false, true
	sdk.AddTool(s.mcp, &sdk.Tool{
		Name: toolPropose,
		// A proposal waits for a person. It is called destructive nevertheless, so that
		// clients ask their user: once approved, it may disconnect people.
		Annotations: &sdk.ToolAnnotations{Title: "Propose a change", DestructiveHint: &destroys, IdempotentHint: true, OpenWorldHint: &closed},
		InputSchema: object(map[string]*jsonschema.Schema{
			"plan":   matching("The plan that the tool plan gave, as your user has seen it.", `^plan-[a-z2-7]{20}$`, 25),
			"reason": text("Why, in one line, so that an approver can decide: who asked for it, what it is for, and what happens if it is not done. It is shown as your words.", change.MaxReasonLength),
			"ref":    text("A ticket.", change.MaxRefLength),
		}, "plan", "reason"),
		Description: "Asks people to approve a planned change, under your own name as an assistant. It takes a plan that the tool plan gave within the last 15 minutes, " +
			"and proposes exactly that: if the server has changed since, it is rejected. Answers at once with the id of the change and who has to approve it, and does not " +
			"wait for that. Called again with the same plan, it answers the same and proposes nothing twice. Once approved, the change may disconnect people: plan says whom. " +
			"Propose only what your user wants.",
	}, s.propose)
}

type proposeArguments struct {
	Plan   string `json:"plan"`
	Reason string `json:"reason"`
	Ref    string `json:"ref"`
}

// proposal is a change that people are asked to approve.
type proposal struct {
	Change      changeResult `json:"change"`
	Changed     []difference `json:"changed" jsonschema:"what it does to the server as it is now"`
	Disconnects string       `json:"disconnects" jsonschema:"as in a plan"`
}

func (s *Server) propose(ctx context.Context, _ *sdk.CallToolRequest, in proposeArguments) (*sdk.CallToolResult, proposal, error) {
	p, expired := s.plans.find(in.Plan, s.now())
	switch {
	case expired:
		return nil, proposal{}, errors.New("this plan has expired: plan again, and propose what the new plan shows")
	case p == nil:
		return nil, proposal{}, errors.New("there is no such plan: propose takes the plan that the tool plan gave in this session")
	}
	// Whoever calls at the same time with the same plan waits, and gets the same answer.
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reason != "" && (p.reason != in.Reason || p.ref != in.Ref) {
		return nil, proposal{}, errors.New("this plan was proposed with another reason or ref: plan again to propose it anew")
	}
	if p.result == nil {
		if err := s.send(ctx, p, in); err != nil {
			return nil, proposal{}, err
		}
	}
	return answered(*p.result, "%s", p.result.summary(p.server))
}

// send proposes a plan. An attempt without an answer is repeated as it was, under the same
// delivery id, so that it is accepted once.
func (s *Server) send(ctx context.Context, p *planned, in proposeArguments) error {
	who, err := s.function.identify(ctx)
	if err != nil {
		return err
	}
	if !who.proposes() {
		return fmt.Errorf("the policy does not let %s request changes; a person has to ask for it", who.Person)
	}
	c := p.apply
	c.Reason, c.Ref = in.Reason, in.Ref
	if _, err := line(c); err != nil {
		return err
	}
	if p.reason == "" {
		if wait, ok := s.pace.take(s.now()); !ok {
			return fmt.Errorf("%d changes were proposed within %s, and people have to read them: wait %s", maxProposals, paceTime, wait.Round(time.Minute))
		}
	}
	p.reason, p.ref = in.Reason, in.Ref
	var ans answer
	if err := s.function.command(ctx, c, p.delivery, &ans); err != nil {
		return err
	}
	out := proposal{Changed: []difference{}, Disconnects: "none"}
	switch {
	case ans.Change != nil:
		out.Change = ans.Change.result()
	case ans.Record != nil: // it has ended since an attempt without an answer
		out.Change = recordResult(*ans.Record, nameOf(ans.Server))
	default:
		return errors.New("the function accepted this and names no change: look with list")
	}
	if ans.Plan != nil {
		out.Changed = differences(ans.Plan.Changed)
		if ans.Plan.Impact != nil {
			out.Disconnects = string(ans.Plan.Impact.Class)
		}
	}
	p.result = &out
	return nil
}

// summary says what has become of a proposal.
func (r proposal) summary(server string) string {
	c := r.Change
	text := fmt.Sprintf("Proposed as %s for %s. ", c.ID, server)
	if n := c.Needs - len(c.ApprovedBy); n > 0 && !c.Ended {
		text += fmt.Sprintf("It waits for %s, by one of: %s; people are asked, and an assistant cannot approve it. ", plural(n, "approval"), orNobody(c.Approvers))
	} else {
		text += "It is " + c.Status + ". "
	}
	if c.ExpiresAt != "" {
		text += "It expires at " + c.ExpiresAt + ". "
	}
	return text + "Look at it with status; do not propose it again."
}
