package doctor

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
)

// Account is the account that the function checks.
type Account struct {
	Remote   *remote.Client
	Server   string        // that the operator names; "" for those of the policy
	Function string        // its name, for what the operator is told to run
	Patience time.Duration // for what the platform does on its own; 0: 3 minutes
	Delivery func() string // makes a webhook-id
	Begun    func(check string)
}

// Consent says what the live checks do, before they do it.
const Consent = `This makes about 20 checks on the account, through the deployed function and with its role:

- it writes small objects below claims/doctor/ of the change bucket, and deletes them; and wake/doctor and
  outbox/answers/doctor.json, whose events invoke the function
- it reads the buckets' versioning, listings, and the policy
- it tries rights by requests without an effect: writes with a wrong digest, deletions of objects that do not exist, a
  read of a certificate that does not exist
- it calls the VPC API to read servers and gateways of the policy, and probes two of the servers over UDP and TCP
- it invokes the function a few times, one of which fails on purpose
- it has the sweep begin its hourly cleaning early

Nothing is modified on any VPN server. With --server, a dry run of the server's own name is sent to that server.
`

// parallel is how many checks are under way at once: each waiting one occupies an
// instance.
const parallel = 4

// Check makes the checks with these names, or all of them. It fails if the function
// refuses to check anything.
func (a Account) Check(ctx context.Context, wanted func(check string) bool) ([]Result, error) {
	var list []Assumption
	for _, c := range live() {
		if wanted(c.Check) {
			list = append(list, c)
		}
	}
	made := make([]Result, len(list))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for _, i := range longFirst(list) {
		g.Go(func() error {
			var err error
			made[i], err = a.one(ctx, list[i].Check)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	out := slices.Clip(made)
	for _, c := range byHand() {
		if wanted(c.Check) {
			out = append(out, result(c.Check, NotChecked, how(c.Check, a.Function)))
		}
	}
	return out, nil
}

// longFirst orders checks so that those that wait for the platform begin first.
func longFirst(list []Assumption) (order []int) {
	var rest []int
	for i, c := range list {
		switch c.Check {
		case "sweep-timer", "retry", "delay", "wake-trigger", "answer-trigger":
			order = append(order, i)
		default:
			rest = append(rest, i)
		}
	}
	return append(order, rest...)
}

// one makes one check, with as many requests as it takes.
func (a Account) one(ctx context.Context, check string) (Result, error) {
	patience := a.Patience
	if patience == 0 {
		patience = 3 * time.Minute
	}
	if a.Begun != nil {
		a.Begun(check)
	}
	begun, run := time.Now(), ""
	for {
		ans, err := a.Remote.Doctor(ctx, remote.Check{Check: check, Run: run, Server: a.Server}, a.Delivery())
		if err != nil {
			return a.unanswered(check, err)
		}
		switch ans.Result {
		case string(OK), string(Finding), string(NotChecked):
			return result(check, Outcome(ans.Result), ans.Found), nil
		}
		if run != "" && time.Since(begun) >= patience { // it was continued once at least
			return result(check, Finding, ans.Found+", after "+time.Since(begun).Round(time.Second).String()), nil
		}
		run = ans.Run
	}
}

// unanswered is the result of a check that the function did not make. Nothing can be
// checked by a function that does not know the caller or the route.
func (a Account) unanswered(check string, err error) (Result, error) {
	no, refused := errors.AsType[*remote.RefusedError](err)
	switch {
	case !refused:
		return Result{}, err
	case no.Status == http.StatusNotFound:
		no.Hint = "the deployed function is of an earlier version: deploy this one"
		return Result{}, no
	case no.Status == http.StatusUnprocessableEntity && a.Server == "":
		return result(check, NotChecked, "this version of the function has no such check"), nil
	default:
		return Result{}, err
	}
}
