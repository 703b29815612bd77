package vpc

import (
	"maps"
	"time"

	"golang.org/x/time/rate"
)

// Quotas are the published limits: calls a minute of one action in one region
// (documented for DescribeVpnGateway and for siblings of the others, whose own rows
// are not public).
func Quotas() map[string]int {
	return map[string]int{
		DescribeVpnGateway: 600, DescribeSslVpnServers: 600, ModifySslVpnServer: 120,
		DescribeSslVpnClients: 600, DescribeSslVpnClientCerts: 600, DescribeVpcAttribute: 600,
	}
}

// Quota is flow control: a token bucket for each action and region with a
// minute's calls (own choice: how the service counts is not public). It is not
// safe for concurrent use.
type Quota struct {
	perMinute map[string]int
	buckets   map[[2]string]*rate.Limiter
}

// NewQuota makes full buckets for calls a minute by action. Other actions have
// no limit.
func NewQuota(perMinute map[string]int) *Quota {
	return &Quota{perMinute: maps.Clone(perMinute), buckets: map[[2]string]*rate.Limiter{}}
}

// Take counts a call. If the limit is reached the call is not counted, and wait
// is the time until one is possible.
func (q *Quota) Take(region, action string, now time.Time) (wait time.Duration, ok bool) {
	b := q.bucket(region, action)
	if b == nil || b.AllowN(now, 1) {
		return 0, true
	}
	next := b.ReserveN(now, 1)
	defer next.CancelAt(now)
	return next.DelayFrom(now), false
}

// Exhaust empties the buckets of a region, as other users of the account may.
func (q *Quota) Exhaust(region string, now time.Time) {
	for action, n := range q.perMinute {
		b := q.bucket(region, action)
		b.AllowN(now, min(n, int(b.TokensAt(now))))
	}
}

// bucket is nil for an action without a limit.
func (q *Quota) bucket(region, action string) *rate.Limiter {
	n, limited := q.perMinute[action]
	if !limited {
		return nil
	}
	key := [2]string{action, region}
	if q.buckets[key] == nil {
		q.buckets[key] = rate.NewLimiter(rate.Limit(float64(n)/60), n)
	}
	return q.buckets[key]
}
