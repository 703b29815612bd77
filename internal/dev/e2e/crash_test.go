package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"sslvpnchange/internal/dev/localcloud"
	"sslvpnchange/internal/dev/localcloud/fc"
)

// crashStory is one way to ask for a change of the port to 1195.
type crashStory struct {
	name string
	ask  func(ctx context.Context, w *world) error
	want outcome
	lost bool // the platform does not deliver again what failed
	both bool // die before the effect of a request, too: the others are alike
}

func crashStories() []crashStory {
	file := func(text string) func(context.Context, *world) error {
		return func(_ context.Context, w *world) error { return w.Drop("changes/port.yaml", []byte(text)) }
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
		{name: "a scheduled change", ask: func(_ context.Context, w *world) error {
			_, err := w.FC().Tick("nightly", portChange(1195))
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

// repeat posts one delivery until it is answered as it should be in the end.
// The answer of one that waits is that of one that does not, when somebody who
// died has the lane.
func repeat(want int, header ...string) func(context.Context, *world) error {
	return func(ctx context.Context, w *world) error {
		var last reply
		for range 3 {
			var err error
			last, err = w.post(ctx, "crash-1", portChange(1195), header...)
			if err != nil || last.status == want || last.status == http.StatusAccepted {
				return err
			}
		}
		return fmt.Errorf("three tries were answered at last: %d %s", last.status, last.body)
	}
}

// The function is killed at its n-th request, for every n; the platform's
// retries, the caller's repetition and the sweep have to bring the change to
// its end.
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

// killAt tells the story with one death and returns where, "" when the story
// was over before.
func (s crashStory) killAt(ctx context.Context, function string, r *reaper) (at string, err error) {
	w, err := open(ctx, function, func(o *localcloud.Options) {
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
			err = fmt.Errorf("%w\nthe function printed:\n%s", err, w.printed())
		}
		err = errors.Join(err, w.Close())
	}()
	r.platform.Store(w.FC())
	r.counting.Store(true)
	err = s.ask(ctx, w)
	if err == nil {
		err = s.want.settle(ctx, w)
	}
	return r.where(), err
}
