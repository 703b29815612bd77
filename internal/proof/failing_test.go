package proof_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/proof"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// failing is a bucket whose requests of one kind fail.
type failing struct {
	proof.Bucket

	request string // such as "put proofs/"
}

var errStore = errors.New("the store does not answer")

func (f *failing) fails(request, key string) error {
	if f.request != "" && strings.HasPrefix(request+" "+key, f.request) {
		return errStore
	}
	return nil
}

func (f *failing) Get(ctx context.Context, key string, o blob.GetOptions) (blob.Object, error) {
	if err := f.fails("get", key); err != nil {
		return blob.Object{}, err
	}
	return f.Bucket.Get(ctx, key, o)
}

func (f *failing) Create(ctx context.Context, key string, data []byte) error {
	return errors.Join(f.fails("create", key), f.Bucket.Create(ctx, key, data))
}

func (f *failing) Put(ctx context.Context, key string, data []byte) error {
	if err := f.fails("put", key); err != nil {
		return err
	}
	return f.Bucket.Put(ctx, key, data)
}

func (f *failing) Delete(ctx context.Context, keys ...string) error {
	if err := f.fails("delete", keys[0]); err != nil {
		return err
	}
	return f.Bucket.Delete(ctx, keys...)
}

func (f *failing) List(ctx context.Context, o blob.ListOptions) (blob.Page, error) {
	if err := f.fails("list", o.Prefix); err != nil {
		return blob.Page{}, err
	}
	return f.Bucket.List(ctx, o)
}

// A request that fails leaves the proof pending, and a later sweep completes it. A
// request that fails after its effect is like one that does not.
func TestWhatTheStoreRefusesIsRepeated(t *testing.T) {
	t.Parallel()
	for _, request := range []string{
		"create proofs/", "list proofs/", "get proofs/", "put proofs/", "create results/", "get results/", "delete proofs/",
	} {
		t.Run(request, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.connect(1, h.Clock.Now().Add(-1))
			store := &failing{Bucket: h.Store, request: request}
			broken := func() *proof.Proofs {
				p := h.invocation(policy())
				p.Bucket, p.Records = store, record.NewRecords(store)
				return p
			}
			p := broken()
			a := h.asked(p.Before(t.Context(), h.ref(), h.settings(), unobserved))
			if request == "put proofs/" {
				h.connect(0, a.SentAt) // somebody is missing, so that it stays pending
			}
			err := p.Add(t.Context(), a)
			p.Recorded(id)
			err = errors.Join(err, p.Wait())
			if err == nil {
				p = broken()
				if request == "list proofs/" || request == "get proofs/" {
					if err := h.invocation(policy()).Add(t.Context(), a); err != nil {
						t.Fatal(err)
					}
				}
				p.Sweep()
				err = p.Wait()
			}
			if !errors.Is(err, errStore) {
				t.Fatalf("the failure is %v", err)
			}
			h.Clock.Advance(policy().Bound)
			last := h.invocation(policy())
			if err := last.Add(t.Context(), a); err != nil { // as the next worker does
				t.Fatal(err)
			}
			last.Sweep()
			if err := last.Wait(); err != nil {
				t.Fatal(err)
			}
			if got := h.ended(); got.After.Probe != probe.Listening {
				t.Errorf("%+v", got)
			}
		})
	}
}

// Changes of one server share a look; a panic while rooms are told stops nothing else.
func TestChangesOfOneServerShareALook(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	if err := h.VPC.UpdateGateway("vpn-of-vss-a", func(g *vpc.Gateway) { g.NotVisualized = true }); err != nil {
		t.Fatal(err)
	}
	p := h.invocation(policy())
	before := p.Before(t.Context(), h.ref(), h.settings(), unobserved)
	const second = id + "-2"
	for _, changeID := range []string{id, second} {
		a := h.asked(before)
		a.ID = changeID
		if err := p.Add(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	probes := &counting{Prober: p.Prober}
	p.Prober = probes
	p.Recorded(id, second)
	if err := p.Wait(); err != nil {
		t.Fatal(err)
	}
	other, err := record.NewRecords(h.Store).ReadProof(t.Context(), second)
	if got := h.ended(); err != nil || got.After != other.After || probes.n != 1 {
		t.Errorf("%+v, %+v, %v; %d probes", got, other, err, probes.n)
	}
}

// counting counts probes.
type counting struct {
	proof.Prober

	n int
}

func (c *counting) Probe(ctx context.Context, t probe.Target, r probe.Rule) probe.Outcome {
	c.n++
	return c.Prober.Probe(ctx, t, r)
}

func TestAPanicIsAnError(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.connect(1, h.Clock.Now())
	p := h.invocation(policy())
	p.Tell = func(context.Context, change.Target, record.Proof, []json.RawMessage) error { panic("boom") }
	a := h.asked(p.Before(t.Context(), h.ref(), h.settings(), unobserved))
	h.connect(0, a.SentAt)
	h.Clock.Advance(policy().Bound)
	if err := p.Add(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	p.Recorded(id)
	if err := p.Wait(); err == nil || !strings.Contains(err.Error(), "panic: boom") {
		t.Errorf("%v", err)
	}
}

// An invocation that answers somebody leaves the looks to the sweep.
func TestALaterLook(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p := h.invocation(policy())
	if err := p.Add(t.Context(), h.asked(p.Before(t.Context(), h.ref(), h.settings(), unobserved))); err != nil {
		t.Fatal(err)
	}
	proof.Later{Proofs: p}.Recorded(id)
	if err := p.Wait(); err != nil || len(h.Keys(t.Context(), "proofs/")) != 1 {
		t.Errorf("%v; pending: %q", err, h.Keys(t.Context(), "proofs/"))
	}
}
