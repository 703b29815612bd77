package sim_test

import (
	"context"
	"crypto/md5"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
)

const bucketName = "change-bucket"

// object is one stored object.
type object struct {
	data     []byte
	etag     string
	modified time.Time
	writes   int
}

// store is the object store: atomic, strongly consistent by key, with listings
// that may be stale.
type store struct {
	h       *harness
	skew    time.Duration // of the server's clock
	objects map[string]*object
	keys    []string // sorted
	stale   bool     // the current listing is an old one
	gone    map[string]time.Time

	requests int
}

func (s *store) now() time.Time { return time.Now().Add(s.skew).Truncate(time.Second) }

func (s *store) put(key string, data []byte) *object {
	o := s.objects[key]
	if o == nil {
		o = &object{}
		s.objects[key] = o
		i := sort.SearchStrings(s.keys, key)
		s.keys = slices.Insert(s.keys, i, key)
	}
	o.data = data
	o.etag = strings.ToUpper(fmt.Sprintf("%x", md5.Sum(data)))
	o.modified = s.now()
	o.writes++
	if o.writes > 1 && !strings.HasPrefix(key, "state/") && !strings.HasPrefix(key, "wake/") &&
		!strings.HasPrefix(key, "holds/") && !strings.HasPrefix(key, "outbox/") && !strings.HasPrefix(key, "proofs/") && !strings.HasPrefix(key, "changes/") && !strings.HasPrefix(key, "policy/") {
		s.h.violated("%s was overwritten", key)
	}
	s.h.written(key, data)
	return o
}

func (s *store) remove(key string) {
	if s.objects[key] == nil {
		return
	}
	if strings.HasPrefix(key, "results/") || strings.HasPrefix(key, "receipts/") {
		s.h.violated("%s was deleted", key)
	}
	delete(s.objects, key)
	s.gone[key] = time.Now()
	if i := sort.SearchStrings(s.keys, key); i < len(s.keys) && s.keys[i] == key {
		s.keys = slices.Delete(s.keys, i, i+1)
	}
	s.h.removed(key)
}

func (s *store) entry(key string) blob.Entry {
	o := s.objects[key]
	return blob.Entry{Key: key, ETag: o.etag, Size: int64(len(o.data)), LastModified: o.modified}
}

// list returns a listing; a stale one lacks what was written in the last ten
// seconds.
func (s *store) list(o blob.ListOptions) blob.Page {
	page := blob.Page{Now: s.now()}
	limit := o.Max
	if limit == 0 {
		limit = 1000
	}
	for i := sort.SearchStrings(s.keys, max(o.Prefix, o.After)); i < len(s.keys); i++ {
		key := s.keys[i]
		if !strings.HasPrefix(key, o.Prefix) {
			break
		}
		if key <= o.After {
			continue
		}
		if s.stale && s.now().Sub(s.objects[key].modified) < 10*time.Second {
			s.h.reachIf(strings.HasPrefix(key, "queue/"), "a stale listing hides an entry")
			s.h.reachIf(strings.HasPrefix(key, "lanes/"), "a stale listing hides a generation")
			continue
		}
		if len(page.Entries) == limit {
			page.Next = page.Entries[limit-1].Key
			break
		}
		page.Entries = append(page.Entries, s.entry(key))
	}
	return page
}

// client is the store as one instance calls it, with the errors of package blob.
type client struct{ in *instance }

// Guard finds the bucket fit: it never had versioning.
func (*client) Preflight(context.Context) error { return nil }

func (c *client) failure(verb, key string) func(fate) error {
	return func(f fate) error {
		return &blob.Error{Op: verb, Bucket: bucketName, Key: key, Kind: blob.ErrUnavailable, Detail: f.String()}
	}
}

func (c *client) Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error) {
	var out blob.Object
	var miss error
	s := c.in.harness.store
	err := c.in.request(ctx, &op{name: "get " + key, fail: c.failure("get", key), do: func() {
		o := s.objects[key]
		switch {
		case o == nil:
			miss = &blob.Error{Op: "get", Key: key, Kind: blob.ErrNotFound}
		case opts.IfMatch != "" && opts.IfMatch != o.etag:
			miss = &blob.Error{Op: "get", Key: key, Kind: blob.ErrChanged}
		default:
			out = blob.Object{Entry: s.entry(key), Data: slices.Clone(s.h.damage.read(key, o.data)), Now: s.now()}
		}
	}})
	if err != nil {
		return blob.Object{}, err
	}
	return out, miss
}

func (c *client) Head(ctx context.Context, key string) (blob.Entry, error) {
	var out blob.Entry
	var miss error
	s := c.in.harness.store
	err := c.in.request(ctx, &op{name: "head " + key, fail: c.failure("head", key), do: func() {
		if s.objects[key] == nil {
			miss = &blob.Error{Op: "head", Key: key, Kind: blob.ErrNotFound}
			return
		}
		out = s.entry(key)
	}})
	if err != nil {
		return blob.Entry{}, err
	}
	return out, miss
}

// Create behaves as the adapter's: an error means that the outcome is unknown.
func (c *client) Create(ctx context.Context, key string, data []byte) error {
	data = otherVersion(c.in, key, data)
	var exists error
	s := c.in.harness.store
	var renews atomic.Bool // the scheduler knows the lanes, and the instance may give up before it is asked
	sends := func() { renews.Store(s.h.renews(key, data)) }
	err := c.in.request(ctx, &op{name: "create " + key, fail: c.failure("create", key), sends: sends, do: func() {
		if o := s.objects[key]; o != nil {
			if string(o.data) != string(data) {
				s.h.lostRace(key, c.in)
				exists = &blob.Error{Op: "create", Key: key, Kind: blob.ErrExists}
			}
			return
		}
		s.put(key, slices.Clone(data))
	}})
	if err != nil {
		s.h.reachIf(renews.Load(), "a renewal without an answer")
		if renews.Load() {
			c.in.doubt(key, true)
		}
		return err
	}
	if exists == nil {
		c.in.doubt(key, false)
	}
	return exists
}

// doubt notes whether an instance knows that its last renewal of a lane's lease was
// written.
func (in *instance) doubt(key string, unsure bool) {
	t, ok := laneOf(key)
	if !ok {
		return
	}
	in.harness.noting.Lock()
	defer in.harness.noting.Unlock()
	if in.unsure[t] = true; !unsure {
		delete(in.unsure, t)
	}
}

func (c *client) Put(ctx context.Context, key string, data []byte) error {
	data = otherVersion(c.in, key, data)
	s := c.in.harness.store
	return c.in.request(ctx, &op{name: "put " + key, fail: c.failure("put", key), do: func() { s.put(key, slices.Clone(data)) }})
}

func (c *client) Delete(ctx context.Context, keys ...string) error {
	s := c.in.harness.store
	return c.in.request(ctx, &op{name: "delete " + strings.Join(keys, " "), fail: c.failure("delete", keys[0]), do: func() {
		for _, k := range keys {
			s.remove(k)
		}
	}})
}

func (c *client) List(ctx context.Context, opts blob.ListOptions) (blob.Page, error) {
	var out blob.Page
	s := c.in.harness.store
	err := c.in.request(ctx, &op{name: "list " + opts.Prefix + " after " + opts.After, fail: c.failure("list", opts.Prefix), do: func() {
		out = s.list(opts)
		c.in.harness.looked(opts)
	}})
	if err != nil {
		return blob.Page{}, err
	}
	return out, nil
}
