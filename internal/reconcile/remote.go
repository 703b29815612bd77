package reconcile

import (
	"context"
	"errors"
	"log/slog"
	"strconv"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// remote is a server and its gateway as the API shows them.
type remote struct {
	api       API
	target    change.Target
	accountID string // as in Deps
	limits    limits
	log       *slog.Logger
}

// obstacle is why something could not be read. The zero obstacle is none: at
// most one field is set.
type obstacle struct {
	wait    *wait           // not now
	denied  bool            // not permitted
	failure *record.Failure // never
}

// server reads the server.
func (r *remote) server(ctx context.Context) (sslvpn.Server, obstacle) {
	ctx, cancel := r.limits.reads(ctx)
	defer cancel()
	s, err := r.api.DescribeServer(ctx, r.target)
	return s, r.obstacle(ctx, err)
}

// gateway reads the gateway with an id. Without an id it is not readable.
func (r *remote) gateway(ctx context.Context, id string) (sslvpn.Gateway, obstacle) {
	if id == "" {
		return sslvpn.Gateway{}, obstacle{denied: true}
	}
	ctx, cancel := r.limits.reads(ctx)
	defer cancel()
	g, err := r.api.DescribeGateway(ctx, sslvpn.GatewayRef{RegionID: r.target.RegionID, GatewayID: id})
	return g, r.obstacle(ctx, err)
}

// modify sends a modification once.
func (r *remote) modify(ctx context.Context, m sslvpn.Modification) (sslvpn.ModifyReply, *sslvpn.Error) {
	ctx, cancel := context.WithTimeout(ctx, r.limits.policy.CallTime)
	defer cancel()
	reply, err := r.api.ModifyServer(ctx, m)
	if err != nil {
		return sslvpn.ModifyReply{}, apiError(err, sslvpn.ClassUnknown)
	}
	return reply, nil
}

// obstacle classifies the error of a read.
func (r *remote) obstacle(ctx context.Context, err error) obstacle {
	if err == nil {
		return obstacle{}
	}
	e := apiError(err, sslvpn.ClassUnavailable)
	switch e.Class {
	case sslvpn.ClassDenied:
		r.log.WarnContext(ctx, "reading is not permitted; changes are applied unverified",
			slog.String("action", e.Action), slog.String("code", e.Code))
		return obstacle{denied: true}
	case sslvpn.ClassBusy, sslvpn.ClassThrottled, sslvpn.ClassUnavailable, sslvpn.ClassUnknown,
		sslvpn.ClassCircuitOpen, sslvpn.ClassCredentials:
		return obstacle{wait: r.waitFor(e)}
	case sslvpn.ClassLocked, sslvpn.ClassInvalid, sslvpn.ClassOther:
		return obstacle{failure: r.failure(e)}
	default:
		return obstacle{failure: r.failure(e)}
	}
}

// apiError is an error as one of the API; what is none gets the class.
func apiError(err error, class sslvpn.Class) *sslvpn.Error {
	if e, ok := errors.AsType[*sslvpn.Error](err); ok {
		return e
	}
	return &sslvpn.Error{Class: class, Message: err.Error(), Err: err}
}

// waitFor is the wait that an error causes.
func (r *remote) waitFor(e *sslvpn.Error) *wait {
	return waitAfter(e, r.limits.now(), r.limits.nextLook())
}

// busy is the wait for a gateway that is at work.
func (r *remote) busy(why string) *wait {
	return &wait{Cause: causeGateway, Why: why, Since: r.limits.now().UTC(), Next: r.limits.nextLook()}
}

// failure renders an error for a record.
func (r *remote) failure(e *sslvpn.Error) *record.Failure {
	code := e.Code
	if code == "" {
		code = "HTTP" + strconv.Itoa(e.HTTPStatus)
	}
	return &record.Failure{
		Code: code, Class: string(e.Class), Message: e.Message,
		Hint: sslvpn.Advice(e, r.target, r.accountID), RequestID: e.RequestID,
	}
}

// shows reports whether the server has every value that was asked for. Where
// nothing was asked for, nothing shows.
func shows(s change.Settings, asked change.Patch) bool {
	return len(asked) > 0 && len(change.Diff(s, asked)) == 0
}
