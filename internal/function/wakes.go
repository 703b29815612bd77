package function

import (
	"context"
	"log/slog"
	"time"

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/signature"
	"github.com/sslvpn-change/sslvpn-change/internal/wakeup"
)

// fillWakes gives Options.Wakes the value of production.
func (f *Function) fillWakes() error {
	o := &f.opts
	if o.Wakes != nil || o.Buckets != nil || !f.cfg.WakeUps {
		return nil
	}
	client, err := wakeup.NewClient(wakeup.Config{Endpoint: f.cfg.WakeEndpoint, Now: o.Now})
	if err != nil {
		return err
	}
	f.waking = client
	o.Wakes = func(inv handler.Invocation) wakeup.Invoker {
		self := client.For(wakeup.Function{
			Name: inv.Function, Qualifier: inv.Qualifier, Account: inv.AccountID, Region: inv.Region,
			Key: signature.Key{ID: inv.AccessKeyID, Secret: inv.AccessKeySecret, Token: inv.SecurityToken},
		})
		if self == nil {
			return nil
		}
		return self
	}
	return nil
}

// wakes are the wake-ups of an invocation; nil where none can be set.
func (f *Function) wakes(ctx context.Context, inv handler.Invocation, log *slog.Logger) *wakeup.Wakes {
	if f.opts.Wakes == nil {
		return nil
	}
	invoker := f.opts.Wakes(inv)
	if invoker == nil {
		return nil
	}
	return wakeup.New(ctx, wakeup.Deps{Invoker: invoker, Memory: &f.woken, Now: f.opts.Now, Log: log})
}

// reported asks for the wake-ups that drains want.
func reported(w *wakeup.Wakes) func(reconcile.Report) {
	return func(rep reconcile.Report) { w.Ask(rep.WakeAt, wakeup.Lane{Target: rep.Target, Gen: rep.Gen}) }
}

// due asks for wake-ups of lanes at the due times of their changes.
func due(w *wakeup.Wakes) func(change.Target, time.Time) {
	return func(t change.Target, at time.Time) { w.Ask(at, wakeup.Lane{Target: t}) }
}

// remind asks for wake-ups at the times of reminders.
func remind(w *wakeup.Wakes) func(change.Target, time.Time) {
	return func(t change.Target, at time.Time) { w.Ask(at, wakeup.Lane{Target: t, Remind: true}) }
}
