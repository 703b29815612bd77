package oss

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var bucketForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)

// reserved is the path element below which the admin routes are. No bucket can
// have the name.
const reserved = "local"

// Options configure an Emulator.
type Options struct {
	Dir    string // required; made if it does not exist
	Region string // as signatures must name it; "" for cn-hangzhou
	// Credentials that are accepted; Accept adds more.
	Credentials []Credentials
	// AccountID is in events; "" for a made-up one.
	AccountID string
	// RefuseV1 refuses signature V1, as OSS does for buckets made since
	// September 2025 (documented).
	RefuseV1 bool
	// Clock is the server's clock; nil for time.Now.
	Clock func() time.Time
	// Watch is how often the folders are scanned for files that the API did not
	// write; 0 for never, so that only Scan does it.
	Watch time.Duration
	// Notify is called after each creation of an object, before the answer
	// is sent, without a lock held. It must not block for long.
	Notify func(Event)
	// Before is called before a request is processed, After when its effect is on
	// disk and its answer not sent yet. Both may block, to pause the client,
	// and may panic with http.ErrAbortHandler, to cut its connection.
	Before, After func(Request)
	// Latency is how long every request waits after Before, as if the store were
	// on another machine. Requests wait concurrently.
	Latency time.Duration
	// Permits reports whether the policies of a key allow an action, such as
	// oss:GetObject, on a resource; nil: everything is allowed.
	Permits func(keyID, action, resource string) bool
	Logger  *slog.Logger // nil for none
}

// Credentials are an access key that the emulator accepts.
type Credentials struct {
	AccessKeyID     string
	AccessKeySecret string
	SecurityToken   string    // of temporary credentials: requests must carry it
	Expires         time.Time // by the machine's clock; zero for never
	Principal       string    // in events; "" for the account's id
}

// LogValue is the access key id.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.AccessKeyID) }

// String gives the access key id and nothing else.
func (c Credentials) String() string { return "credentials of " + c.AccessKeyID }

// GoString is String.
func (c Credentials) GoString() string { return c.String() }

// MarshalJSON gives the access key id as a string.
func (c Credentials) MarshalJSON() ([]byte, error) { return json.Marshal(c.AccessKeyID) }

// Emulator serves the API of OSS from a directory. It is an http.Handler that
// must not be behind an http.ServeMux, which would clean paths and so change
// keys. Make one with New.
type Emulator struct {
	opts   Options
	log    *slog.Logger
	offset atomic.Int64 // nanoseconds that the server's clock is ahead
	last   atomic.Int64 // Unix seconds: the clock never runs backward
	seq    atomic.Int64

	mu          sync.Mutex
	buckets     map[string]*bucket
	credentials map[string]Credentials
	faults      []*Fault
	broken      Broken
	requests    []Request

	quit    chan struct{}
	stopped sync.WaitGroup
	closing sync.Once
}

// New opens a directory with its buckets and objects. Files that were copied in
// since it was last open, or written when the emulator was killed, become objects
// when the watcher or Scan finds them.
func New(opts Options) (*Emulator, error) {
	if opts.Dir == "" {
		return nil, errors.New("OSS emulator: a directory is required")
	}
	if opts.Region == "" {
		opts.Region = "cn-hangzhou"
	}
	if opts.AccountID == "" {
		opts.AccountID = "1234567890123456"
	}
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	e := &Emulator{
		opts: opts, log: opts.Logger, buckets: map[string]*bucket{},
		credentials: map[string]Credentials{}, quit: make(chan struct{}),
	}
	for _, c := range opts.Credentials {
		e.Accept(c)
	}
	known, err := os.ReadDir(filepath.Join(opts.Dir, ".oss"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("OSS emulator: %w", err)
	}
	for _, d := range known {
		if err := e.CreateBucket(d.Name()); err != nil {
			return nil, err
		}
	}
	if opts.Watch > 0 {
		e.stopped.Go(e.watch)
	}
	return e, nil
}

// Close stops the watcher, releases hanging requests and closes the files.
// Requests after it fail.
func (e *Emulator) Close() error {
	var errs []error
	e.closing.Do(func() {
		close(e.quit)
		e.stopped.Wait()
		for _, b := range e.all() {
			b.mu.Lock()
			errs = append(errs, b.journal.close())
			b.mu.Unlock()
		}
	})
	return errors.Join(errs...)
}

// CreateBucket makes a bucket, or does nothing if it exists.
func (e *Emulator) CreateBucket(name string) error {
	if !bucketForm.MatchString(name) || name == reserved {
		return fmt.Errorf("OSS emulator: %q is not a bucket name: 3 to 63 lower-case letters, digits and hyphens, not %q", name, reserved)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.buckets[name] != nil {
		return nil
	}
	b, err := openBucket(e.opts.Dir, name, e.Now, e.stamp)
	if err != nil {
		return fmt.Errorf("OSS emulator: bucket %s: %w", name, err)
	}
	e.buckets[name] = b
	return nil
}

// SetVersioning sets a bucket's versioning to "" (never), Enabled or Suspended.
// OSS cannot return to never; tests can.
func (e *Emulator) SetVersioning(bucket, status string) error {
	b := e.bucket(bucket)
	switch {
	case b == nil:
		return fmt.Errorf("OSS emulator: no bucket %q", bucket)
	case !isVersioning(status):
		return fmt.Errorf("OSS emulator: versioning %q is not Enabled, Suspended or empty", status)
	}
	return b.setVersioning(status)
}

// Accept adds credentials, or replaces those of the same access key id.
func (e *Emulator) Accept(c Credentials) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.credentials[c.AccessKeyID] = c
}

// Advance lets the server's clock run ahead by d more: Date and the
// Last-Modified of later writes. Signatures are still checked against the clock
// without d (own choice), so that a test's clients, whose clocks do not move, are
// not refused.
func (e *Emulator) Advance(d time.Duration) { e.offset.Add(int64(d)) }

// Now is the server's clock, in whole seconds, never running backward.
func (e *Emulator) Now() time.Time {
	now := e.opts.Clock().Add(time.Duration(e.offset.Load())).Unix()
	for {
		last := e.last.Load()
		if now <= last {
			return time.Unix(last, 0).UTC()
		}
		if e.last.CompareAndSwap(last, now) {
			return time.Unix(now, 0).UTC()
		}
	}
}

func (e *Emulator) bucket(name string) *bucket {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.buckets[name]
}

func (e *Emulator) all() []*bucket {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []*bucket
	for _, b := range e.buckets {
		out = append(out, b)
	}
	slices.SortFunc(out, func(x, y *bucket) int { return strings.Compare(x.name, y.name) })
	return out
}
