package reconcile

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// oneAnswer is an API that answers everything with one error, and notes how
// much time a call has.
type oneAnswer struct {
	Advisory

	err  error
	time time.Duration
}

func (a *oneAnswer) note(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok {
		a.time = time.Until(deadline).Round(time.Second)
	}
	return a.err
}

func (a *oneAnswer) DescribeServer(ctx context.Context, _ change.Target) (sslvpn.Server, error) {
	return sslvpn.Server{}, a.note(ctx)
}

func (a *oneAnswer) DescribeGateway(ctx context.Context, _ sslvpn.GatewayRef) (sslvpn.Gateway, error) {
	return sslvpn.Gateway{}, a.note(ctx)
}

func (a *oneAnswer) ModifyServer(ctx context.Context, _ sslvpn.Modification) (sslvpn.ModifyReply, error) {
	return sslvpn.ModifyReply{}, a.note(ctx)
}

func remoteOf(a *oneAnswer) *remote {
	return &remote{
		api: a, target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"}, limits: minute(Policy{NextLook: time.Minute}),
		log: slog.New(slog.DiscardHandler),
	}
}

func TestAReadComesToOneObstacleAtMost(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err                   error
		waits, denied, failed bool
	}{
		"no error":               {},
		"busy":                   {err: &sslvpn.Error{Class: sslvpn.ClassBusy}, waits: true},
		"throttled":              {err: &sslvpn.Error{Class: sslvpn.ClassThrottled}, waits: true},
		"unavailable":            {err: &sslvpn.Error{Class: sslvpn.ClassUnavailable}, waits: true},
		"an open circuit":        {err: &sslvpn.Error{Class: sslvpn.ClassCircuitOpen}, waits: true},
		"credentials":            {err: &sslvpn.Error{Class: sslvpn.ClassCredentials}, waits: true},
		"not permitted":          {err: &sslvpn.Error{Class: sslvpn.ClassDenied}, denied: true},
		"no such server":         {err: &sslvpn.Error{Class: sslvpn.ClassInvalid, Code: "InvalidSslVpnServerId.NotFound"}, failed: true},
		"an account with a debt": {err: &sslvpn.Error{Class: sslvpn.ClassLocked}, failed: true},
		"a class of the future":  {err: &sslvpn.Error{Class: "new"}, failed: true},
		"none of the API's":      {err: errors.New("no route"), waits: true},
	} {
		r := remoteOf(&oneAnswer{err: tt.err})
		_, server := r.server(t.Context())
		_, gateway := r.gateway(t.Context(), "vpn-a")
		for _, o := range []obstacle{server, gateway} {
			if (o.wait != nil) != tt.waits || o.denied != tt.denied || (o.failure != nil) != tt.failed {
				t.Errorf("%s: %+v", name, o)
			}
		}
	}
}

func TestAGatewayWithoutAnIDIsNotRead(t *testing.T) {
	t.Parallel()
	a := &oneAnswer{err: errors.New("called")}
	if _, o := remoteOf(a).gateway(t.Context(), ""); !o.denied || a.time != 0 {
		t.Errorf("%+v", o)
	}
}

// Reads leave the reserve free; a modification has its own time. What the API
// does not answer to a modification is unknown, and not just unavailable.
func TestCallsAreBoundedByWhatTheInvocationHas(t *testing.T) {
	t.Parallel()
	a := &oneAnswer{err: errors.New("no answer")}
	r := remoteOf(a)
	r.server(t.Context())
	if a.time != 50*time.Second {
		t.Errorf("a read has %v", a.time)
	}
	_, e := r.modify(t.Context(), sslvpn.Modification{})
	if a.time != 5*time.Second || e == nil || e.Class != sslvpn.ClassUnknown {
		t.Errorf("a modification has %v, and its error is %+v", a.time, e)
	}
}

func TestNothingShowsWhereNothingWasAskedFor(t *testing.T) {
	t.Parallel()
	s := change.Settings{change.Port: change.Number(1195)}
	if shows(s, nil) || shows(s, change.Patch{}) || shows(s, change.Patch{change.Port: change.Number(1194)}) ||
		!shows(s, change.Patch{change.Port: change.Number(1195)}) {
		t.Error("a server shows exactly what was asked for, and never nothing")
	}
}

func TestAFailureWithoutACodeHasItsHTTPStatus(t *testing.T) {
	t.Parallel()
	f := remoteOf(&oneAnswer{}).failure(&sslvpn.Error{Class: sslvpn.ClassOther, HTTPStatus: 418, Message: "no"})
	if f.Code != "HTTP418" || f.Class != "other" || f.Message != "no" {
		t.Errorf("%+v", f)
	}
}
