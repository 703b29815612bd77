package reconcile

import (
	"context"
	"slices"
	"strconv"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
)

// RuleClientsUnknown rejects a change that is to wait until few clients are connected,
// where the function cannot find out how many are: neither is it applied nevertheless,
// nor does it wait until it expires.
const RuleClientsUnknown = "clients-unknown"

// conditionsMet is the part of the entries that may be worked off now. A change whose
// window is closed is left out, and one with a condition (change.Request.Idle) while too
// many clients are connected. So are the later changes of the same settings: the others
// need not wait for it. The wait is what those that are left out wait for, of several
// waits the one that is over first; nil when none is left out. A change whose condition
// cannot be checked is not left out: d.known.unmet says why it is rejected.
func (d *drain) conditionsMet(ctx context.Context, entries []queue.Entry) (out []queue.Entry, w *wait) {
	d.known.unmet, d.known.counting = map[string]change.Problem{}, false
	blocked, gate := blockedSettings{}, d.newGate(ctx, entries)
	for _, e := range entries {
		switch {
		case e.Err != nil || !d.gated(e):
			out = append(out, e)
			continue
		case blocked.blocks(e.Request):
			blocked.add(e.Change)
			continue
		}
		next := gate.closed(e.Request)
		if next == nil {
			next = d.waitsForClients(ctx, e)
			d.known.counting = d.known.counting || next != nil
		}
		if next == nil {
			out = append(out, e)
			continue
		}
		blocked.add(e.Change)
		w = w.sooner(next)
	}
	if w != nil && (w.Cause == causeClients || w.Cause == causeWindow) {
		w.Settings, w.Holders = blocked.fields(), blocked
	}
	return out, w
}

// waitsForClients is what a change with a condition waits for; nil if it need not wait,
// or if d.known.unmet says why it is rejected.
func (d *drain) waitsForClients(ctx context.Context, e queue.Entry) *wait {
	if e.Idle == 0 {
		return nil
	}
	if w := d.returning(); w != nil {
		return w
	}
	c := d.countClients(ctx, e.Idle)
	if c.problem != nil {
		d.known.unmet[e.ID] = *c.problem
	}
	return c.waits(e.Idle, d.limits)
}

// returning is the wait for clients that the last change of the server has disconnected
// and that may not be back yet: nobody should conclude from their absence that there are
// few. It is nil when there is nothing to wait for.
func (d *drain) returning() *wait {
	now := d.limits.now()
	for _, p := range d.journal.Past {
		until := p.At.Add(d.limits.policy.Return)
		if p.Status == change.Applied && now.Before(until) {
			return &wait{Cause: causeClients, Why: "clients may be returning after the last change", Since: now.UTC(), Next: until.UTC()}
		}
	}
	return nil
}

// guardedWhileReturning is the wait of a change that the policy permits while few clients
// are connected, for those that may be returning; nil for other changes.
func (d *drain) guardedWhileReturning(p Permissions, r change.Request) *wait {
	if p.TooManyConnected(r, 0, false) == nil {
		return nil
	}
	return d.returning()
}

// blockedSettings are the settings of changes that are left out, with the id of the
// first change that is left out for each.
type blockedSettings map[change.Field]string

// add adds the settings of a change, and those that are checked and sent together with
// them: both networks, and the settings for signing in.
func (b blockedSettings) add(c change.Change) {
	for f := range c.Patch {
		b.block(f, c.ID)
		group := f.Setting().Group
		if group != change.GroupNetworks && group != change.GroupSignIn {
			continue
		}
		for _, other := range change.Fields() {
			if other.Setting().Group == group {
				b.block(other, c.ID)
			}
		}
	}
}

func (b blockedSettings) block(f change.Field, id string) {
	if _, blocked := b[f]; !blocked {
		b[f] = id
	}
}

// blocks reports whether a change must not overtake those that are left out: it sets or
// expects one of the settings.
func (b blockedSettings) blocks(r change.Request) bool {
	_, blocks := b.holder(r)
	return blocks
}

// holder is the first change that a change must not overtake; "" where a lane that an
// earlier version wrote does not say which it is.
func (b blockedSettings) holder(r change.Request) (id string, blocks bool) {
	for _, p := range []change.Patch{r.Patch, r.Expect} {
		for _, f := range p.Fields() {
			if id, blocks = b[f]; blocks {
				return id, true
			}
		}
	}
	return "", false
}

// fields lists the settings in the order of change.Fields.
func (b blockedSettings) fields() []change.Field {
	return slices.DeleteFunc(change.Fields(), func(f change.Field) bool {
		_, blocked := b[f]
		return !blocked
	})
}

// blocked are the settings of the changes that wait until few clients are connected, or
// until a window opens.
func (w *wait) blocked() blockedSettings {
	b := blockedSettings{}
	for _, f := range w.Settings {
		b[f] = w.Holders[f]
	}
	return b
}

// tooManyClients returns why an intent must not be sent again that waited until few clients
// were connected: the worker may have died before it sent anything. It returns "" if it
// may be, and a wait if that cannot be found out now.
func (d *drain) tooManyClients(ctx context.Context, in *intent) (why string, w *wait) {
	if in.Idle == 0 {
		return "", nil
	}
	c := d.countClients(ctx, in.Idle)
	if c.problem != nil {
		return c.problem.Message, nil
	}
	if w = c.waits(in.Idle, d.limits); w == nil || c.wait != nil {
		return "", w
	}
	return w.Why, nil
}

// lastCount says how many clients were connected when an expired change was last held
// up by them; "" for other changes.
func (k *known) lastCount(it item) string {
	i := slices.IndexFunc(k.read, func(e queue.Entry) bool { return e.Key == it.Key })
	if it.Status != change.Expired || i < 0 || k.read[i].Idle == 0 || k.clients.connected < k.read[i].Idle {
		return ""
	}
	return "; it last waited until fewer than " + strconv.Itoa(k.read[i].Idle) + " clients are connected, and " + strconv.Itoa(k.clients.connected) + " were"
}
