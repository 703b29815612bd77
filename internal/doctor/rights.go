package doctor

import (
	"context"
	"errors"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// trial is a right to an object, tried without an effect.
type trial struct {
	right   string // Get, Put or Delete
	key     string
	records bool // in the record bucket
}

func (t trial) String() string { return "oss:" + t.right + "Object " + t.key }

// noObject is the name of an object that never exists. Were it written, nothing would
// read it: it is no key of any kind. The sweep leaves out keys that end in a slash.
const noObject = "doctor/"

// needed are the rights that the function needs, below each prefix: what package objects
// says. A test compares them with docs/policies/function.json.
func needed() (out []trial) {
	for _, p := range []struct {
		rights string
		keys   []string // of which only the first folder counts
	}{
		{"Get", []string{objects.Files, objects.Scheduled, objects.PolicyFile}},
		{"Put", []string{objects.Wake}},
		{"Get Put", []string{objects.Receipts, objects.Sweep, objects.CircuitKey("")}},
		{"Get Put Delete", []string{objects.Claims, objects.Queue, objects.Outbox, objects.Proofs, objects.Index, objects.Approvals, objects.Lanes}},
	} {
		for _, key := range p.keys {
			prefix, _, _ := strings.Cut(key, "/")
			for right := range strings.FieldsSeq(p.rights) {
				out = append(out, trial{right, prefix + "/" + noObject, false})
			}
		}
	}
	return append(out, trial{"Put", objects.Revisions + noObject, false}, trial{"Get", objects.Records + noObject, true}, trial{"Put", objects.Records + noObject, true})
}

// surplus are rights that the function must not have: with them, a fault of it could
// delete what is kept permanently, or request changes.
func surplus() []trial {
	return []trial{
		{"Delete", objects.Records + noObject, true},
		{"Delete", objects.Receipts + noObject, false},
		{"Put", objects.Files + noObject, false},
		{"Put", objects.Scheduled + noObject, false},
		{"Delete", objects.Files + noObject, false},
		{"Delete", objects.PolicyFile + "/" + noObject, false},
	}
}

// try tries a right: nil if the role has it, an error of kind blob.ErrDenied if not.
// Checked is false where that cannot be told.
func (w *work) try(ctx context.Context, t trial) (checked bool, err error) {
	b := w.Changes
	if t.records {
		b = w.Records
	}
	switch t.right {
	case "Get":
		_, err = b.Get(ctx, t.key, blob.GetOptions{})
	case "Delete":
		err = b.Delete(ctx, t.key)
	default:
		writer, ok := b.(Writer)
		if !ok {
			return false, nil
		}
		err = writer.MayPut(ctx, t.key)
	}
	if errors.Is(err, blob.ErrNotFound) {
		err = nil
	}
	return true, err
}

// tried is what the trials of rights showed.
type tried struct {
	there, denied []string
	unchecked     int
	failed        string // the first other failure
}

func (w *work) tryAll(ctx context.Context, trials []trial) (out tried) {
	checked, errs := make([]bool, len(trials)), make([]error, len(trials))
	_ = fanout.Each(ctx, len(trials), writers, func(ctx context.Context, i int) error {
		checked[i], errs[i] = w.try(ctx, trials[i])
		return nil // one failure must not end the others
	})
	for i, t := range trials {
		switch {
		case !checked[i]:
			out.unchecked++
		case errs[i] == nil:
			out.there = append(out.there, t.String())
		case errors.Is(errs[i], blob.ErrDenied):
			out.denied = append(out.denied, t.String())
		case out.failed == "":
			out.failed = t.String() + ": " + errs[i].Error()
		}
	}
	return out
}

// storeRights tries the rights that the function needs in its buckets.
func (w *work) storeRights(ctx context.Context) (Outcome, string) {
	all := w.tryAll(ctx, needed())
	buckets := []Bucket{w.Changes}
	if w.Records != w.Changes {
		buckets = append(buckets, w.Records)
	}
	for i, b := range buckets {
		name := []string{"CHANGE_BUCKET", "RECORD_BUCKET"}[i]
		if _, err := b.List(ctx, blob.ListOptions{Prefix: objects.DoctorPrefix(w.run), Max: 1}); errors.Is(err, blob.ErrDenied) {
			all.denied = append(all.denied, "oss:ListObjects "+name)
		}
		if err := b.Preflight(ctx); errors.Is(err, blob.ErrDenied) {
			all.denied = append(all.denied, "oss:GetBucketVersioning "+name)
		}
	}
	switch {
	case len(all.denied) > 0:
		return Finding, "the role lacks " + some(all.denied)
	case all.failed != "":
		return Finding, all.failed
	case all.unchecked > 0:
		return NotChecked, "the store does not report whether the function may write"
	}
	return OK, found("the role has the %d rights that the function needs to objects, and may list", len(all.there))
}

// surplusRights tries rights that the role must not have.
func (w *work) surplusRights(ctx context.Context) (Outcome, string) {
	all := w.tryAll(ctx, surplus())
	region := ""
	if len(w.Servers) > 0 {
		region = w.Servers[0].RegionID
	}
	unknown := noServer
	if w.Keys != nil && region != "" {
		denied, err := w.Keys.DeniesKeys(ctx, region)
		switch {
		case err != nil:
			unknown = err.Error()
		case !denied:
			all.there = append(all.there, "vpc:DescribeSslVpnClientCert")
		default:
			unknown = ""
		}
	}
	switch {
	case len(all.there) > 0:
		return Finding, "the role is not denied " + some(all.there)
	case all.failed != "":
		return Finding, all.failed
	case unknown != "":
		return NotChecked, "whether the role is denied private keys: " + unknown
	case all.unchecked > 0:
		return NotChecked, "the store does not report whether the function may write"
	}
	return OK, found("the role is denied %d rights that the function must not have", len(all.denied)+1)
}

// apiRights makes every call of the VPC API that reads, about real servers: for a server
// that does not exist, the API may answer as if it were forbidden.
func (w *work) apiRights(ctx context.Context) (Outcome, string) {
	servers := w.regions()
	if len(servers) == 0 {
		return NotChecked, noServer
	}
	var lacks []string
	calls := 0
	note := func(action string, t change.Target, err error) bool {
		calls++
		e, ok := errors.AsType[*sslvpn.Error](err)
		if ok && e.Class == sslvpn.ClassDenied {
			lacks = append(lacks, "vpc:"+action+" ("+t.RegionID+", "+e.Code+")")
		}
		return err == nil
	}
	var other error
	for _, t := range servers {
		s, err := w.API.DescribeServer(ctx, t)
		if !note("DescribeSslVpnServers", t, err) {
			other = err
			continue
		}
		ref := sslvpn.GatewayRef{RegionID: t.RegionID, GatewayID: s.GatewayID}
		g, err := w.API.DescribeGateway(ctx, ref)
		note("DescribeVpnGateway", t, err)
		_, err = w.API.DescribeClientCerts(ctx, t)
		note("DescribeSslVpnClientCerts", t, err)
		if g.Visualized {
			_, err = w.API.DescribeClients(ctx, ref)
			note("DescribeSslVpnClients", t, err)
		}
		if g.VPCID != "" {
			_, err = w.API.DescribeVPC(ctx, sslvpn.VPCRef{RegionID: t.RegionID, VPCID: g.VPCID})
			note("DescribeVpcAttribute", t, err)
		}
	}
	switch {
	case len(lacks) > 0:
		return Finding, "the role lacks " + some(lacks)
	case other != nil:
		return NotChecked, other.Error()
	}
	return OK, found("%d calls in %d regions were permitted", calls, len(servers))
}
