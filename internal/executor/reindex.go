package executor

import (
	"context"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/index"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// Reindexed is one step of rebuilding the index.
type Reindexed struct {
	Records int    `json:"records"`        // read
	Next    string `json:"next,omitempty"` // where the next step goes on; "" when all is done
}

// Reindex adds the rows of some records to the index, behind a key: "" for all records,
// else record.From or Next of the step before. It costs one request for each record, and
// reads at most a thousand. It is for administrators of all servers.
func (e *Executor) Reindex(ctx context.Context, from policy.Account, key string) (Reindexed, Answer, error) {
	p, err := e.Policy(ctx)
	if err != nil {
		return Reindexed{}, Answer{}, err
	}
	who, known := p.Person(from)
	r := &request{Executor: e, beginning: beginning{policy: p}, from: Requester{Account: from}, who: who}
	var out Reindexed
	ans, err := r.do(ctx, action{run: func(r *request, ctx context.Context) (Answer, error) {
		if no := r.policy.MayEverywhere(r.who, policy.Retract); no != nil {
			return Answer{}.refuse(Forbidden, *no), nil
		}
		if key != "" && key != index.Merging && !strings.HasPrefix(key, objects.Records) {
			return Answer{}.refuseBy(Invalid, index.RuleFrom, "there is no step that begins there", "leave next out, or copy it from the answer before"), nil
		}
		out.Records, out.Next, err = r.Index.Rebuild(ctx, r.Records, key)
		return Answer{Outcome: Shown}, err
	}}, known)
	return out, ans, err
}
