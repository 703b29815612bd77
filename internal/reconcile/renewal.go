package reconcile

import (
	"context"

	"sslvpnchange/internal/fanout"
)

// keep renews the lease if it is time to, in the course of the work: a worker that does
// not get on does not keep its lane. The new generation has the state as it is, so what is
// in the state must be true whenever keep is called: of a decision whose records are being
// written it must not be dropped before they are there.
func (d *drain) keep(ctx context.Context) error {
	if !d.journal.worn() {
		return nil
	}
	if d.journal.Intent != nil {
		d.charge()
	}
	return d.journal.commit(ctx)
}

// portion is how many things are read or written between two looks at the lease.
const portion = 8 * parallel

// each calls do for 0 to n-1, some at once, and keep in between.
func each(ctx context.Context, n int, keep func(context.Context) error, do func(ctx context.Context, i int) error) error {
	for from := 0; from < n; from += portion {
		if from > 0 {
			if err := keep(ctx); err != nil {
				return err
			}
		}
		err := fanout.Each(ctx, min(portion, n-from), parallel, func(ctx context.Context, i int) error { return do(ctx, from+i) })
		if err != nil {
			return err
		}
	}
	return nil
}
