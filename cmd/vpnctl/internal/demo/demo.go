package demo

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/tunnel"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// The documents of the demonstration.
var (
	//go:embed office.yaml
	officeFile []byte
	//go:embed typo.yaml
	typoFile []byte
	//go:embed request.yaml
	requestBody []byte
	//go:embed trial.yaml
	trialBody []byte
	//go:embed window.yaml
	windowBody []byte
	//go:embed policy.yaml
	policyText string
	//go:embed scheduled.json
	scheduledDocument string
)

// The servers that the documents name; the last is the demonstration's own.
const (
	merged    = "vss-bp18q7hzj6largv4vk2fe"
	office    = "vss-bp1w3n8c5t7k2m9x4r6y1"
	shanghai  = "vss-uf6d2k9x4m7q1w8r5t3y0"
	scheduled = "vss-bp1n9i4g7h2t5s8h3i6f4"

	mergedGateway = "vpn-bp1q8bgx4xnkm2ogj0fiu"
	busyFor       = 3 * time.Second // another person's change at the start
	timerName     = "compress-off-at-night"
)

// The files' keys.
const (
	officeKey = "changes/office.yaml"
	typoKey   = "changes/typo.yaml"
)

// Configuring is how long each modification keeps a gateway busy here.
const Configuring = 2 * time.Second

// Limit is how long the demonstration takes at most.
const Limit = 55 * time.Second

// demonstration is one run.
type demonstration struct {
	cloud   *localcloud.Cloud
	out     io.Writer
	started time.Time

	posted, repeated []remote.Change // the answers to the two equal requests
	firewall         tunnel.Mode     // in front of the server on trial
	opens            time.Time       // the window
}

// Run requests the changes, prints what happened, and checks the outcome. If a
// check fails, it has been printed to out, and Run returns an error.
func Run(ctx context.Context, cloud *localcloud.Cloud, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, Limit)
	defer cancel()
	d := &demonstration{cloud: cloud, out: out, started: time.Now()}
	if err := d.ask(ctx); err != nil {
		return err
	}
	seen, err := d.wait(ctx)
	if err != nil {
		return err
	}
	d.timeline(seen)
	return d.check(seen)
}

// ask requests changes through every channel.
func (d *demonstration) ask(ctx context.Context) error {
	err := d.cloud.VPC().AddServer(vpc.Server{
		RegionID: localcloud.Region, ID: scheduled, GatewayID: "vpn-bp1n5i8g2h6t4g9a3t7e1",
		Name: "night-shift", ClientIPPool: "10.60.0.0/24", LocalSubnet: "10.70.0.0/16", Compress: true,
	})
	if err != nil {
		return err
	}
	if err := d.addTrial(); err != nil {
		return err
	}
	if err := d.addWindow(); err != nil {
		return err
	}
	if err := d.cloud.VPC().Busy(mergedGateway, busyFor); err != nil {
		return err
	}
	d.step("gateway %s is busy with another person's change for %s", mergedGateway, busyFor)

	d.step("file  uploaded %s: two changes for %s, one for %s", officeKey, merged, office)
	if err := d.cloud.Drop(officeKey, officeFile); err != nil {
		return err
	}
	d.step("file  uploaded %s, which is invalid", typoKey)
	if err := d.cloud.Drop(typoKey, typoFile); err != nil {
		return err
	}
	if err := d.post(ctx); err != nil {
		return err
	}
	d.step("timer %s fired with a scheduled change for %s", timerName, scheduled)
	_, err = d.cloud.FC().Tick(timerName, scheduledDocument)
	return err
}

// post sends a signed request, and repeats the delivery like a sender without
// an answer.
func (d *demonstration) post(ctx context.Context) error {
	secret, err := webhook.ParseSecret(d.cloud.Secret())
	if err != nil {
		return err
	}
	client, err := remote.New(remote.Options{URL: d.cloud.URL(), Secret: secret})
	if err != nil {
		return err
	}
	if err := d.try(ctx, client); err != nil {
		return err
	}
	if err := d.waitForWindow(ctx, client); err != nil {
		return err
	}
	doc, id := remote.Document{Data: requestBody}, fmt.Sprintf("demo-%d", d.started.UnixNano())
	if d.posted, err = client.Submit(ctx, doc, id); err != nil {
		return fmt.Errorf("signed request: %w", err)
	}
	d.step("http  posted a signed request for %s: %s %s", shanghai, d.posted[0].ID, d.posted[0].Status)
	if d.repeated, err = client.Submit(ctx, doc, id); err != nil {
		return fmt.Errorf("repeated request: %w", err)
	}
	d.step("http  posted the same delivery again: %s", d.repeated[0].ID)
	return nil
}

// observed is the final content of the bucket.
type observed struct {
	receipts map[string]record.Receipt
	records  []record.Record
	proofs   map[string]record.Proof // by change
}

// complete reports whether every request has its receipt and its records.
func (o observed) complete() bool {
	_, taken := o.receipts[officeKey]
	_, refused := o.receipts[typoKey]
	return taken && refused && len(o.records) >= expectedRecords
}

// expectedRecords: three changes of the file, one request, one scheduled, one on trial
// and its undo, and one that waits for a window.
const expectedRecords = 8

// wait polls the bucket, and ticks the sweep more often than the platform.
func (d *demonstration) wait(ctx context.Context) (observed, error) {
	look, sweep := time.NewTicker(200*time.Millisecond), time.NewTicker(2*time.Second)
	defer look.Stop()
	defer sweep.Stop()
	for {
		var seen observed
		err := d.guard()
		if err != nil {
			return seen, err
		}
		if seen.receipts, err = receipts(d.cloud.BucketDir()); err != nil {
			return seen, err
		}
		if seen.records, err = records(d.cloud.BucketDir()); err != nil {
			return seen, err
		}
		if seen.proofs, err = proofs(d.cloud.BucketDir()); err != nil {
			return seen, err
		}
		if seen.complete() {
			return seen, nil
		}
		select {
		case <-look.C:
		case <-sweep.C:
			if _, err := d.cloud.FC().Tick(localcloud.SweepName, ""); err != nil {
				return seen, err
			}
		case <-ctx.Done():
			d.timeline(seen)
			return seen, errors.Join(fmt.Errorf("after %s there are %d of %d records and %d of 2 receipts",
				time.Since(d.started).Round(time.Second), len(seen.records), expectedRecords, len(seen.receipts)), ctx.Err())
		}
	}
}

// step prints one line of what was done, with the time since the start.
func (d *demonstration) step(format string, args ...any) {
	_, _ = fmt.Fprintf(d.out, "%s  %s\n", d.at(time.Now()), fmt.Sprintf(format, args...))
}

// at is a time since the start. OSS's clock, which dates files, has whole
// seconds and may name one before it.
func (d *demonstration) at(t time.Time) string {
	return fmt.Sprintf("%+5.1f s", max(t.Sub(d.started), 0).Seconds())
}
