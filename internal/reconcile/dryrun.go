package reconcile

import (
	"context"
	"errors"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// dryRun is what the API says to a modification that it only checks.
type dryRun struct {
	refused []change.Problem
	err     error // it does not say
}

// dryRun has the API check everything that the plan of a server would send.
func (r *Reconciler) dryRun(ctx context.Context, api Advisory, l *look) dryRun {
	err := api.DryRun(ctx, sslvpn.Modification{Target: l.server.Target, Patch: l.survey.patch})
	e, ok := errors.AsType[*sslvpn.Error](err)
	if !ok {
		return dryRun{err: err}
	}
	switch e.Class {
	case sslvpn.ClassInvalid, sslvpn.ClassOther, sslvpn.ClassLocked, sslvpn.ClassUnknown:
		f := (&remote{target: l.server.Target, accountID: r.deps.AccountID, limits: r.limits}).failure(e)
		return dryRun{refused: []change.Problem{{
			Path: string(sslvpn.RefusedField(e.Code, e.Message)), Rule: f.Code, Message: f.Message, Hint: f.Hint,
		}}}
	case sslvpn.ClassBusy, sslvpn.ClassThrottled, sslvpn.ClassUnavailable, sslvpn.ClassCredentials, sslvpn.ClassDenied, sslvpn.ClassCircuitOpen:
		return dryRun{err: err}
	default:
		return dryRun{err: err}
	}
}
