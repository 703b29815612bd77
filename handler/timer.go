package handler

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/events"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/notify"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// timerSummary is what an invocation by a timer returns.
type timerSummary struct {
	Trigger  string                 `json:"trigger"`
	Task     string                 `json:"task"`
	Sweep    *reconcile.SweepReport `json:"sweep,omitempty"`
	Answers  *notify.Report         `json:"answers,omitempty"` // delivered to chat
	Asked    int                    `json:"asked,omitempty"`   // requests for approval that were looked at
	Digests  int                    `json:"digests,omitempty"` // posted
	Changes  []string               `json:"changes,omitempty"`
	Rejected string                 `json:"rejected,omitempty"` // the id of the record that says why
	Problems []change.Problem       `json:"problems,omitempty"`
}

// task is a payload that names a task.
type task struct {
	Task     *string `json:"task"`
	Document string  `json:"document"`
}

// timer processes a tick: a sweep, or a scheduled document.
func (c *invocation) timer(ctx context.Context, ev *events.Timer) (json.RawMessage, error) {
	tick := intake.Tick{Name: ev.Name, Time: ev.Time, RequestID: c.inv.RequestID}
	var t task
	payload := strings.TrimSpace(ev.Payload)
	isTask := json.Unmarshal([]byte(payload), &t) == nil && t.Task != nil
	switch {
	case payload == "", isTask && *t.Task == "sweep":
		c.did.kind = kindSweep
		return c.sweep(ctx)
	case isTask && *t.Task == "apply":
		tick.Document = t.Document
		if tick.Document == "" {
			tick.Document = "(none)" // the refusal says how to fix it
		}
	case isTask:
		c.log.WarnContext(ctx, "timer payload names an unknown task", slog.String("trigger", ev.Name), slog.String("task", *t.Task))
		return json.Marshal(timerSummary{Trigger: "timer", Task: *t.Task, Problems: []change.Problem{{
			Path: "task", Rule: "timer-task", Message: "there is no task of this name",
			Hint: `use {"task":"sweep"}, {"task":"apply","document":"scheduled/<file>"}, or a change document as the payload`,
		}}})
	default:
		tick.Inline = []byte(ev.Payload)
	}
	c.did.kind = kindSchedule
	s, err := c.open(ctx)
	if err != nil {
		return nil, c.failed(ctx, err)
	}
	res, err := s.Intake.Tick(ctx, tick)
	if err != nil {
		return nil, c.failed(ctx, err)
	}
	return json.Marshal(timerSummary{
		Trigger: "timer", Task: "apply", Changes: ids(res.Changes), Rejected: res.Rejected, Problems: res.Problems,
	})
}

func (c *invocation) sweep(ctx context.Context) (json.RawMessage, error) {
	s, err := c.open(ctx)
	if err != nil {
		return nil, c.failed(ctx, err)
	}
	if s.Proofs != nil {
		s.Proofs.Sweep()
		defer c.awaitProofs(ctx, s)
	}
	var rep reconcile.SweepReport
	var asked int
	c.beside(func() { asked = c.tellAll(ctx, s) }, func() { rep, err = s.Reconciler(-1).Sweep(ctx, takeFiles{s.Intake}) })
	c.did.drained(rep.Lanes)
	if err != nil {
		return nil, c.failed(ctx, err)
	}
	out := timerSummary{Trigger: "timer", Task: "sweep", Sweep: &rep, Asked: asked, Digests: c.digests(ctx, s)}
	c.beside(func() { out.Asked += c.tellEnded(ctx, s, rep.Lanes) }, func() { out.Answers = c.deliverAll(ctx, s) })
	c.did.gauges = c.gauges(s, rep, out.Answers)
	return json.Marshal(out)
}
