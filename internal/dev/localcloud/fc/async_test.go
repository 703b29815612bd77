package fc_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
)

// attempts collects what ended, in order.
type attempts struct {
	mu  sync.Mutex
	all []fc.Invocation
}

func (a *attempts) add(i fc.Invocation) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, i)
}

func (a *attempts) list() []fc.Invocation {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.all)
}

func TestAsynchronousFailureIsTriedAgain(t *testing.T) {
	t.Parallel()
	var seen attempts
	opts := function(t, "plain")
	opts.Ended = seen.add
	e := start(t, opts)
	id, err := e.InvokeAsync([]byte(`{"do":"fail-first"}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := seen.list()
	if len(got) != 2 || got[0].Err == nil || got[1].Err != nil || got[1].RetryCount != 1 || got[1].RequestID != id {
		t.Errorf("attempts are %+v, want a failure and a success with retry count 1 and id %s", got, id)
	}
	if s := e.Stats(); s.Retries != 1 || s.Errors != 1 || s.Dropped != 0 {
		t.Errorf("stats are %+v", s)
	}
}

func TestAsynchronousEventIsDroppedAfterItsLastRetry(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		retries  int
		attempts int
	}{
		{"three retries when not set", 0, 4},
		{"as many as set", 1, 2},
		{"none", -1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			opts := function(t, "plain")
			opts.AsyncRetries = tt.retries
			e := start(t, opts)
			if _, err := e.InvokeAsync([]byte(`{"do":"error"}`)); err != nil {
				t.Fatal(err)
			}
			if err := e.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			if s := e.Stats(); s.Invocations != tt.attempts || s.Dropped != 1 {
				t.Errorf("stats are %+v, want %d attempts and 1 dropped", s, tt.attempts)
			}
		})
	}
}

func TestKilledInvocationIsDeliveredAgain(t *testing.T) {
	t.Parallel()
	var seen attempts
	began := make(chan fc.Invocation, 4)
	opts := function(t, "plain")
	opts.AsyncRetries = 1
	opts.Began = func(i fc.Invocation) { began <- i }
	opts.Ended = seen.add
	e := start(t, opts)
	if _, err := e.InvokeAsync([]byte(`{"do":"hang"}`)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := e.Kill((<-began).Instance); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := seen.list()
	if len(got) != 2 || got[0].PID == got[1].PID {
		t.Fatalf("attempts are %+v, want two in two processes", got)
	}
	for _, i := range got {
		var fe *fc.FunctionError
		if !errors.As(i.Err, &fe) || fe.Kind != fc.Exited || !strings.Contains(fe.Message, "killed") {
			t.Errorf("attempt ended with %v, want it killed", i.Err)
		}
	}
}

func TestFrozenInvocationStillMeetsItsDeadline(t *testing.T) {
	t.Parallel()
	began := make(chan fc.Invocation, 1)
	opts := function(t, "plain")
	opts.Timeout = time.Second
	opts.AsyncRetries = -1
	var seen attempts
	opts.Began, opts.Ended = func(i fc.Invocation) { began <- i }, seen.add
	e := start(t, opts)
	if _, err := e.InvokeAsync([]byte(`{"do":"hang"}`)); err != nil {
		t.Fatal(err)
	}
	if err := e.Freeze((<-began).Instance); err != nil {
		t.Fatal(err)
	}
	if got := e.Instances(); len(got) != 1 || !got[0].Frozen || got[0].RequestID == "" {
		t.Errorf("instances are %+v, want one frozen at work", got)
	}
	if err := e.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	var fe *fc.FunctionError
	if got := seen.list(); len(got) != 1 || !errors.As(got[0].Err, &fe) || fe.Kind != fc.TimedOut {
		t.Errorf("attempts are %+v, want one timed out", got)
	}
}

func TestIdleInstanceIsFrozenWhenAsked(t *testing.T) {
	t.Parallel()
	opts := function(t, "plain")
	opts.FreezeIdle = true
	e := start(t, opts)
	first, _ := invoke(t, e, "one")
	if got := e.Instances(); len(got) != 1 || !got[0].Frozen {
		t.Errorf("instances are %+v, want one frozen", got)
	}
	second, _ := invoke(t, e, "two")
	if first.PID != second.PID {
		t.Errorf("processes %d and %d, want the frozen one thawed", first.PID, second.PID)
	}
}

func TestWaitSaysWhatIsPending(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	opts := function(t, "plain")
	opts.Began = func(fc.Invocation) { cancel() }
	e := start(t, opts)
	if _, err := e.InvokeAsync([]byte(`{"do":"hang"}`)); err != nil {
		t.Fatal(err)
	}
	err := e.Wait(ctx)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "1 asynchronous invocations") {
		t.Errorf("got %v", err)
	}
}

func TestTriggersFireForWhatTheyWatch(t *testing.T) {
	t.Parallel()
	var ended attempts
	opts := function(t, "plain")
	opts.Objects = []fc.ObjectTrigger{
		{Name: "files", Prefix: "changes/", Events: []string{"oss:ObjectCreated:PutObject"}},
		{Name: "wake", Prefix: "wake/", Events: []string{"oss:ObjectCreated:PutObject"}},
	}
	opts.Ended = ended.add
	e := start(t, opts)
	tests := []struct {
		name  string
		event fc.ObjectEvent
		fired int
	}{
		{"a put under a watched prefix fires", fc.ObjectEvent{Name: "ObjectCreated:PutObject", Key: "changes/a.yaml", Payload: []byte(`{"do":"file"}`)}, 1},
		{"another event does not", fc.ObjectEvent{Name: "ObjectCreated:AppendObject", Key: "changes/a.yaml"}, 0},
		{"another prefix does not", fc.ObjectEvent{Name: "ObjectCreated:PutObject", Key: "results/a.json"}, 0},
	}
	for _, tt := range tests {
		fired, err := e.ObjectChanged(tt.event)
		if err != nil || fired != tt.fired {
			t.Errorf("%s: %d fired, error %v; want %d", tt.name, fired, err, tt.fired)
		}
	}
	if _, err := e.Tick("sweep", `{"task":"sweep"}`); err != nil {
		t.Fatal(err)
	}
	if err := e.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	var sources []string
	for _, i := range ended.list() {
		if i.Err != nil {
			t.Errorf("%s: %v", i.Source, i.Err)
		}
		sources = append(sources, i.Source)
	}
	slices.Sort(sources)
	if want := []string{"oss:files", "timer:sweep"}; !slices.Equal(sources, want) {
		t.Errorf("the function was started by %v, want %v", sources, want)
	}
	if got := notes(t, opts); !slices.Contains(got, "file") {
		t.Errorf("the function handled %v, want the file's payload", got)
	}
}

func TestTimerTicksByItself(t *testing.T) {
	t.Parallel()
	ended := make(chan fc.Invocation, 100)
	opts := function(t, "plain")
	opts.Timers = []fc.Timer{{Name: "sweep", Every: 10 * time.Millisecond, Payload: ""}}
	opts.Ended = func(i fc.Invocation) {
		select {
		case ended <- i:
		default:
		}
	}
	start(t, opts)
	if i := <-ended; i.Source != "timer:sweep" || !i.Async || i.Err != nil {
		t.Errorf("got %+v", i)
	}
}

func TestTickHasTheShapeOfTheSample(t *testing.T) {
	t.Parallel()
	var line string
	opts := function(t, "echo")
	opts.Output = func(l fc.Line) {
		if l.Stream == "stdout" && strings.HasPrefix(l.Text, "{") {
			line = l.Text // one process prints, and Close waits for it
		}
	}
	e := start(t, opts)
	if _, err := e.Tick("nightly", `{"task":"sweep"}`); err != nil {
		t.Fatal(err)
	}
	if err := e.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		t.Fatalf("%v: %q", err, line)
	}
	at, err := time.Parse("2006-01-02T15:04:05Z", got["triggerTime"])
	if err != nil || time.Since(at) > time.Hour || got["triggerName"] != "nightly" || got["payload"] != `{"task":"sweep"}` || len(got) != 3 {
		t.Errorf("event is %v", got)
	}
}
