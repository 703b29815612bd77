package lane

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// ErrLost says that another worker wrote the next generation: what the caller
// knows of the lane is old, or its lease has expired.
var ErrLost = errors.New("another worker has acquired the lane")

// Slack is added to a lease's time to live before it counts as expired, because
// the store's clock shows whole seconds.
const Slack = 2 * time.Second

// Store is what a chain needs of the object store. Create must be atomic and
// must count a repeated own write as created; see package blob.
type Store interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
	Create(ctx context.Context, key string, data []byte) error
	List(ctx context.Context, opts blob.ListOptions) (blob.Page, error)
}

// Worker is who writes generations: one invocation.
type Worker struct {
	Store Store
	Owner string           // the platform's request id
	Now   func() time.Time // the invocation's clock
	Nonce func() string    // a fresh random text each time
	// Memory saves reading generations that the instance knows; nil: none.
	Memory *Memory
}

// Chain is one lane's chain as one worker uses it.
type Chain struct {
	worker Worker
	prefix string // of the keys of its generations
	name   string // for messages, such as "lane cn-hangzhou/vss-a"
}

// Open returns the chain of a lane. It does no I/O.
func Open(w Worker, t change.Target) *Chain {
	return OpenAt(w, objects.LanePrefix(t), "lane "+t.String())
}

// OpenAt returns the chain whose generations are below a prefix, which ends in "/". The
// name is for messages. It does no I/O.
func OpenAt(w Worker, prefix, name string) *Chain {
	return &Chain{worker: w, prefix: prefix, name: name}
}

// Head is the newest generation of a chain. The zero Head is an empty chain.
type Head struct {
	Gen       int64
	Key       string        // of the generation's object; "" for an empty chain
	Held      bool          // a lease, which may have expired
	Owner     string        // who wrote the generation
	Remaining time.Duration // until the lease expires; 0 when free or expired
	Age       time.Duration // of the generation, by the store's clock
	State     json.RawMessage
}

// Leased reports whether a worker has a lease that has not expired.
func (h Head) Leased() bool { return h.Held && h.Remaining > 0 }

// Head reads the newest generation. It costs two requests, and one for an empty
// chain or a generation that the worker's memory has.
func (c *Chain) Head(ctx context.Context) (Head, error) {
	page, err := c.worker.Store.List(ctx, blob.ListOptions{Prefix: c.prefix, Max: 1})
	if err != nil {
		return Head{}, fmt.Errorf("read %s: %w", c.name, err)
	}
	if len(page.Entries) == 0 {
		return Head{}, nil
	}
	k := page.Entries[0].Key
	if g, ok := c.worker.Memory.recall(page.Entries[0]); ok {
		return g.head(k, page.Now.Sub(page.Entries[0].LastModified)), nil
	}
	if _, ok := objects.ParseGenerationKey(k); !ok {
		return Head{}, fmt.Errorf("read %s: foreign object %s: only the function may write below %s", c.name, k, c.prefix)
	}
	obj, err := c.worker.Store.Get(ctx, k, blob.GetOptions{Limit: MaxGeneration})
	if err != nil {
		return Head{}, fmt.Errorf("read %s: %w", c.name, err)
	}
	g, err := decode(k, obj.Data)
	if err != nil {
		return Head{}, fmt.Errorf("read %s: %w", c.name, err)
	}
	c.worker.Memory.keep(k, obj.Data, g)
	return g.head(k, obj.Now.Sub(obj.LastModified)), nil
}

// MaxGeneration bounds the size of a generation, state included: 4 MiB.
const MaxGeneration = 4 << 20

// Acquire acquires the lease of a lane for ttl, which must outlast everything
// that the caller will do under it, an API call in flight included. It fails
// with ErrLost if a generation was written since head was read, or if a worker
// has a lease.
func (c *Chain) Acquire(ctx context.Context, head Head, ttl time.Duration, state any) (*Lease, error) {
	if head.Leased() {
		return nil, fmt.Errorf("acquire %s: %w", c.name, ErrLost)
	}
	l := &Lease{chain: c, since: c.worker.Now(), ttl: ttl}
	if err := l.step(ctx, head.Gen+1, held, ttl, state); err != nil {
		return nil, fmt.Errorf("acquire %s: %w", c.name, err)
	}
	return l, nil
}

// Update writes a new state to a lane of which nobody has a lease, and leaves
// it free. It fails with ErrLost if a generation was written since head was
// read. It ends a lease that has expired.
func (c *Chain) Update(ctx context.Context, head Head, state any) (Head, error) {
	if head.Leased() {
		return Head{}, fmt.Errorf("update %s: %w", c.name, ErrLost)
	}
	next, err := c.free(ctx, head.Gen+1, state)
	if err != nil {
		return Head{}, fmt.Errorf("update %s: %w", c.name, err)
	}
	return next, nil
}

// free writes a free generation.
func (c *Chain) free(ctx context.Context, gen int64, state any) (Head, error) {
	raw, err := c.create(ctx, gen, free, 0, state)
	if err != nil {
		return Head{}, err
	}
	return Head{Gen: gen, Key: objects.GenerationBelow(c.prefix, gen), Owner: c.worker.Owner, State: raw}, nil
}

// create writes one generation, or fails with ErrLost if it exists.
func (c *Chain) create(ctx context.Context, gen int64, k kind, ttl time.Duration, state any) (json.RawMessage, error) {
	raw, err := json.Marshal(state)
	if err != nil {
		return nil, fmt.Errorf("encode state: %w", err)
	}
	g := generation{
		Schema: schema, Gen: gen, Kind: k, Nonce: c.worker.Nonce(), Owner: c.worker.Owner,
		TTL: ttl.Milliseconds(), At: c.worker.Now().UTC(), State: raw,
	}
	data, err := json.Marshal(g)
	if err != nil {
		return nil, fmt.Errorf("encode generation: %w", err)
	}
	if len(data) > MaxGeneration {
		return nil, fmt.Errorf("generation has %d bytes, more than %d", len(data), MaxGeneration)
	}
	key := objects.GenerationBelow(c.prefix, gen)
	err = c.worker.Store.Create(ctx, key, data)
	if errors.Is(err, blob.ErrExists) {
		return nil, ErrLost
	}
	if err == nil {
		c.worker.Memory.keep(key, data, g)
	}
	return raw, err
}
