package slsquery_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/slsquery"
)

func index() slsquery.Index {
	return slsquery.Index{"msg": "text", "status": "text", "change": "text", "ms": "long", "cold": "text"}
}

func lines() []slsquery.Line {
	return []slsquery.Line{
		{Time: 60, Fields: map[string]any{"msg": "change ended", "status": "failed", "change": "a", "ms": 1500.0, "cold": true}},
		{Time: 120, Fields: map[string]any{"msg": "change ended", "status": "applied", "change": "b", "ms": 500.0, "cold": false}},
		{Time: 180, Fields: map[string]any{"msg": "change ended", "status": "applied", "change": "b", "ms": 2500.0}},
		{Time: 240, Fields: map[string]any{"msg": "vote taken", "change": "b"}},
	}
}

// TestResults compares results with those that the vendor's description gives.
func TestResults(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		`* | select count(1) as n`:                                                                                                             "4",
		`message.msg: "Ended Change" | select count(*) as n`:                                                                                   "3", // words, in any order and case
		`message.msg: chang | select count(1) as n`:                                                                                            "0", // whole words
		`not message.msg: vote | select count(1) as n`:                                                                                         "3",
		`message.status: failed or message.msg: vote and message.change: b | select count(1) as n`:                                             "2",
		`(message.status: failed or message.msg: vote) and message.change: b | select count(1) as n`:                                           "1",
		`* | select count(distinct "message.change") as n, sum("message.ms") / 1000 as s, max("message.ms") as m`:                              "2 4 2500",
		`* | select "message.status" as status, count(1) as n group by status order by n desc limit 1`:                                         "applied 2",
		`* | select count_if("message.status" = 'failed') as f, count_if("message.status" not in ('failed')) as o`:                             "1 2", // null is neither
		`* | select count_if("message.cold" = 'true') as n`:                                                                                    "1",
		`* | select max_by("message.status", __time__) as s, approx_percentile("message.ms", 0.5) as p`:                                        "<nil> 1500",
		`message.msg: ended | select date_format(from_unixtime(__time__ - __time__ % 120), '%H:%i') as t, count(1) as n group by t order by t`: "00:00 1; 00:02 2",
		`message.msg: nothing | select max("message.ms") as m, count(1) as n`:                                                                  "<nil> 0",
	} {
		q, err := slsquery.Parse(query, index())
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		columns, rows, err := q.Run(lines())
		var got []string
		for _, r := range rows {
			var cells []string
			for _, c := range columns {
				cells = append(cells, fmt.Sprint(r[c]))
			}
			got = append(got, strings.Join(cells, " "))
		}
		if text := strings.Join(got, "; "); err != nil || text != want {
			t.Errorf("%s\ngives %s, %v; want %s", query, text, err, want)
		}
	}
}

// TestSlips are queries that the service would refuse, or that would show nothing.
func TestSlips(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		`message.mgs: ended`:  "not an indexed field",
		`msg: ended`:          "not an indexed field",
		`message.ms: 5`:       "is a number",
		`message.msg: "ended`: "quote",
		`(message.msg: ended | select count(1) as n`:             ")",
		`* | select count(1)`:                                    "as",
		`* | select count(1) as order`:                           "no name",
		`* | select "message.stats" as s`:                        "not an indexed field",
		`* | select status as s`:                                 "unexpected",
		`* | select "message.status" as s, count(1) as n`:        "grouped by",
		`* | select count(1) as n group by m`:                    "not a column",
		`* | select sum(max("message.ms")) as n`:                 "inside of another",
		`* | select median("message.ms") as n`:                   "not known",
		`* | select count(1) as n limit none`:                    "limit",
		`* | select count(1) as n having n > 1`:                  "unexpected",
		`* | select count(1) as n; drop`:                         "unknown sign",
		`* | select approx_percentile("message.ms") as n`:        "takes 2",
		`* | select count(1) as n group by n`:                    "has an aggregate",
		`* | select count_if("message.status" is 'failed') as n`: ")",
	} {
		if _, err := slsquery.Parse(query, index()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", query, err, want)
		}
	}
}
