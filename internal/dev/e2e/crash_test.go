package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
)

// crashStory is one way to ask for a change of the port to 1195.
type crashStory struct {
	name string
	ask  func(ctx context.Context, h *harness) error
	want outcome
	lost bool // the platform does not deliver again what failed
	both bool // die before the effect of a request, too: the others are alike
}

func crashStories() []crashStory {
	file := func(text string) func(context.Context, *harness) error {
		return func(_ context.Context, h *harness) error { return h.Drop("changes/port.yaml", []byte(text)) }
	}
	return []crashStory{
		{name: "a file", ask: file(portChange(1195)), want: once(1195, 1), both: true},
		{name: "a file whose events are lost", ask: file(portChange(1195)), want: once(1195, 1), lost: true},
		{
			name: "a file of three changes for two servers", ask: file(threeChanges()),
			want: outcome{effective: 2, records: 3, receipts: 1, port: 1195},
		},
		{name: "a request", ask: repeat(http.StatusAccepted), want: once(1195, 0)},
		{name: "a request that waits", ask: repeat(http.StatusOK, "Prefer", "wait=4"), want: once(1195, 0)},
		{name: "a scheduled change", ask: func(_ context.Context, h *harness) error {
			_, err := h.FC().Tick("nightly", portChange(1195))
			return err
		}, want: once(1195, 0)},
	}
}

// threeChanges is a document whose first two changes are merged.
func threeChanges() string {
	const change = "  - {RegionId: %s, SslVpnServerId: %s, %s}\n"
	return "changes:\n" + fmt.Sprintf(change, region, serverID, "Port: 1195") +
		fmt.Sprintf(change, region, serverID, "Compress: false") + fmt.Sprintf(change, region, otherID, "Cipher: AES-256-CBC")
}

// repeat posts one delivery until it gets the expected answer. A request that
// waits is answered like one that does not if a killed worker holds the lease.
func repeat(want int, header ...string) func(context.Context, *harness) error {
	return func(ctx context.Context, h *harness) error {
		var last reply
		for range 3 {
			var err error
			last, err = h.post(ctx, "crash-1", portChange(1195), header...)
			if err != nil || last.status == want || last.status == http.StatusAccepted {
				return err
			}
		}
		return fmt.Errorf("three tries were answered at last: %d %s", last.status, last.body)
	}
}

// The function is killed at its n-th request, for every n; the platform's
// retries, the caller's repetition and the sweep must complete the change.
func TestTheFunctionMayBeKilledAtAnyRequest(t *testing.T) {
	t.Parallel()
	count := newTally(t)
	for _, story := range crashStories() {
		for _, landed := range []bool{true, false} {
			if !landed && !story.both {
				continue
			}
			t.Run(fmt.Sprintf("%s, effect %v", story.name, landed), func(t *testing.T) {
				t.Parallel()
				points := killEverywhere(t, landed, story.killAt)
				count.take(t, points)
			})
		}
	}
}

// stride is the distance between two requests at which the function is killed:
// with -short every fifth, in "make crash" every one.
func stride() int64 {
	if testing.Short() {
		return 5
	}
	return 1
}

// killEverywhere runs a story with a kill at every request, several at the same
// time, until it ends without one. It returns where the function was killed. Tell
// returns that for one kill, "" if the story ended before.
func killEverywhere(t *testing.T, landed bool, tell func(context.Context, string, *reaper) (at string, err error)) []string {
	t.Helper()
	const sideBySide = 4
	function := binary(t, binaries.function)
	var mu sync.Mutex
	points := map[int64]string{}
	var last atomic.Int64
	var survived atomic.Bool
	var workers sync.WaitGroup
	for range sideBySide {
		workers.Go(func() {
			for !survived.Load() && !t.Failed() {
				n := 1 + (last.Add(1)-1)*stride()
				at, err := tell(t.Context(), function, &reaper{n: n, landed: landed})
				if err != nil {
					t.Errorf("killed at request %d, %s: %v", n, at, err)
				}
				if at == "" {
					survived.Store(true)
					return
				}
				mu.Lock()
				points[n] = at
				mu.Unlock()
			}
		})
	}
	workers.Wait()
	var out []string
	for n := int64(1); points[n] != ""; n += stride() {
		out = append(out, points[n])
	}
	return out
}

// killAt runs the story with one kill and returns where, "" if the story ended
// before.
func (s crashStory) killAt(ctx context.Context, function string, r *reaper) (at string, err error) {
	h, err := open(ctx, function, func(o *localcloud.Options) {
		r.tune(o)
		also(o, func(o *fc.Options) {
			if s.lost {
				o.AsyncRetries = -1
			}
		})
	})
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w\nthe function printed:\n%s", err, h.printed())
		}
		err = errors.Join(err, h.Close())
	}()
	r.platform.Store(h.FC())
	r.counting.Store(true)
	err = s.ask(ctx, h)
	if err == nil {
		err = s.want.settle(ctx, h)
	}
	return r.where(), err
}
