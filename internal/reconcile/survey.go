package reconcile

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// surveyTime bounds the calls that inform people. A plan does not wait for them for
// longer, and says what it does not know.
const surveyTime = 3 * time.Second

// maxSurveys bounds the servers that are surveyed at a time.
const maxSurveys = 8

// survey is what a plan says about the people and the networks of a server beside the
// differences. It costs at most two calls: of the gateway, and of the certificates or
// the VPC.
type survey struct {
	certificates []sslvpn.Certificate
	gateway      *sslvpn.Gateway
	vpc          *sslvpn.VPC
	unknown      []impact.Unknown
	refused      []change.Problem // by the API's dry run

	files func() // waits for the certificates; nil when they are not read
	patch change.Patch
	last  int // the last request that changes something, from 0; -1: none does
	diffs []change.Difference
}

// askFiles begins to read the certificates whose holders may have to change their
// file, while the server is read.
func (s *survey) askFiles(ctx context.Context, api Advisory, t change.Target, fields []change.Field) {
	if !slices.ContainsFunc(fields, func(f change.Field) bool { return f.Setting().ClientFile }) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, surveyTime)
	var certificates []sslvpn.Certificate
	var err error
	var wg sync.WaitGroup
	wg.Go(func() { certificates, err = api.DescribeClientCerts(ctx, t) })
	s.files = func() {
		if s.last < 0 {
			cancel() // nobody has to know
		}
		wg.Wait()
		s.certificates = certificates
		s.note(ctx, impact.WhatCertificates, "vpc:DescribeSslVpnClientCerts", err)
		cancel()
	}
}

// note lists what could not be read.
func (s *survey) note(ctx context.Context, what impact.What, action string, err error) {
	if err != nil {
		s.unknown = append(s.unknown, impact.Unknown{What: what, Why: why(ctx, err), Action: action})
	}
}

// why is the reason of an error of the API.
func why(ctx context.Context, err error) impact.Why {
	e, ok := errors.AsType[*sslvpn.Error](err)
	switch {
	case ok && e.Class == sslvpn.ClassDenied:
		return impact.NotPermitted
	case ctx.Err() != nil:
		return impact.TooLate
	default:
		return impact.Failed
	}
}

// survey reads what plans of the servers say beside their differences.
func (r *Reconciler) survey(ctx context.Context, looks map[change.Target]*look) {
	ctx, cancel := context.WithTimeout(ctx, surveyTime)
	defer cancel()
	var changed []*look
	for _, l := range looks {
		if l.survey.last >= 0 {
			changed = append(changed, l)
		} else if l.survey.files != nil {
			l.survey.files()
		}
	}
	_ = fanout.Each(ctx, len(changed), maxSurveys, func(ctx context.Context, i int) error {
		l := changed[i]
		api := r.deps.API(func(sslvpn.Call) {})
		var wg sync.WaitGroup
		var dry dryRun
		if r.limits.policy.PlanDryRun {
			wg.Go(func() { dry = r.dryRun(ctx, api, l) })
		}
		l.networks(ctx, api)
		wg.Wait()
		if l.survey.files != nil {
			l.survey.files()
		}
		l.survey.note(ctx, impact.WhatDryRun, "vpc:"+actionModify, dry.err)
		l.survey.refused = dry.refused
		return nil // what could not be read is listed
	})
}

// networks reads the gateway, and its VPC where the pool changes.
func (l *look) networks(ctx context.Context, api API) {
	s := &l.survey
	if !slices.ContainsFunc(s.diffs, func(d change.Difference) bool { return d.Field.Setting().Disconnects }) {
		return
	}
	region := l.server.RegionID
	g, err := api.DescribeGateway(ctx, sslvpn.GatewayRef{RegionID: region, GatewayID: l.server.GatewayID})
	s.note(ctx, impact.WhatGateway, "vpc:DescribeVpnGateway", err)
	if err == nil {
		s.gateway = &g
	}
	if !slices.ContainsFunc(s.diffs, func(d change.Difference) bool { return d.Field == change.ClientIPPool }) {
		return
	}
	switch {
	case s.files != nil:
		s.unknown = append(s.unknown, impact.Unknown{What: impact.WhatVPC, Why: impact.NotRead})
	case err != nil:
		s.note(ctx, impact.WhatVPC, "vpc:DescribeVpnGateway", err)
	case g.VPCID == "":
		s.unknown = append(s.unknown, impact.Unknown{What: impact.WhatVPC, Why: impact.NotReported})
	default:
		v, err := api.DescribeVPC(ctx, sslvpn.VPCRef{RegionID: region, VPCID: g.VPCID})
		s.note(ctx, impact.WhatVPC, "vpc:DescribeVpcAttribute", err)
		if err == nil {
			s.vpc = &v
		}
	}
}

// sees notes that a request changes something.
func (s *survey) sees(i int, sent change.Patch, changed []change.Difference) {
	if len(changed) == 0 {
		return
	}
	s.last = i
	s.diffs = append(s.diffs, changed...)
	if s.patch == nil {
		s.patch = change.Patch{}
	}
	maps.Copy(s.patch, sent)
}

// impact is what the i-th request does to the people who are connected.
func (l *look) impact(i int, p Preview, now time.Time) *impact.Impact {
	s := l.survey
	in := impact.Input{
		Changed: p.Changed, Before: p.Before, After: p.After, Now: now, Host: hostOf(l.server.InternetIP, s.gateway),
		Connected: l.server.Connections, MaxConnections: l.server.MaxConnections,
		Gateway: s.gateway, Certificates: s.certificates, VPC: s.vpc,
	}
	for _, u := range s.unknown {
		if concerns(u.What, p.Changed) {
			in.Unknown = append(in.Unknown, u)
		}
	}
	if i == s.last {
		in.Refused = s.refused
	}
	return impact.Of(in)
}

// concerns reports whether what is not known would say something about a difference.
func concerns(what impact.What, changed []change.Difference) bool {
	return slices.ContainsFunc(changed, func(d change.Difference) bool {
		switch what {
		case impact.WhatCertificates:
			return len(d.ClientLines()) > 0
		case impact.WhatVPC:
			return d.Field == change.ClientIPPool
		case impact.WhatGateway:
			return d.Field.Setting().Disconnects
		case impact.WhatConnected, impact.WhatDryRun:
			return true
		default:
			return true
		}
	})
}

// hostOf is where clients connect; "" when the API does not say.
func hostOf(server string, g *sslvpn.Gateway) string {
	if a, err := netip.ParseAddr(server); err == nil && a.Zone() == "" {
		return a.String()
	}
	if g != nil && g.PublicIP.IsValid() {
		return g.PublicIP.String()
	}
	return ""
}
