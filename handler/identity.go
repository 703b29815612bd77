package handler

import (
	"context"

	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

const identityPath = "/v1/identity"

// getIdentity answers who the sender is, so that a client can decide what to offer.
func (c *invocation) getIdentity(ctx context.Context, s Services, r request) response {
	ans, no := c.read(ctx, r, func(from policy.Account) (executor.Answer, error) { return s.Executor().Identity(ctx, from) })
	if no != nil {
		return *no
	}
	return reply(200, ans.Identity)
}
