package observe_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/observe"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/slsquery"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

const (
	one = "RegionId: cn-hangzhou\nSslVpnServerId: vss-one\n"
	two = "RegionId: cn-hangzhou\nSslVpnServerId: vss-two\n"
)

// goodDay is what the function logs while nothing is wrong: a change by each channel, one
// of them approved, and sweeps.
func goodDay(t *testing.T) []slsquery.Line {
	t.Helper()
	r := newRig(t)
	r.accepted(one + "Port: 1195\n")
	r.upload("wake/cn-hangzhou/vss-one", "x")
	r.upload("changes/a.yaml", one+"Proto: TCP\n")
	r.tick("nightly", one+"Port: 1196\n")
	r.sweep()
	id := r.accepted(two + "Port: 1195\n")
	r.sweep()
	approve(r, id)
	r.sweep()
	r.sweep()
	return r.lines()
}

// approve has somebody else approve a change, by the code that the status shows.
func approve(r *rig, id string) {
	r.t.Helper()
	shown := r.says("U2", "status "+id)
	_, rest, ok := strings.Cut(shown, "approve "+id+" ")
	if !ok {
		r.t.Fatalf("the status shows no code: %s", shown)
	}
	r.says("U2", "approve "+id+" "+rest[:8])
	r.upload("wake/cn-hangzhou/vss-two", "x")
}

// badDay is what the function logs while everything is wrong.
func badDay(t *testing.T) []slsquery.Line {
	t.Helper()
	r := newRig(t)
	// Refused at the door.
	r.gone.Store(true)
	r.put(people + "# everybody\n")
	r.post(one + "Port: 99999\n")
	r.request("GET", "/v1/changes", "", map[string]string{})
	r.upload("changes/bad.yaml", one+"Prot: 1195\n")
	r.tick("nightly", "Port: 1195\n")
	// Refused by the API, throttled, and answered to a room that is gone.
	r.fail(vpc.Fault{Action: "ModifySslVpnServer", Kind: vpc.FaultError, Status: 400, Code: "InvalidParameter", Message: "no"})
	r.says("U1", "apply one port=1195")
	r.sweep()
	r.VPC.ClearFaults()
	r.accepted(one + "Port: 1198\n")
	r.fail(vpc.Fault{Kind: vpc.FaultThrottle})
	r.sweep()
	r.VPC.ClearFaults()
	r.sweep()
	// Nobody approves in time, or somebody rejects.
	r.accepted(two + "Port: 1195\nexpiresAt: " + r.Clock.Now().Add(8*time.Minute).UTC().Format(time.RFC3339) + "\n")
	id := r.accepted(two + "Port: 1196\n")
	r.says("U2", "reject "+id)
	r.later(9 * time.Minute)
	r.sweep()
	r.sweep()
	// The API is down.
	r.accepted(one + "Port: 1197\n")
	r.fail(vpc.Fault{Kind: vpc.FaultError, Status: 503, Code: "ServiceUnavailable"})
	for range 4 {
		r.sweep()
	}
	r.VPC.ClearFaults()
	// The policy is invalid, a change waits too long for approval, and the function has a bug.
	r.policy("people: 1\n")
	r.sweep()
	if err := r.Store.Delete(r.t.Context(), objects.PolicyFile); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.sweep()
	r.start()
	if err := r.OSS.Inject(oss.Fault{Kind: oss.AccessDenied, KeyPrefix: objects.PolicyFile, Times: -1}); err != nil {
		t.Fatal(err)
	}
	r.sweep()
	r.OSS.ClearFaults()
	r.post(one + "Port: 1199\n")
	for range 4 {
		r.post(one + "Port: 1199\n")
	}
	r.opts.Reconcile = func(*reconcile.Policy) { panic("on purpose") }
	r.policy(people)
	r.sweep()
	return append(r.lines(), slsquery.Line{Fields: map[string]any{"msg": "configuration refused", "level": "ERROR", "version": "v0.0.0-test"}})
}

// aged is a sweep's line of a day on which a change has waited for approval for long: the
// emulated API refuses requests of a clock that is hours ahead.
func aged(lines []slsquery.Line) []slsquery.Line {
	out := copied(lines)
	for _, l := range out {
		if l.Fields["kind"] == "sweep" {
			l.Fields["oldest_approval_s"] = float64(5 * 3600)
		}
	}
	return out
}

func copied(lines []slsquery.Line) []slsquery.Line {
	out := make([]slsquery.Line, len(lines))
	for i, l := range lines {
		out[i] = slsquery.Line{Time: l.Time, Fields: maps.Clone(l.Fields)}
	}
	return out
}

// named is a query with its name.
type named struct{ name, query string }

func queries(s *observe.Spec) []named {
	var out []named
	for _, q := range s.Searches {
		out = append(out, named{"search " + q.Name, q.Query})
	}
	for _, c := range s.Dashboard.Charts {
		out = append(out, named{"chart " + c.Title.EN, c.Query})
	}
	for _, a := range s.Alerts {
		out = append(out, named{"alert " + a.Name, a.Query})
	}
	return out
}

func load(t *testing.T) *observe.Spec {
	t.Helper()
	s, err := observe.Load()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func indexOf(s *observe.Spec) slsquery.Index {
	out := slsquery.Index{}
	for _, n := range s.Index.Text {
		out[n] = "text"
	}
	for _, n := range s.Index.Long {
		out[n] = "long"
	}
	return out
}

// problems are what is wrong with a query, by the lines that the function has written: it
// finds nothing, a field that it names is in no line that it finds, or a value that it looks
// for is nowhere.
func problems(q named, index slsquery.Index, lines []slsquery.Line) []string {
	parsed, err := slsquery.Parse(q.query, index)
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	found := parsed.Matches(lines)
	if len(found) == 0 {
		out = append(out, "it finds no line")
	}
	for _, f := range parsed.Named {
		if !slices.ContainsFunc(found, func(l slsquery.Line) bool { return l.Fields[f] != nil }) {
			out = append(out, "no line that it finds has "+f)
		}
	}
	for _, c := range parsed.Searched {
		alone, err := slsquery.Parse("message."+c.Field+": \""+c.Value+"\"", index)
		if err != nil || len(alone.Matches(lines)) == 0 {
			out = append(out, "no line has "+c.Value+" as "+c.Field)
		}
		// A search for words must not find another message.
		if c.Field == "msg" && slices.ContainsFunc(found, func(l slsquery.Line) bool { return len(parsed.Searched) == 1 && l.Fields["msg"] != c.Value }) {
			out = append(out, "it finds other messages than "+c.Value)
		}
	}
	for _, c := range parsed.Compared {
		if !slices.ContainsFunc(found, func(l slsquery.Line) bool { return fmt.Sprint(l.Fields[c.Field]) == c.Value }) {
			out = append(out, "no line that it finds has "+c.Value+" as "+c.Field)
		}
	}
	if _, _, err := parsed.Run(found); err != nil {
		out = append(out, err.Error())
	}
	return out
}

// TestTheLogIsAsQueriesExpectIt has the function work for two days, in seconds.
func TestTheLogIsAsQueriesExpectIt(t *testing.T) {
	t.Parallel()
	good, bad := goodDay(t), badDay(t)
	lines := slices.Concat(good, bad)
	t.Run("every query finds what it is for", func(t *testing.T) {
		t.Parallel()
		everyQuery(t, lines)
	})
	t.Run("alerts fire on a bad day only", func(t *testing.T) {
		t.Parallel()
		alerts(t, good, bad)
	})
	t.Run("no secrets", func(t *testing.T) {
		t.Parallel()
		noSecrets(t, lines)
	})
	t.Run("versions and types", func(t *testing.T) {
		t.Parallel()
		versionsAndTypes(t, lines)
	})
}

// everyQuery runs every query against the lines of two days.
// Then it renames, in a copy of the lines, each message, each attribute and each value that
// a query uses, one at a time: each must be noticed.
func everyQuery(t *testing.T, lines []slsquery.Line) {
	t.Helper()
	s := load(t)
	index := indexOf(s)
	renamed := 0
	for _, q := range queries(s) {
		for _, p := range problems(q, index, lines) {
			t.Errorf("%s: %s", q.name, p)
		}
		parsed, err := slsquery.Parse(q.query, index)
		if err != nil {
			continue
		}
		notice := func(what string, mutate func(map[string]any)) {
			renamed++
			mutant := copied(lines)
			for _, l := range mutant {
				mutate(l.Fields)
			}
			if len(problems(q, index, mutant)) == 0 {
				t.Errorf("%s: %s is renamed, and nothing notices it", q.name, what)
			}
		}
		for _, f := range parsed.Named {
			notice("the attribute "+f, func(l map[string]any) { rename(l, f) })
		}
		for _, c := range slices.Concat(parsed.Searched, parsed.Compared) {
			notice("the attribute "+c.Field, func(l map[string]any) { rename(l, c.Field) })
			notice(c.Field+" "+c.Value, func(l map[string]any) {
				if fmt.Sprint(l[c.Field]) == c.Value {
					l[c.Field] = "renamed"
				}
			})
		}
	}
	if renamed < 200 {
		t.Errorf("only %d mutants", renamed)
	}
	t.Logf("%d mutants of %d queries", renamed, len(queries(s)))
}

func rename(l map[string]any, name string) {
	if v, ok := l[name]; ok {
		delete(l, name)
		l["renamed_"+name] = v
	}
}

// alerts evaluates every rule on both days.
func alerts(t *testing.T, good, bad []slsquery.Line) {
	t.Helper()
	s := load(t)
	for _, a := range s.Alerts {
		wrong := bad
		switch a.Name {
		case "sslvpn-sweep-silent":
			wrong = nil
		case "sslvpn-approval-old":
			wrong = aged(bad)
		}
		if fires(t, s, a, good) || !fires(t, s, a, wrong) {
			t.Errorf("%s: on a good day %t, on a bad one %t", a.Name, fires(t, s, a, good), fires(t, s, a, wrong))
		}
	}
}

// fires evaluates the condition of a rule on the only row of its query.
func fires(t *testing.T, s *observe.Spec, a observe.Alert, lines []slsquery.Line) bool {
	t.Helper()
	q, err := slsquery.Parse(a.Query, indexOf(s))
	if err != nil {
		t.Fatal(err)
	}
	_, rows, err := q.Run(lines)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%s: %v, %v", a.Name, rows, err)
	}
	var column, operator string
	var limit int64
	condition := strings.ReplaceAll(a.Condition, "{approval-hours}", observe.DefaultApprovalHours)
	if _, err := fmt.Sscanf(condition, "%s %s %d", &column, &operator, &limit); err != nil {
		t.Fatalf("%s: the condition %q: %v", a.Name, condition, err)
	}
	v, ok := rows[0][column].(int64)
	switch {
	case !ok:
		return false // null
	case operator == ">":
		return v > limit
	case operator == ">=":
		return v >= limit
	case operator == "<":
		return v < limit
	default:
		t.Fatalf("%s: the operator %q", a.Name, operator)
		return false
	}
}

// noSecrets looks for secrets and reply addresses.
func noSecrets(t *testing.T, lines []slsquery.Line) {
	t.Helper()
	for _, l := range lines {
		text, err := json.Marshal(l.Fields)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range secretsOf() {
			if strings.Contains(string(text), s) {
				t.Errorf("%q is in %s", s, text)
			}
		}
	}
}

// versionsAndTypes finds the version in every line, and holds the types of indexed fields to
// the lines.
func versionsAndTypes(t *testing.T, lines []slsquery.Line) {
	t.Helper()
	index := indexOf(load(t))
	for _, l := range lines {
		if l.Fields["version"] != "v0.0.0-test" {
			t.Errorf("no version: %v", l.Fields)
		}
		for name, v := range l.Fields {
			if _, number := v.(float64); index[name] != "" && number != (index[name] == "long") {
				t.Errorf("%s is indexed as %s: %v", name, index[name], v)
			}
		}
	}
}
