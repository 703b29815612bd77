package executor

import (
	"context"

	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// Identity answers who an account is by the policy: Answer.Identity. It only reads.
func (e *Executor) Identity(ctx context.Context, from policy.Account) (Answer, error) {
	return e.read(ctx, from, command.Command{}, func(r *request, _ context.Context) (Answer, error) {
		found := r.policy.Identify(r.who)
		return Answer{Outcome: Shown, Identity: &found}, nil
	})
}
