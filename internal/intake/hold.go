package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/objects"
)

// A request that waits for its changes occupies an instance, which then cannot take
// other requests. So the number of such requests is bounded for all instances
// together: each has one of maxHolds claims of the period in which it began. They are
// deleted when the wait is over. Those of a dead instance count until their period
// ends. As a wait is shorter than a period, there are at most 2 * maxHolds waits.
const (
	maxHolds   = 2
	holdPeriod = time.Minute
)

// Hold lets a request wait for its changes, if few enough others do. Call release when
// the wait is over. A store that fails lets nobody wait.
func (in *Intake) Hold(ctx context.Context) (release func(), ok bool) {
	period := in.Now().UTC().Truncate(holdPeriod)
	for i := range maxHolds {
		identity := holdIdentity(period, i)
		err := in.hold(ctx, identity)
		switch {
		case err == nil:
			return func() { in.release(ctx, identity) }, true
		case !errors.Is(err, blob.ErrExists):
			in.Log.WarnContext(ctx, "request does not wait for its changes", slog.Any("error", err))
			return nil, false
		}
	}
	return nil, false
}

func (in *Intake) release(ctx context.Context, identity string) {
	if err := in.Bucket.Delete(ctx, objects.ClaimKey(identity)); err != nil {
		in.Log.WarnContext(ctx, "claim of a wait not deleted", slog.Any("error", err))
	}
}

// holdIdentity is the identity of one of the waits that may begin in a period.
func holdIdentity(period time.Time, i int) string {
	return fmt.Sprintf("hold %s %d", period.Format(time.RFC3339), i)
}
