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

// An invocation that waits for gateways occupies an instance for minutes. So the number
// of those that wait for long is bounded for all instances together, and the others are
// free for requests and events: each has one of maxDrains claims, which it deletes when
// it has waited. The claim of a dead instance counts until it is staleHold old, which is
// longer than any invocation and the difference of two clocks.
const (
	maxDrains = 4
	staleHold = 15 * time.Minute
)

// HoldDrain lets a drain wait for long, if few enough others do. Call release when it
// has waited. A store that fails lets nobody wait.
func (in *Intake) HoldDrain(ctx context.Context) (release func(), ok bool) {
	for i := range maxDrains {
		identity := fmt.Sprintf("hold of a drain %d", i)
		err := in.hold(ctx, identity)
		if errors.Is(err, blob.ErrExists) && in.stale(ctx, identity) {
			in.release(ctx, identity)
			err = in.hold(ctx, identity)
		}
		switch {
		case err == nil:
			return func() { in.release(ctx, identity) }, true
		case !errors.Is(err, blob.ErrExists):
			in.Log.WarnContext(ctx, "invocation does not wait", slog.Any("error", err))
			return nil, false
		}
	}
	return nil, false
}

// hold creates the claim of a wait.
func (in *Intake) hold(ctx context.Context, identity string) error {
	mine := claim{Identity: identity, At: in.Now().UTC(), IDs: []string{}, Hash: hash([]byte(in.Owner))}
	data, err := mine.encode()
	if err != nil {
		return err
	}
	return in.Bucket.Create(ctx, objects.ClaimKey(identity), data)
}

// stale reports whether a wait cannot last any more. A claim that cannot be read is not.
func (in *Intake) stale(ctx context.Context, identity string) bool {
	old, err := in.readClaim(ctx, identity)
	return err == nil && old != nil && in.Now().Sub(old.At) >= staleHold
}
