package e2e_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

// meeting lets requests wait for each other, for a while.
type meeting struct {
	of      int64
	came    atomic.Int64
	all     chan struct{}
	patient time.Duration
}

func newMeeting(of int64) *meeting {
	return &meeting{of: of, all: make(chan struct{}), patient: 4 * time.Second} // less than clients wait for an answer
}

func (m *meeting) wait(ctx context.Context) {
	if m.came.Add(1) == m.of {
		close(m.all)
	}
	timer := time.NewTimer(m.patient)
	defer timer.Stop()
	select {
	case <-m.all:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// One event is delivered to six processes at the same time: all of them read the
// file before any of them continues.
func TestOneEventDeliveredSixTimesAtOnceHasOneEffect(t *testing.T) {
	t.Parallel()
	const times = 6
	meet := newMeeting(times)
	var mu sync.Mutex
	instances := map[string]bool{}
	h := start(t, func(o *localcloud.Options) {
		o.MaxInstances = times
		also(o, func(o *fc.Options) {
			o.Began = func(i fc.Invocation) {
				mu.Lock()
				defer mu.Unlock()
				if i.Source == "oss:change-files" {
					instances[i.Instance] = true
				}
			}
		})
		o.TuneOSS = func(o *oss.Options) {
			once := o.Notify
			o.Notify = func(ev oss.Event) {
				once(ev)
				for range times - 1 {
					if strings.HasPrefix(ev.Key, "changes/") {
						once(ev)
					}
				}
			}
			o.Before = func(q oss.Request) {
				if q.Op == "GetObject" && strings.HasPrefix(q.Key, "changes/") {
					meet.wait(t.Context())
				}
			}
		}
	})
	h.drop(t, "changes/port.yaml", portChange(1195))
	h.quiet(t)
	if err := once(1195, 1).check(h); err != nil {
		t.Log("before the sweep:", err) // a worker without the lease leaves the rest to the sweep
	}
	once(1195, 1).settles(t, h)
	if meet.came.Load() != times || len(instances) != times {
		t.Errorf("%d reads by %d processes, want %d by as many", meet.came.Load(), len(instances), times)
	}
	for _, i := range h.ended() {
		if i.Err != nil {
			t.Errorf("%s failed: %v", i.Source, i.Err)
		}
	}
}

// The same HTTP request is sent six times at once, as by a sender with a short
// timeout.
func TestOneRequestSentSixTimesAtOnceIsAnsweredAlike(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	var senders sync.WaitGroup
	answers := make([]reply, 6)
	for i := range answers {
		senders.Go(func() {
			var err error
			if answers[i], err = h.post(t.Context(), "six-1", portChange(1195)); err != nil {
				t.Error(err)
			}
		})
	}
	senders.Wait()
	for _, a := range answers {
		if a.status != 202 || a.body != answers[0].body {
			t.Errorf("answered %d %s, and another time %s", a.status, a.body, answers[0].body)
		}
	}
	once(1195, 0).settles(t, h)
	h.gets(t, "POST", "/v1/changes", "six-1", portChange(1196)).isProblem(t, 409, "conflict")
}

// A file is overwritten after its event and before it is read: the newer upload
// counts, once.
func TestFileWrittenOverBeforeItIsReadCountsOnce(t *testing.T) {
	t.Parallel()
	var over sync.Once
	var cloud atomic.Pointer[harness]
	h := start(t, func(o *localcloud.Options) {
		o.TuneOSS = func(o *oss.Options) {
			o.Before = func(q oss.Request) {
				if q.Op == "GetObject" && q.Key == "changes/port.yaml" {
					over.Do(func() {
						if err := cloud.Load().Drop(q.Key, []byte(portChange(1196))); err != nil {
							t.Error(err)
						}
					})
				}
			}
		}
	})
	cloud.Store(h)
	h.drop(t, "changes/port.yaml", portChange(1195))
	once(1196, 1).settles(t, h)
	h.says(t, "change file replaced before it was read")
}
