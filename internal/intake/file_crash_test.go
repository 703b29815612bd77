package intake_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// Every write for a file fails in every possible way: the
// redelivery completes what the first delivery began, with the same ids.
func TestARedeliveryCompletesAFile(t *testing.T) {
	t.Parallel()
	withTokens := `changes:
  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Port: 1195, ClientToken: t1}
  - {RegionId: cn-hangzhou, SslVpnServerId: vss-two, Port: 1196, ClientToken: t2}
  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Name: hotel}
`
	for name, f := range map[string]oss.Fault{
		"the second claim is refused":       {Kind: oss.ServiceUnavailable, KeyPrefix: "claims/", Op: "PutObject", Skip: 1, Times: -1},
		"a claim's answers are lost":        {Kind: oss.DropAfter, KeyPrefix: "claims/", Op: "PutObject", Times: -1},
		"claims cannot be read":             {Kind: oss.InternalError, KeyPrefix: "claims/", Op: "GetObject", Times: -1},
		"the first entry is refused":        {Kind: oss.ServiceUnavailable, KeyPrefix: "queue/", Op: "PutObject", Times: -1},
		"the second entry is refused":       {Kind: oss.ServiceUnavailable, KeyPrefix: "queue/", Op: "PutObject", Skip: 1, Times: -1},
		"the second entry never arrives":    {Kind: oss.DropBefore, KeyPrefix: "queue/", Op: "PutObject", Skip: 1, Times: -1},
		"an entry's answer is lost":         {Kind: oss.DropAfter, KeyPrefix: "queue/", Op: "PutObject", Skip: 1},
		"all answers of entries are lost":   {Kind: oss.DropAfter, KeyPrefix: "queue/", Op: "PutObject", Times: -1},
		"entries land behind a bad gateway": {Kind: oss.BadGatewayAfter, KeyPrefix: "queue/", Op: "PutObject", Times: -1},
		"nothing about entries is answered": {Kind: oss.DropAfter, KeyPrefix: "queue/", Times: -1},
		"writing is denied":                 {Kind: oss.AccessDenied, KeyPrefix: "queue/", Skip: 1, Times: -1},
		"the credentials expire":            {Kind: oss.TokenExpired, KeyPrefix: "queue/", Skip: 1, Times: -1},
		"the receipt is refused":            {Kind: oss.ServiceUnavailable, KeyPrefix: "receipts/", Op: "PutObject", Times: -1},
		"the receipt's answer is lost":      {Kind: oss.DropAfter, KeyPrefix: "receipts/", Op: "PutObject"},
		"the receipt's answers are lost":    {Kind: oss.DropAfter, KeyPrefix: "receipts/", Times: -1},
		"no wake object can be written":     {Kind: oss.ServiceUnavailable, KeyPrefix: "wake/", Times: -1},
		"the file cannot be read":           {Kind: oss.ServiceUnavailable, KeyPrefix: "changes/", Op: "GetObject", Times: -1},
		"the file is cut short":             {Kind: oss.Truncated, KeyPrefix: "changes/", Op: "GetObject"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newHarness(t)
			u := d.upload("changes/hotels.yaml", withTokens)
			d.fault(f)
			res, err := d.intake().File(t.Context(), u)
			if err == nil && res.Status != intake.FileAccepted || err != nil && res.Status != "" {
				t.Errorf("%+v and %v", res, err)
			}
			if err != nil {
				if !errors.Is(err, blob.ErrUnavailable) && !errors.Is(err, blob.ErrDenied) && !errors.Is(err, blob.ErrCredentials) {
					t.Errorf("the error is %v", err)
				}
			}
			d.OSS.ClearFaults()
			half := d.Keys(t.Context(), "queue/")
			if err != nil && f.KeyPrefix != "receipts/" {
				d.nothing("receipts/", "wake/")
			}
			again := d.accept(u, intake.FileAccepted)
			if err == nil && !slices.Equal(res.IDs, again.IDs) {
				t.Errorf("first %q, again %q", res.IDs, again.IDs)
			}
			d.queued(again.IDs...)
			for _, key := range half {
				if !slices.Contains(d.Keys(t.Context(), "queue/"), key) {
					t.Errorf("%s was made by the first delivery and is not one of the second's", key)
				}
			}
			if rec := d.receipt(); rec.Status != record.FileAccepted || len(rec.Changes) != 3 {
				t.Errorf("the receipt is %+v", rec)
			}
			if d.created("queue/") != 3 || d.created("receipts/") != 1 || d.created("claims/") != 2 {
				t.Errorf("%d entries, %d receipts, %d claims were made", d.created("queue/"), d.created("receipts/"), d.created("claims/"))
			}
		})
	}
}

func TestARefusalIsOpenUntilItsReceiptIsWritten(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	u := d.upload("changes/broken.yaml", broken)
	d.fault(oss.Fault{Kind: oss.ServiceUnavailable, KeyPrefix: "receipts/", Times: -1})
	if res, err := d.intake().File(t.Context(), u); !errors.Is(err, blob.ErrUnavailable) {
		t.Errorf("%+v, %v", res, err)
	}
	d.OSS.ClearFaults()
	d.accept(u, intake.FileRejected)
	d.receipt()
}
