package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/record"
	"sslvpnchange/internal/sslvpn"
)

// view is what kept a look from succeeding; the zero view is a good look.
type view struct {
	wait    *wait           // not now
	denied  bool            // not permitted: go on without
	failure *record.Failure // never
}

// lookServer reads the server.
func (d *drain) lookServer(ctx context.Context) (sslvpn.Server, view) {
	ctx, cancel := d.callContext(ctx)
	defer cancel()
	s, err := d.api.DescribeServer(ctx, d.target)
	return s, d.view(ctx, err)
}

// lookGateway reads the gateway that the intent's server belongs to.
func (d *drain) lookGateway(ctx context.Context) (sslvpn.Gateway, view) {
	id := d.st.Intent.GatewayID
	if id == "" {
		return sslvpn.Gateway{}, view{denied: true}
	}
	ctx, cancel := d.callContext(ctx)
	defer cancel()
	g, err := d.api.DescribeGateway(ctx, sslvpn.GatewayRef{RegionID: d.target.RegionID, GatewayID: id})
	return g, d.view(ctx, err)
}

// callContext bounds calls of the API so that the reserve stays free.
func (d *drain) callContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d.left())
}

// view sorts the error of a read.
func (d *drain) view(ctx context.Context, err error) view {
	if err == nil {
		return view{}
	}
	var e *sslvpn.Error
	if !errors.As(err, &e) {
		e = &sslvpn.Error{Class: sslvpn.ClassUnavailable, Message: err.Error(), Err: err}
	}
	switch e.Class {
	case sslvpn.ClassDenied:
		d.log.WarnContext(ctx, "reading is not permitted; changes are applied unverified",
			slog.String("action", e.Action), slog.String("code", e.Code))
		return view{denied: true}
	case sslvpn.ClassBusy, sslvpn.ClassThrottled, sslvpn.ClassUnavailable, sslvpn.ClassUnknown,
		sslvpn.ClassHeld, sslvpn.ClassCredentials:
		return view{wait: d.waitFor(e)}
	case sslvpn.ClassLocked, sslvpn.ClassInvalid, sslvpn.ClassOther:
		return view{failure: d.failure(e)}
	default:
		return view{failure: d.failure(e)}
	}
}

// waitFor says what an error means for when to look again.
func (d *drain) waitFor(e *sslvpn.Error) *wait {
	w := &wait{Since: d.Now().UTC()}
	switch e.Class {
	case sslvpn.ClassBusy:
		w.Cause, w.Why = causeGateway, "the gateway is busy: "+e.Code
	case sslvpn.ClassThrottled:
		w.Cause, w.Why, w.Hold = causeThrottle, "the API asks for fewer calls: "+e.Code, e.RetryAfter > 0
	case sslvpn.ClassHeld:
		w.Cause, w.Why, w.Hold = causeBreaker, "the API of this region is left alone for a while: "+e.Message, true
	case sslvpn.ClassCredentials:
		w.Cause, w.Why = causeLogin, "the API does not accept the function's credentials: "+e.Code
	case sslvpn.ClassUnavailable, sslvpn.ClassUnknown, sslvpn.ClassLocked, sslvpn.ClassDenied,
		sslvpn.ClassInvalid, sslvpn.ClassOther:
		w.Cause, w.Why = causeBreaker, "the API does not answer: "+describe(e)
	}
	w.after = e.RetryAfter
	w.Next = d.nextLook()
	if w.Hold {
		w.Next = w.Since.Add(e.RetryAfter)
	}
	return w
}

// nextLook is when the sweep will have looked again.
func (d *drain) nextLook() time.Time { return d.Now().Add(d.policy.NextLook).UTC() }

func describe(e *sslvpn.Error) string {
	switch {
	case e.Code != "":
		return e.Code
	case e.HTTPStatus != 0:
		return fmt.Sprintf("HTTP %d", e.HTTPStatus)
	default:
		return e.Message
	}
}

// failure renders an error for a record.
func (d *drain) failure(e *sslvpn.Error) *record.Failure {
	code := e.Code
	if code == "" {
		code = "HTTP" + strconv.Itoa(e.HTTPStatus)
	}
	return &record.Failure{
		Code: code, Class: string(e.Class), Message: e.Message,
		Hint: sslvpn.Advice(e, d.target, d.AccountID), RequestID: e.RequestID,
	}
}

// shows tells whether the server has every value that was asked for.
func shows(s change.Settings, asked change.Patch) bool {
	return len(change.Diff(s, asked)) == 0
}
