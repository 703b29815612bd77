package handler

import (
	"context"
	"log/slog"

	"github.com/sslvpn-change/sslvpn-change/internal/notify"
	"github.com/sslvpn-change/sslvpn-change/internal/wakeup"
)

// deliver sends the pending notifications of this invocation's changes, and the
// given answers. Its lanes are released by now, so no lane waits for it. The sweep
// retries what fails.
func (c *invocation) deliver(ctx context.Context, s Services, answers []string) *notify.Report {
	if s.Outbox == nil {
		return nil
	}
	rep, err := s.Pending.Deliver()
	c.logDelivery(ctx, err)
	if len(answers) > 0 {
		more, err := s.Outbox.DeliverNew(ctx, answers)
		c.logDelivery(ctx, err)
		rep = rep.Plus(more)
	}
	if rep == (notify.Report{}) {
		return nil
	}
	return &rep
}

// deliverDue is deliver for a wake-up: it sends the reminders that are due, too.
func (c *invocation) deliverDue(ctx context.Context, s Services, lanes []wakeup.Lane) *notify.Report {
	out := c.deliver(ctx, s, nil)
	if s.Outbox == nil {
		return out
	}
	for _, l := range lanes {
		if !l.Remind {
			continue
		}
		rep, err := s.Outbox.DeliverReminders(ctx, l.Target)
		c.logDelivery(ctx, err)
		if out != nil {
			rep = rep.Plus(*out)
		}
		out = &rep
	}
	return out
}

// deliverAll is deliver for the sweep: it sends everything that is pending.
func (c *invocation) deliverAll(ctx context.Context, s Services) *notify.Report {
	if s.Outbox == nil {
		return nil
	}
	mine, err := s.Pending.Deliver()
	c.logDelivery(ctx, err)
	rep, err := s.Outbox.DeliverAll(ctx)
	c.logDelivery(ctx, err)
	rep = rep.Plus(mine)
	return &rep
}

// awaitProofs waits until the invocation has looked at the servers of its changes. Its
// lanes are released, and its notifications sent. The sweep goes on with what is left.
func (c *invocation) awaitProofs(ctx context.Context, s Services) {
	if s.Proofs == nil {
		return
	}
	if err := s.Proofs.Wait(); err != nil {
		c.log.WarnContext(ctx, "proofs not stored, the sweep tries again", slog.Any("error", err))
	}
}

func (c *invocation) logDelivery(ctx context.Context, err error) {
	if err != nil {
		c.log.WarnContext(ctx, "answers not delivered, the sweep tries again", slog.Any("error", err))
	}
}
