package handler

import (
	"context"
	"log/slog"

	"sslvpnchange/internal/notify"
)

// deliver delivers what this invocation owes to chat, and the answers that are
// named. No lane waits for it: its lanes are free by now. What does not arrive
// is left to the sweep.
func (c invocation) deliver(ctx context.Context, s Services, answers []string) *notify.Report {
	if s.Outbox == nil {
		return nil
	}
	rep, err := s.Owed.Deliver()
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

// deliverAll is deliver for the sweep: it delivers whatever was left over.
func (c invocation) deliverAll(ctx context.Context, s Services) *notify.Report {
	if s.Outbox == nil {
		return nil
	}
	mine, err := s.Owed.Deliver()
	c.logDelivery(ctx, err)
	rep, err := s.Outbox.DeliverAll(ctx)
	c.logDelivery(ctx, err)
	rep = rep.Plus(mine)
	return &rep
}

func (c invocation) logDelivery(ctx context.Context, err error) {
	if err != nil {
		c.log.WarnContext(ctx, "answers not delivered, the sweep tries again", slog.Any("error", err))
	}
}
