package function

import (
	"context"
	"time"

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/doctor"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// doctor sets up the checks of the account. Their calls of the API are not guarded by a
// circuit: they are few, and how they fail is what is asked.
func (f *Function) doctor(inv handler.Invocation, b Buckets, reconciler func(time.Duration) *reconcile.Reconciler) *doctor.Doctor {
	api := f.opts.API(inv, func(sslvpn.Call) {})
	d := doctor.Deps{
		Changes: b.Changes, Records: b.Records, API: api, Sweep: reconciler(0), RequestID: inv.RequestID, Now: f.opts.Now,
	}
	d.Keys, _ = api.(doctor.KeyGuard)
	if f.opts.Wakes != nil {
		if invoker := f.opts.Wakes(inv); invoker != nil {
			d.Invoke = invoker.Invoke
		}
	}
	if f.opts.Prober != nil {
		d.Probe = func(ctx context.Context, s sslvpn.Server) probe.Outcome {
			tcp := s.Settings[change.Proto].String() == "TCP"
			port, _ := s.Settings[change.Port].Number()
			return f.opts.Prober.Probe(ctx, probe.Target{Address: s.InternetIP, Port: port, TCP: tcp}, probe.Rule{Loopback: f.local()})
		}
	}
	return doctor.New(d)
}
