package executor

import (
	"context"

	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// Administer refuses an account that is not an administrator of all servers, and gives
// the servers that the policy names to one that is. It claims nothing.
func (e *Executor) Administer(ctx context.Context, from policy.Account) ([]policy.Server, Answer, error) {
	var servers []policy.Server
	ans, err := e.read(ctx, from, command.Command{}, func(r *request, _ context.Context) (Answer, error) {
		if no := r.policy.MayEverywhere(r.who, policy.Retract); no != nil {
			return Answer{}.refuse(Forbidden, *no), nil
		}
		servers = r.policy.Servers()
		return Answer{Outcome: Shown}, nil
	})
	return servers, ans, err
}
