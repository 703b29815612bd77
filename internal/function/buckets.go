package function

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/blob/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/config"
)

// objectStore opens buckets of OSS.
type objectStore struct {
	cfg config.Config

	mu        sync.Mutex
	connector *oss.Connector // made by the first invocation, which names the region
}

// open gives the buckets of one invocation. It sends nothing.
func (s *objectStore) open(inv handler.Invocation) (Buckets, error) {
	connector, err := s.connect(inv.Region)
	if err != nil {
		return Buckets{}, err
	}
	creds := oss.Credentials{
		AccessKeyID: inv.AccessKeyID, AccessKeySecret: inv.AccessKeySecret, SecurityToken: inv.SecurityToken,
	}
	changes, err := connector.Bucket(s.cfg.ChangeBucket, creds)
	if err != nil {
		return Buckets{}, err
	}
	if s.cfg.RecordBucket == s.cfg.ChangeBucket {
		return Buckets{Changes: changes, Records: changes}, nil
	}
	records, err := connector.Bucket(s.cfg.RecordBucket, creds)
	if err != nil {
		return Buckets{}, err
	}
	return Buckets{Changes: changes, Records: records}, nil
}

func (s *objectStore) connect(region string) (*oss.Connector, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.connector == nil {
		c, err := oss.NewConnector(oss.Config{Region: region, Endpoint: s.cfg.OSSEndpoint})
		if err != nil {
			return nil, err
		}
		s.connector = c
	}
	return s.connector, nil
}

func (s *objectStore) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.connector != nil {
		s.connector.Close()
	}
}

// preflight checks the buckets until they pass once in the life of the instance:
// create-only writes mean nothing in a bucket that ever had versioning.
func (f *Function) preflight(ctx context.Context, inv handler.Invocation, b Buckets) error {
	f.preflighting.Lock()
	defer f.preflighting.Unlock()
	if f.fit {
		return nil
	}
	// If the store hangs, the invocation still needs time to report it.
	ctx, cancel := context.WithDeadline(ctx, inv.Deadline.Add(-inv.Reserve))
	defer cancel()
	var g errgroup.Group // without a shared context: an error must not hide that of the other bucket
	if b.Records != b.Changes {
		g.Go(func() error {
			if err := b.Records.Preflight(ctx); err != nil {
				return fmt.Errorf("RECORD_BUCKET: %w", err)
			}
			return nil
		})
	}
	if err := b.Changes.Preflight(ctx); err != nil {
		return errors.Join(fmt.Errorf("CHANGE_BUCKET: %w", err), g.Wait())
	}
	if err := g.Wait(); err != nil {
		return err
	}
	f.fit = true
	return nil
}

// warmUp reads the stored circuit of the function's own region, which the first
// call of its API needs. That call reports any failure.
func (f *Function) warmUp(ctx context.Context, inv handler.Invocation, b Buckets) {
	if err := f.breakers.Region(inv.Region).Restore(ctx, b.Changes); err != nil {
		f.log.DebugContext(ctx, "the stored circuit was not read ahead", slog.Any("error", err))
	}
}
