package index_test

import (
	"sync/atomic"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/index"
)

// many is how many records the cost of a page is stated for.
const many = 100_000

// budget is how many requests a page asks for; see package executor.
const budget = 7

// large is an index with many rows, of which some are in no part.
func large(tb testing.TB) (*index.Index, *atomic.Int64) {
	tb.Helper()
	c := cloudtest.New(tb)
	b := &counted{Bucket: c.Store}
	x := index.New(b, cloudtest.Log(tb))
	const unmerged = 50
	if err := x.Fill(tb.Context(), rows(unmerged, many)); err != nil {
		tb.Fatal(err)
	}
	add(tb, x, rows(0, unmerged)...)
	return x, &b.n
}

// search are searches that people make.
func searches() map[string]index.Search {
	return map[string]index.Search{
		"all":         {Limit: 20, Match: all},
		"a server":    {Limit: 100, Match: func(r index.Row) bool { return r.ServerID == "vss-bp18q7hzj6largv4v007" }},
		"a status":    {Limit: 20, Match: func(r index.Row) bool { return r.Status == change.Failed }},
		"the oldest":  {Limit: 20, Match: all, Until: rowAt(many - 30).EndedAt},
		"the middle":  {Limit: 100, Match: all, Since: rowAt(many / 2).EndedAt, Until: rowAt(many/2 - 1000).EndedAt},
		"one person":  {Limit: 100, Match: func(r index.Row) bool { return r.Person == "mei" }},
		"nothing":     {Limit: 20, Match: func(index.Row) bool { return false }},
		"one of many": {Limit: 20, Match: func(r index.Row) bool { return r.ID == rowAt(many-5).ID }},
	}
}

// TestAPageCostsFewRequests counts the requests of each page. A page of a filter that
// matches rarely ends early; all its pages together read each part once.
func TestAPageCostsFewRequests(t *testing.T) {
	t.Parallel()
	x, n := large(t)
	for name, s := range searches() {
		s.Requests = budget
		total, pages := n.Load(), 0
		for {
			before := n.Load()
			found, err := x.Find(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if cost := n.Load() - before; cost > budget {
				t.Errorf("%s: page %d cost %d requests", name, pages+1, cost)
			}
			if pages++; !found.More || pages == 10 {
				break
			}
			s.After = found.Next
		}
		total = n.Load() - total
		t.Logf("%s: %d pages, %d requests", name, pages, total)
		if parts := many/index.PartRows + 1; pages < 10 && int(total) > parts+3*pages {
			t.Errorf("%s: %d pages cost %d requests, and there are %d parts", name, pages, total, parts)
		}
	}
}

func BenchmarkPage(b *testing.B) {
	x, n := large(b)
	for name, s := range searches() {
		s.Requests = budget
		b.Run(name, func(b *testing.B) {
			before := n.Load()
			for b.Loop() {
				if _, err := x.Find(b.Context(), s); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n.Load()-before)/float64(b.N), "requests/op")
		})
	}
}
