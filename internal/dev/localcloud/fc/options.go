package fc

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Limits of the platform (Function Compute 3.0, "Limits" and "HTTP trigger"
// pages), in bytes where they are sizes.
const (
	MaxSyncPayload  = 32 << 20  // request and response of a synchronous invocation
	MaxAsyncPayload = 128 << 10 // an asynchronous invocation's request
	MaxEnvironment  = 4 << 10   // all environment variables together
	MaxTimeout      = 86400 * time.Second
)

// Credentials are what the function's role gives each invocation. They go to
// the function only.
type Credentials struct {
	AccessKeyID     string
	AccessKeySecret string
	SecurityToken   string
}

// String names the key's id and hides the rest.
func (c Credentials) String() string { return "credentials " + c.AccessKeyID }

// GoString is String, so that %#v hides the secrets too.
func (c Credentials) GoString() string { return c.String() }

// LogValue is String for structured logs.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Options describe the function and how the platform treats it. Only Command
// is required.
type Options struct {
	Command []string // the binary, by its path, and its arguments
	Env     []string // KEY=value; the names that the platform reserves are refused
	Dir     string   // working directory; "" is the emulator's

	FunctionName string // default "sslvpn-change"
	Region       string // default "cn-hangzhou"
	AccountID    string // default "1234567890123456"
	Credentials  Credentials

	MemoryMB     int           // default 512, as deployed; the platform's least is 128
	Timeout      time.Duration // of one invocation; default 60 s, at most MaxTimeout
	StartTimeout time.Duration // from process start to its first poll; default 10 s
	MaxInstances int           // default 10

	Initializer bool // send an initializer invocation to each new instance
	PreStop     bool // send a pre-stop invocation before an idle instance is stopped
	FreezeIdle  bool // SIGSTOP instances between invocations, as the platform freezes them

	AsyncRetries int                           // tries after the first; default 3 as on the platform, negative: none
	RetryDelay   func(retry int) time.Duration // wait before retry 1, 2, …; default 1 s, 2 s, 4 s, …, at most 30 s
	Late         func() time.Duration          // how late a delayed invocation is; nil: it is on time
	Lose         func() bool                   // whether a delayed invocation is lost; nil: none is
	Patience     time.Duration                 // how far ahead a delayed invocation is that Wait waits for
	Methods      []string                      // that the HTTP trigger lists; none: all
	Objects      []ObjectTrigger               // OSS triggers
	Timers       []Timer                       // timer triggers that tick by themselves
	Logger       *slog.Logger                  // what the emulator does; nil: nothing is logged
	Output       func(Line)                    // each line the function prints; nil: dropped
	Began, Ended func(Invocation)              // each attempt, in this order on an instance, which waits for them; may be nil
}

// withDefaults fills what is not set.
func (o Options) withDefaults() Options {
	o.FunctionName = cmp.Or(o.FunctionName, "sslvpn-change")
	o.Region = cmp.Or(o.Region, "cn-hangzhou")
	o.AccountID = cmp.Or(o.AccountID, "1234567890123456")
	o.MemoryMB = cmp.Or(o.MemoryMB, 512)
	o.Timeout = cmp.Or(o.Timeout, 60*time.Second)
	o.StartTimeout = cmp.Or(o.StartTimeout, 10*time.Second)
	o.MaxInstances = cmp.Or(o.MaxInstances, 10)
	o.AsyncRetries = max(cmp.Or(o.AsyncRetries, 3), 0)
	if o.RetryDelay == nil {
		o.RetryDelay = doubling
	}
	if o.Late == nil {
		o.Late = func() time.Duration { return 0 }
	}
	if o.Lose == nil {
		o.Lose = func() bool { return false }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Output == nil {
		o.Output = func(Line) {}
	}
	if o.Began == nil {
		o.Began = func(Invocation) {}
	}
	if o.Ended == nil {
		o.Ended = func(Invocation) {}
	}
	return o
}

// check reports every option that the platform would refuse.
func (o Options) check() error {
	var errs []error
	if len(o.Command) == 0 {
		errs = append(errs, errors.New("command is empty: name the function's binary"))
	}
	if o.Timeout < 0 || o.Timeout > MaxTimeout {
		errs = append(errs, fmt.Errorf("timeout %s is out of range: 1 s to %s", o.Timeout, MaxTimeout))
	}
	if o.MemoryMB != 0 && (o.MemoryMB < 128 || o.MemoryMB > 32768 || o.MemoryMB%64 != 0) {
		errs = append(errs, fmt.Errorf("memory %d MB is out of range: 128 to 32768 in steps of 64", o.MemoryMB))
	}
	if o.MaxInstances < 0 {
		errs = append(errs, fmt.Errorf("max instances %d is negative", o.MaxInstances))
	}
	size := 0
	for _, kv := range o.Env {
		name, _, ok := strings.Cut(kv, "=")
		size += len(kv)
		switch {
		case !ok || name == "":
			errs = append(errs, errors.New("an environment entry is not of the form KEY=value"))
		case reservedEnv(name):
			errs = append(errs, fmt.Errorf("environment variable %s is reserved by the platform", name))
		}
	}
	if size > MaxEnvironment {
		errs = append(errs, fmt.Errorf("the environment has %d bytes: the platform accepts at most %d", size, MaxEnvironment))
	}
	return errors.Join(append(errs, checkObjectTriggers(o.Objects), checkTimers(o.Timers))...)
}

// reservedEnv reports whether a function may not set a name (vendor page
// "Environment variables").
func reservedEnv(name string) bool {
	switch name {
	case "accessKeyID", "accessKeySecret", "securityToken", "topic":
		return true
	default:
		return strings.HasPrefix(name, "FC_")
	}
}

// doubling is the default wait before a retry.
func doubling(retry int) time.Duration {
	return min(time.Second<<min(max(retry-1, 0), 5), 30*time.Second)
}
