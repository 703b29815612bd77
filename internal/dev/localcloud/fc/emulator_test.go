package fc_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
)

func TestInvocationCarriesThePlatformsContext(t *testing.T) {
	t.Parallel()
	opts := function(t, "plain")
	opts.Region, opts.AccountID, opts.Timeout = "cn-shanghai", "42", 7*time.Second
	r, res := invoke(t, start(t, opts), "look")
	if r.Region != "cn-shanghai" || r.Account != "42" || r.Key != "STS.local" || r.Token != "token-part" || r.Bucket != "changes-demo" {
		t.Errorf("context is %+v", r)
	}
	if r.RequestID != res.RequestID || r.RequestID == "" {
		t.Errorf("request id is %q in the function, %q outside", r.RequestID, res.RequestID)
	}
	if r.Timeout != 7 || r.LeftMs <= 0 || r.LeftMs > 7000 {
		t.Errorf("timeout %d s with %d ms left, want 7 s", r.Timeout, r.LeftMs)
	}
	if r.Memory != "512" || r.MemoryEnv != "512" {
		t.Errorf("memory is %s MB in the context and %s in the environment, want 512", r.Memory, r.MemoryEnv)
	}
}

func TestIdleInstanceIsUsedAgain(t *testing.T) {
	t.Parallel()
	e := start(t, function(t, "plain"))
	first, coldRes := invoke(t, e, "one")
	second, warmRes := invoke(t, e, "two")
	if first.PID != second.PID || !coldRes.ColdStart || warmRes.ColdStart {
		t.Errorf("processes %d and %d, cold starts %t and %t; want one process, cold then warm", first.PID, second.PID, coldRes.ColdStart, warmRes.ColdStart)
	}
	if s := e.Stats(); s.Invocations != 2 || s.ColdStarts != 1 || s.Errors != 0 {
		t.Errorf("stats are %+v", s)
	}
}

func TestFailuresOfTheFunction(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, do string
		kind     fc.ErrorKind
		message  string
		survives bool // the process serves the next invocation
	}{
		{"an error is handled", "error", fc.Handled, "the lane is on fire", true},
		{"a panic is unhandled", "panic", fc.Unhandled, "no such lane", true},
		{"an exit loses the process", "exit", fc.Exited, "exit status 7", false},
		{"work past the deadline is killed", "hang", fc.TimedOut, "timed out after 3s", false},
		{"an answer above the limit is refused", "huge", fc.TooLarge, "larger than 33554432", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			opts := function(t, "plain")
			opts.Timeout = 3 * time.Minute // what is not killed for it needs no more than it takes
			if tt.do == "hang" {
				opts.Timeout = 3 * time.Second
			}
			e := start(t, opts)
			before, _ := invoke(t, e, "before")
			_, err := e.Invoke(t.Context(), []byte(`{"do":"`+tt.do+`"}`))
			var fe *fc.FunctionError
			if !errors.As(err, &fe) || fe.Kind != tt.kind || !strings.Contains(fe.Message, tt.message) {
				t.Fatalf("got error %v, want %s with %q", err, tt.kind, tt.message)
			}
			after, _ := invoke(t, e, "after")
			if same := after.PID == before.PID; same != tt.survives {
				t.Errorf("same process afterwards: %t, want %t", same, tt.survives)
			}
			if !tt.survives && !gone(before.PID) {
				t.Errorf("process %d is still there", before.PID)
			}
		})
	}
}

func TestProcessThatDoesNotStartIsExplained(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, mode, message string }{
		{"one that exits shows what it printed", "exit", "CHANGE_BUCKET is missing"},
		{"one that never polls for work is killed", "idle", "did not poll for work within 1s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			opts := function(t, tt.mode)
			opts.StartTimeout = time.Minute
			if tt.mode == "idle" {
				opts.StartTimeout = time.Second
			}
			e := start(t, opts)
			_, err := e.Invoke(t.Context(), []byte(`{}`))
			var fe *fc.FunctionError
			if !errors.As(err, &fe) || fe.Kind != fc.NoStart || !strings.Contains(fe.Message, tt.message) {
				t.Errorf("got %v, want %s with %q", err, fc.NoStart, tt.message)
			}
		})
	}
}

func TestInstanceWorksOnOneInvocationAtATime(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	busy, most := map[string]int{}, 0
	opts := function(t, "plain")
	opts.MaxInstances = 3
	count := func(by int) func(fc.Invocation) {
		return func(i fc.Invocation) {
			mu.Lock()
			defer mu.Unlock()
			busy[i.Instance] += by
			most = max(most, busy[i.Instance])
		}
	}
	opts.Began, opts.Ended = count(1), count(-1)
	e := start(t, opts)
	for n := range 30 {
		if _, err := e.InvokeAsync(fmt.Appendf(nil, `{"do":"n%d"}`, n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if got := notes(t, opts); len(got) != 30 || most != 1 || len(busy) > 3 {
		t.Errorf("%d of 30 handled, at most %d at once in one of %d instances; want 30, 1, at most 3", len(got), most, len(busy))
	}
}

func TestLifecycleHooksRunAroundTheInvocations(t *testing.T) {
	t.Parallel()
	opts := function(t, "lifecycle")
	opts.Initializer, opts.PreStop = true, true
	e := start(t, opts)
	invoke(t, e, "first")
	invoke(t, e, "second")
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	want := []string{"initialized", "first", "second", "stopped"}
	if got := notes(t, opts); !slices.Equal(got, want) {
		t.Errorf("the function saw %v, want %v", got, want)
	}
}

func TestOptionsThatThePlatformWouldRefuse(t *testing.T) {
	t.Parallel()
	put := []string{"oss:ObjectCreated:PutObject"}
	tests := []struct {
		name string
		edit func(*fc.Options)
		want string
	}{
		{"no command", func(o *fc.Options) { o.Command = nil }, "command is empty"},
		{"reserved variable", func(o *fc.Options) { o.Env = []string{"FC_REGION=x"} }, "FC_REGION is reserved"},
		{"variable without a value", func(o *fc.Options) { o.Env = []string{"NAKED"} }, "not of the form KEY=value"},
		{"environment too large", func(o *fc.Options) { o.Env = []string{"A=" + strings.Repeat("x", 5000)} }, "at most 4096"},
		{"memory between two steps", func(o *fc.Options) { o.MemoryMB = 500 }, "steps of 64"},
		{"memory below the least", func(o *fc.Options) { o.MemoryMB = 64 }, "out of range"},
		{"timeout above a day", func(o *fc.Options) { o.Timeout = 25 * time.Hour }, "out of range"},
		{"two timers of one name", func(o *fc.Options) { o.Timers = []fc.Timer{{Name: "s"}, {Name: "s"}} }, `two timer triggers are named "s"`},
		{"overlapping OSS triggers", func(o *fc.Options) {
			o.Objects = []fc.ObjectTrigger{{Name: "a", Prefix: "changes/", Events: put}, {Name: "b", Prefix: "changes/x/", Events: put}}
		}, "overlapping prefix and suffix"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			opts := fc.Options{Command: []string{"main"}}
			tt.edit(&opts)
			_, err := fc.New(opts)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestPayloadsAboveTheLimitsAreRefused(t *testing.T) {
	t.Parallel()
	e := start(t, function(t, "plain"))
	if _, err := e.InvokeAsync(bytes.Repeat([]byte("x"), fc.MaxAsyncPayload+1)); !errors.Is(err, fc.ErrPayloadTooLarge) {
		t.Errorf("asynchronous: got %v", err)
	}
	if _, err := e.Invoke(t.Context(), bytes.Repeat([]byte("x"), fc.MaxSyncPayload+1)); !errors.Is(err, fc.ErrPayloadTooLarge) {
		t.Errorf("synchronous: got %v", err)
	}
}

func TestClosedEmulatorRefusesWorkAndLeavesNoProcess(t *testing.T) {
	t.Parallel()
	began := make(chan fc.Invocation, 1)
	opts := function(t, "plain")
	opts.Began = func(i fc.Invocation) { began <- i }
	e := start(t, opts)
	if _, err := e.InvokeAsync([]byte(`{"do":"hang"}`)); err != nil {
		t.Fatal(err)
	}
	pid := (<-began).PID
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if !gone(pid) {
		t.Errorf("process %d outlived Close", pid)
	}
	if _, err := e.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, fc.ErrClosed) {
		t.Errorf("Invoke after Close: %v", err)
	}
	if _, err := e.InvokeAsync([]byte(`{}`)); !errors.Is(err, fc.ErrClosed) {
		t.Errorf("InvokeAsync after Close: %v", err)
	}
}

func TestCallerThatLeavesDoesNotStopTheInvocation(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan fc.Invocation, 1)
	opts := function(t, "plain")
	opts.Timeout = 3 * time.Second
	opts.Began = func(fc.Invocation) { cancel() }
	opts.Ended = func(i fc.Invocation) { ended <- i }
	e := start(t, opts)
	if _, err := e.Invoke(ctx, []byte(`{"do":"hang"}`)); !errors.Is(err, context.Canceled) {
		t.Errorf("caller got %v", err)
	}
	var fe *fc.FunctionError
	if i := <-ended; !errors.As(i.Err, &fe) || fe.Kind != fc.TimedOut {
		t.Errorf("invocation ended with %v, want its own deadline", i.Err)
	}
}

func TestCredentialsDoNotPrint(t *testing.T) {
	t.Parallel()
	c := fc.Credentials{AccessKeyID: "STS.x", AccessKeySecret: "hush", SecurityToken: "hush"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, c); strings.Contains(got, "hush") {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}
