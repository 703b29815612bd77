package wording_test

import (
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/listing"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	id    = "20261122-7f3akqrcd2"
	later = "20261122-k7m2q4xaq2"
)

func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.FixedZone("UTC+8", 8*3600)) }

func office() *executor.Server {
	return &executor.Server{Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-office"}, Name: "office"}
}

// nameless is a server that the policy has no name for.
func nameless() *executor.Server {
	t := change.Target{RegionID: "cn-hangzhou", ServerID: "vss-bp18q7hzj6largv4vk2fe"}
	return &executor.Server{Target: t, Name: t.ServerID}
}

func port() change.Patch { return change.Patch{change.Port: change.Number(1195)} }

func portDiff() []change.Difference {
	return []change.Difference{{Field: change.Port, From: change.Number(1194), To: change.Number(1195)}}
}

func manyDiffs() []change.Difference {
	return append(portDiff(),
		change.Difference{Field: change.Name, To: change.Text("办公网")},
		change.Difference{Field: change.LocalSubnet, From: change.Text("10.20.0.0/16"), To: change.Text("10.20.0.0/16,10.60.0.0/16")},
		change.Difference{Field: change.Compress, From: change.Flag(true), To: change.Flag(false)},
		change.Difference{Field: change.IDaaSInstanceID, From: change.Text("idaas-1"), To: change.Text("")})
}

func queuedChange(edit ...func(*executor.Change)) *executor.Change {
	c := &executor.Change{
		Target: office().Target, ID: id, Status: change.Queued, Cause: reconcile.CauseQueued, Why: "queued", Name: "office", Patch: port(), Requester: "mei",
		Accepted: noon(), Due: noon(), Expires: noon().Add(24 * time.Hour), Next: noon().Add(time.Minute), Record: "results/2026/11/22/" + id + ".json",
	}
	for _, e := range edit {
		e(c)
	}
	return c
}

func needs(n int, agreed ...string) func(*executor.Change) {
	return func(c *executor.Change) {
		c.Need, c.ApprovedBy, c.Approvers, c.Reason = n, agreed, []string{"jun", "lan", "boss"}, "hotels block UDP"
		if n > len(agreed) {
			c.Status, c.Cause, c.Why, c.Next = change.Waiting, reconcile.CauseApproval, "waits to be approved by one other person", c.Expires
		}
	}
}

func stands(s change.Status, cause reconcile.Cause, why string) func(*executor.Change) {
	return func(c *executor.Change) { c.Status, c.Cause, c.Why = s, cause, why }
}

func shows(diffs ...change.Difference) *executor.Plan { return &executor.Plan{Changed: diffs} }

// known is a plan of whose impact everything is known.
func known() *executor.Plan {
	before := change.Settings{change.Port: change.Number(1194), change.Proto: change.Text("UDP"), change.EnableMultiFactorAuth: change.Flag(false)}
	patch := change.Patch{change.Port: change.Number(1195), change.EnableMultiFactorAuth: change.Flag(true)}
	in := impact.Input{
		Changed: change.Diff(before, patch), Before: before, After: before.With(patch), Now: noon(), Host: "203.0.113.10", Connected: 37, MaxConnections: 200,
		Gateway: &sslvpn.Gateway{ID: "vpn-1", SSLEnabled: false, CreatedAt: time.Unix(0, 0)},
	}
	for i := range 12 {
		in.Certificates = append(in.Certificates, sslvpn.Certificate{ID: fmt.Sprintf("vsc-%d", i), Name: fmt.Sprintf("laptop-%d", i), End: noon().AddDate(0, i, 0)})
	}
	in.Certificates[1].Name = ""
	return &executor.Plan{Changed: in.Changed, Impact: impact.Of(in)}
}

// unknown is a plan of a pool, of which the API does not say much.
func unknown() *executor.Plan {
	before := change.Settings{change.ClientIPPool: change.Text("10.8.0.0/24")}
	patch := change.Patch{change.ClientIPPool: change.Text("10.9.0.0/24")}
	return &executor.Plan{Changed: change.Diff(before, patch), Impact: impact.Of(impact.Input{
		Changed: change.Diff(before, patch), Before: before, After: before.With(patch),
		VPC: &sslvpn.VPC{ID: "vpc-1", Networks: []netip.Prefix{netip.MustParsePrefix("10.9.0.0/16")}},
		Unknown: []impact.Unknown{
			{What: impact.WhatCertificates, Why: impact.NotPermitted, Action: "vpc:DescribeSslVpnClientCerts"},
			{What: impact.WhatGateway, Why: impact.TooLate, Action: "vpc:DescribeVpnGateway"},
			{What: impact.WhatVPC, Why: impact.NotRead},
			{What: impact.WhatDryRun, Why: impact.Failed, Action: "vpc:ModifySslVpnServer"},
		},
	})}
}

func coded() *executor.Plan { return &executor.Plan{Changed: portDiff(), Code: "k7m2q4xa"} }

func away() *executor.Plan {
	return &executor.Plan{Unseen: &change.Problem{Rule: "api-breaker", Message: "the API does not answer: ServiceUnavailable"}}
}

func parsed(line string) command.Command {
	c, err := command.Parse(line)
	if err != nil {
		panic(err)
	}
	return c
}

// answer is an answer to a line, as the executor fills it in.
func answer(line string, o executor.Outcome, a executor.Answer) executor.Answer {
	a.Command = parsed(line)
	a.Verb, a.By, a.Outcome = a.Command.Verb, "mei", o
	return a
}

func refuse(line string, kind executor.Refusal, rule, path, message, hint string, a executor.Answer) executor.Answer {
	a.Refusal = kind
	a.Problems = append(a.Problems, change.Problem{Path: path, Rule: rule, Message: message, Hint: hint})
	return answer(line, executor.Refused, a)
}

// one is a text to be seen in both languages.
type one struct {
	name string
	say  func(wording.Writer) chat.Text
}

func says(name string, a executor.Answer) one {
	return one{name, func(w wording.Writer) chat.Text { return w.Answer(a) }}
}

func ends(name string, edit func(*record.Record)) one {
	r := record.Record{
		ID: id, Status: change.Applied, RegionID: "cn-hangzhou", ServerID: "vss-office", Origin: change.Origin{Actor: "slack:T1/U1", Person: "mei"},
		Requested: port(), Changed: portDiff(), Verified: true, AcceptedAt: noon(), DueAt: noon(), FinishedAt: noon().Add(40 * time.Second),
	}
	edit(&r)
	return one{name, func(w wording.Writer) chat.Text { return w.Record(r, "office") }}
}

func nothingSent(s change.Status, code, message, hint string) func(*record.Record) {
	return func(r *record.Record) {
		r.Status, r.Changed, r.Verified = s, []change.Difference{}, false
		r.Error = &record.Failure{Code: code, Message: message, Hint: hint}
	}
}

func vote(w change.VoteKind, who string) change.Vote {
	return change.Vote{Kind: w, Person: who, Account: "slack:T1/" + who}
}

func answers() []one {
	line := []executor.Change{*queuedChange(), *queuedChange(needs(1)), *queuedChange(func(c *executor.Change) { c.Name, c.Status = "", change.Applying })}
	history := []record.Record{
		{ID: later, Status: change.Applied, FinishedAt: noon(), Origin: change.Origin{Actor: "slack:T1/U2", Person: "jun"}, Changed: manyDiffs()},
		{ID: id, Status: change.Cancelled, FinishedAt: noon().Add(-time.Hour), Origin: change.Origin{Actor: "chat-bot"}},
	}
	ended := history[0]
	ended.DueAt = ended.FinishedAt.Add(-2 * time.Minute)
	settings := office()
	settings.Settings = change.Settings{change.Name: change.Text("办公网"), change.Port: change.Number(1194), change.Compress: change.Flag(false), change.LocalSubnet: change.Text("10.20.0.0/16"), change.IDaaSInstanceID: change.Text("")}
	overriding := func(c *executor.Change) {
		c.Override, c.Reason, c.Counts = "double-eleven", "attacked", noon().Add(60*time.Hour)
	}
	guarded := func(c *executor.Change) {
		c.Confirm, c.Idle, c.Proof = change.Confirmation{For: 20 * time.Minute, Proof: true}, 5, true
	}
	past := func(c *executor.Change) { c.Due = noon().Add(6 * time.Hour); c.Expires = c.Due.Add(24 * time.Hour) }
	return []one{
		says("plan", answer("plan office port=1195", executor.Shown, executor.Answer{Server: office(), Plan: shows(manyDiffs()...)})),
		says("plan that must be confirmed by the policy", answer("plan office port=1195", executor.Shown, executor.Answer{Server: office(), Plan: &executor.Plan{Changed: portDiff(), Confirm: change.Confirmation{For: 10 * time.Minute, Proof: true}}})),
		says("plan that disconnects nobody", answer("plan office name=办公网", executor.Shown, executor.Answer{Server: office(), Plan: shows(change.Difference{Field: change.Name, From: change.Text("old"), To: change.Text("办公网")})})),
		says("plan that changes nothing", answer("plan office port=1194", executor.Shown, executor.Answer{Server: office(), Plan: shows()})),
		says("plan of a server that cannot be read", answer("plan office port=1195", executor.Shown, executor.Answer{Server: office(), Plan: away()})),
		says("plan that would be refused", answer("plan office port=1195 expect.port=1200", executor.Shown, executor.Answer{Server: office(), Plan: shows(), Problems: []change.Problem{
			{Path: "expect.Port", Rule: change.RuleExpectMismatch, Message: "Port is 1194, expected 1200", Hint: "look at the server, then ask again"},
		}})),
		says("apply", answer("apply office port=1195", executor.Accepted, executor.Answer{Server: office(), Change: queuedChange(), Plan: shows(portDiff()...), Notifies: true})),
		says("plan with its impact", answer("plan office port=1195 mfa=true", executor.Shown, executor.Answer{Server: office(), Plan: known()})),
		says("plan of which little is known", answer("plan office client_ip_pool=10.9.0.0/24", executor.Shown, executor.Answer{Server: office(), Plan: unknown()})),
		says("plan with guards", answer("plan office port=1195 confirm=90m when=idle(5) proof=yes", executor.Shown, executor.Answer{Server: office(), Plan: shows(portDiff()...)})),
		says("apply with guards", answer("apply office port=1195 confirm=20m+proof when=idle(5) proof=yes", executor.Accepted, executor.Answer{Server: office(), Change: queuedChange(guarded), Plan: shows(portDiff()...), Notifies: true})),
		says("approve a change with guards", answer("approve "+id+" k7m2q4xa", executor.Accepted, executor.Answer{Server: office(), Change: queuedChange(needs(1, "jun"), guarded), Plan: coded()})),
		says("apply that overrides a freeze", answer("apply office port=1195 override=double-eleven reason=attacked", executor.Accepted, executor.Answer{Server: office(), Change: queuedChange(needs(2), overriding), Plan: coded()})),
		says("plan that overrides a freeze", answer("plan office port=1195 override=double-eleven reason=attacked", executor.Shown, executor.Answer{Server: office(), Plan: shows(portDiff()...)})),
		says("status of a change behind another one", answer("status "+id, executor.Shown, executor.Answer{Server: office(), Change: queuedChange(stands(change.Waiting, reconcile.CauseWindow, "the window nights is closed"), func(c *executor.Change) { c.Behind = "20261122-7f3akqxcd2" })})),
		says("status of a change with guards", answer("status "+id, executor.Shown, executor.Answer{Server: office(), Change: queuedChange(guarded)})),
		says("apply later, over HTTP", answer("apply office port=1195 at=2026-11-22T18:00+08:00", executor.Accepted, executor.Answer{Server: nameless(), Change: queuedChange(past), Plan: shows(portDiff()...)})),
		says("apply while the server cannot be read", answer("apply office port=1195", executor.Accepted, executor.Answer{Server: office(), Change: queuedChange(), Plan: away()})),
		says("apply as a dry run", answer("apply office port=1195 dry_run=true", executor.Accepted, executor.Answer{Server: office(), Change: queuedChange(), Plan: shows(portDiff()...)})),
		says("apply that one must approve", answer("apply office port=1195", executor.Accepted, executor.Answer{Server: office(), Change: queuedChange(needs(1)), Plan: coded(), Notifies: true})),
		says("apply that two must approve and nobody else can", answer("apply office port=1195", executor.Accepted, executor.Answer{Server: office(), Change: queuedChange(needs(2), func(c *executor.Change) { c.Approvers = nil }), Plan: away()})),
		says("apply delivered again when it was approved", answer("apply office port=1195", executor.Accepted, executor.Answer{Server: office(), Change: queuedChange(needs(1, "jun")), Plan: shows(portDiff()...), Notifies: true})),
		says("apply that one of many must approve", answer("apply office port=1195", executor.Accepted, executor.Answer{Server: office(), Change: queuedChange(needs(1), func(c *executor.Change) { c.Approvers = strings.Split("abcdefghijklm", "") }), Plan: coded()})),
		says("apply delivered again when it has ended", answer("apply office port=1195", executor.Accepted, executor.Answer{Server: office(), Record: &ended})),
		says("rollback that leaves what others have set", answer("rollback "+id, executor.Accepted, executor.Answer{Server: office(), Change: queuedChange(func(c *executor.Change) { c.Reason = "rollback of " + later }), Plan: &executor.Plan{
			Changed: []change.Difference{{Field: change.Port, From: change.Number(1195), To: change.Number(1194)}},
			Left:    []change.Difference{{Field: change.Cipher, From: change.Text("none"), To: change.Text("AES-128-CBC")}, {Field: change.Name, From: change.Text("x")}},
		}})),
		says("approve without the code", answer("approve "+id, executor.NotYet, executor.Answer{Server: office(), Change: queuedChange(needs(1)), Plan: coded()})),
		says("approve, the first of two", answer("approve "+id+" k7m2q4xa", executor.Accepted, executor.Answer{Server: office(), Change: queuedChange(needs(2, "jun")), Plan: coded(), Notifies: true})),
		says("approve, the last", answer("approve "+id+" k7m2q4xa", executor.Accepted, executor.Answer{Server: office(), Change: queuedChange(needs(2, "jun", "lan")), Plan: coded(), Notifies: true})),
		says("approve of a change for later", answer("approve "+id+" k7m2q4xa", executor.Accepted, executor.Answer{Server: office(), Change: queuedChange(needs(1, "jun"), past), Plan: coded()})),
		says("approve delivered again", answer("approve "+id+" k7m2q4xa", executor.Accepted, executor.Answer{Server: office(), Change: queuedChange(needs(1, "jun"))})),
		says("reject", answer("reject "+id+" reason=“not during the day”", executor.Accepted, executor.Answer{Server: office(), Change: queuedChange(needs(1))})),
		says("cancel", answer("cancel "+id, executor.Accepted, executor.Answer{Server: office(), Change: queuedChange()})),
		says("status of a change queued", answer("status "+id, executor.Shown, executor.Answer{Server: office(), Change: queuedChange()})),
		says("status of a change that is not due", answer("status "+id, executor.Shown, executor.Answer{Server: office(), Change: queuedChange(past, stands(change.Waiting, reconcile.CauseNotDue, "not before 2026-11-22T10:00:00Z"))})),
		says("status of a change that waits for two", answer("status "+id, executor.Shown, executor.Answer{Server: office(), Change: queuedChange(needs(2, "jun")), Plan: coded()})),
		says("status of a change that waits and would be refused", answer("status "+id, executor.Shown, executor.Answer{Server: office(), Change: queuedChange(needs(1)), Plan: shows(), Problems: []change.Problem{
			{Path: "expect.Port", Rule: change.RuleExpectMismatch, Message: "Port is 1199, expected 1194", Hint: "look at the server, then ask again"},
		}})),
		says("status of an approved change that waits for the gateway", answer("status "+id, executor.Shown, executor.Answer{Server: office(), Change: queuedChange(needs(1, "jun"), stands(change.Waiting, reconcile.CauseGateway, "the gateway is busy: vpn-1 is updating"))})),
		says("status of a change that was sent", answer("status "+id, executor.Shown, executor.Answer{Server: office(), Change: queuedChange(stands(change.Applying, reconcile.CauseUnverified, "the modification was sent and is not verified yet: the gateway is busy"))})),
		says("status of a change that waits for few clients", answer("status "+id, executor.Shown, executor.Answer{Server: office(), Change: queuedChange(guarded, stands(change.Waiting, reconcile.CauseClients, "37 connected, waits for fewer than 5"), func(c *executor.Change) { c.Connected = 37 })})),
		says("status while the API is down", answer("status "+id, executor.Shown, executor.Answer{Server: office(), Change: queuedChange(stands(change.Waiting, reconcile.CauseBreaker, "the API of this region is left alone for a while"))})),
		says("status behind others", answer("status "+id, executor.Shown, executor.Answer{Server: office(), Change: queuedChange(stands(change.Queued, reconcile.CauseOthers, "a worker is applying changes that came before it"))})),
		says("status after a crash", answer("status "+id, executor.Shown, executor.Answer{Server: office(), Change: queuedChange(stands(change.Applying, reconcile.CauseRecovery, "the worker that applied it is gone"))})),
		says("status of a server", answer("status office", executor.Shown, executor.Answer{Server: settings, Queue: line})),
		says("status of a server that cannot be read", answer("status vss-bp18q7hzj6largv4vk2fe", executor.Shown, executor.Answer{Server: nameless(), Plan: away()})),
		says("status of all", answer("status", executor.Shown, executor.Answer{Queue: line})),
		says("status of nothing", answer("status", executor.Shown, executor.Answer{})),
		says("history", answer("history office", executor.Shown, executor.Answer{Server: office(), History: history})),
		says("history of nothing", answer("history office", executor.Shown, executor.Answer{Server: office(), History: []record.Record{}})),
		says("history of all", answer("history since=7d", executor.Shown, executor.Answer{Page: &listing.Page{Next: "abc", SearchedUntil: history[0].FinishedAt, Changes: []listing.Change{
			{
				ID: id, Status: change.Failed, Name: "office", By: "mei", Changed: portDiff(), ApprovedBy: []string{"jun", "lan"},
				End: &listing.End{EndedAt: history[0].FinishedAt, Code: "Forbidden"},
			},
			{ID: id, Status: change.Waiting, Target: office().Target, By: "http:ci", AcceptedAt: history[0].FinishedAt, Wait: &listing.Wait{}},
		}}})),
		says("history of nothing at all", answer("history", executor.Shown, executor.Answer{Page: &listing.Page{}})),
		says("servers with what they do", answer("servers", executor.Shown, executor.Answer{Servers: []executor.Server{
			{Target: office().Target, Name: "office", State: &reconcile.State{Gateway: sslvpn.GatewayActive, Connected: 2, MaxConnections: 5}},
			{Target: office().Target, Name: "lab", State: &reconcile.State{Gateway: sslvpn.GatewayUpdating, MaxConnections: 50}},
			{Target: office().Target, Name: "old", State: &reconcile.State{Unknown: impact.TooLate}},
			{Target: office().Target, Name: "half", State: &reconcile.State{Connected: 1, MaxConnections: 5, Unknown: impact.NotPermitted}},
			{Target: office().Target, Name: "many"},
		}})),
		says("servers", answer("servers", executor.Shown, executor.Answer{Servers: []executor.Server{*office(), {Target: change.Target{RegionID: "cn-beijing", ServerID: "vss-lab"}, Name: "研发"}}})),
		says("no servers", answer("servers", executor.Shown, executor.Answer{})),
		says("help of one verb", answer("help approve", executor.Shown, executor.Answer{})),
		says("help of a verb with keys", answer("help apply", executor.Shown, executor.Answer{})),
	}
}

func refusals() []one {
	ended := record.Record{ID: id, Status: change.Applied, ServerID: "vss-office", Verified: true, Changed: portDiff()}
	return []one{
		says("forbidden", refuse("apply office port=1195", executor.Forbidden, policy.RuleNotPermitted, "", "eve may not request changes of Port on office (cn-hangzhou/vss-office)", "mei, jun may; or have the role operator granted in policy/policy.yaml", executor.Answer{})),
		says("too many connected", refuse("apply office port=1195", executor.Invalid, policy.RuleTooManyConnected, "", "37 clients are connected, and the policy permits this change while at most 20 are", "submit it with when=idle(20), so that it waits, or for a quiet hour with notBefore", executor.Answer{Server: office(), Plan: shows(portDiff()...)})),
		says("the number of clients is not known", refuse("apply office port=1195", executor.Invalid, policy.RuleTooManyConnected, "", "the policy permits this change while at most 20 clients are connected, and how many are is not known", "grant the function's role vpc:DescribeSslVpnServers, or have guards changed in policy/policy.yaml", executor.Answer{Server: office(), Plan: shows(portDiff()...)})),
		says("unknown account", refuse("status", executor.Forbidden, policy.RuleUnknownAccount, "", "the account slack:T1/U9 belongs to no person in the policy", "have {door: slack, tenant: T1, user: U9} added to the accounts of a person in policy/policy.yaml", executor.Answer{})),
		says("unknown server", refuse("plan offce port=1195", executor.NotFound, executor.RuleUnknownServer, "SslVpnServerId", "there is no server with the name offce", "use the server's id, or one of these names: office", executor.Answer{})),
		says("no change", refuse("cancel "+id, executor.NotFound, executor.RuleNoChange, "", "there is no change "+id, "see what is queued with status", executor.Answer{})),
		says("ended", refuse("cancel "+id, executor.TooLate, executor.RuleEnded, "", "the change has ended: it is applied", "see its record", executor.Answer{Record: &ended, Server: office()})),
		says("under way", refuse("cancel "+id, executor.TooLate, executor.RuleUnderWay, "", "the change is being applied", "undo it with rollback when it has ended", executor.Answer{Server: office(), Change: queuedChange()})),
		says("own change", refuse("approve "+id, executor.Forbidden, executor.RuleOwnChange, "", "you requested this change yourself; somebody else has to approve or reject it", "ask an approver, or cancel the change", executor.Answer{})),
		says("another plan", refuse("approve "+id+" aaaaaaaa", executor.Invalid, executor.RuleCodeMismatch, "", "the code belongs to another plan: the server has changed since that plan was shown", "read the plan as it is now, and approve that: approve "+id+" k7m2q4xa", executor.Answer{Server: office(), Change: queuedChange(needs(1)), Plan: coded()})),
		says("server not visible", refuse("approve "+id, executor.Invalid, executor.RuleNothingToShow, "", "the server cannot be looked at: the API does not answer", "approve the change when its effect can be shown", executor.Answer{Server: office(), Change: queuedChange(needs(1)), Plan: away()})),
		says("nothing to undo", refuse("rollback "+id, executor.Invalid, executor.RuleNothingToUndo, "", "no setting of the server still has the value that the change set", "set the values that you want with apply", executor.Answer{Record: &ended, Plan: &executor.Plan{Left: []change.Difference{{Field: change.Port, From: change.Number(1200), To: change.Number(1194)}}}})),
		says("a value", refuse("plan office port=1195", executor.Invalid, change.RulePortReserved, "Port", "port 443 is used by the gateway", "use another port, such as 1194", executor.Answer{})),
		says("a server of the API", refuse("status vss-none", executor.NotFound, "InvalidSslVpnServerId.NotFound", "SslVpnServerId", "The specified SSL-VPN server does not exist.", "check the id and the region", executor.Answer{Server: nameless()})),
		{"not a command", func(w wording.Writer) chat.Text {
			_, err := command.Parse("aply office port=44x prot=tcp")
			return w.BadCommand(err)
		}},
		{"a value that breaks two rules", func(w wording.Writer) chat.Text {
			_, err := command.Parse("apply office port=443 pool=10.30.30.0/2")
			return w.BadCommand(err)
		}},
		{"an error that is no command's", func(w wording.Writer) chat.Text { return w.BadCommand(errors.New("boom")) }},
		{"only text", wording.Writer.OnlyText},
		{"too long", wording.Writer.TooLong},
		{"not now", wording.Writer.NotNow},
		{"reused", wording.Writer.Reused},
		{"late", func(w wording.Writer) chat.Text { return w.Late(noon()) }},
		{"bad policy", wording.Writer.BadPolicy},
		{"no policy", wording.Writer.NoPolicy},
	}
}

func records() []one {
	return []one{
		ends("applied", func(*record.Record) {}),
		ends("applied, asked for with a reason, approved by two, after a wait", func(r *record.Record) {
			r.Reason, r.Changed, r.FinishedAt = "hotels block UDP", manyDiffs(), noon().Add(26*time.Hour+90*time.Second)
			r.Votes = []change.Vote{vote(change.Approval, "jun"), vote(change.Approval, "lan")}
		}),
		ends("applied while people were connected", func(r *record.Record) {
			r.Impact = &record.Impact{Class: impact.NewFile, Connected: new(37), MaxConnections: 200, Certificates: []string{"vsc-1"}}
		}),
		ends("applied and not verified", func(r *record.Record) { r.Verified, r.FinishedAt = false, noon().Add(70*time.Second) }),
		ends("applied, from a file", func(r *record.Record) { r.Origin, r.FinishedAt = change.Origin{Actor: "158"}, noon().Add(time.Hour) }),
		ends("unchanged", func(r *record.Record) { r.Status, r.Changed = change.Unchanged, nil }),
		ends("planned", func(r *record.Record) { r.Status, r.Verified = change.Planned, false }),
		ends("planned, and nothing would change", func(r *record.Record) { r.Status, r.Verified, r.Changed = change.Planned, false, nil }),
		ends("superseded", func(r *record.Record) {
			r.Status, r.Changed = change.Superseded, nil
			r.SupersededBy = map[change.Field]string{change.Port: later, change.Proto: later}
		}),
		ends("failed with the API's code", nothingSent(change.Failed, "VpnGateway.FinancialLocked", "The VPN gateway vpn-1 is locked for an unpaid bill.", "settle the bill, then submit the change again")),
		ends("failed with a code that has no Chinese words", nothingSent(change.Failed, "OperationFailed.Unsupported", "The operation is not supported.", "")),
		ends("failed, and part of it shows", func(r *record.Record) {
			nothingSent(change.Failed, "ReadBackMismatch", "the API took the change, and the server does not show it", "look at the server")(r)
			r.Changed = portDiff()
		}),
		ends("rejected by a rule", func(r *record.Record) {
			nothingSent(change.Rejected, change.RuleExpectMismatch, "Port is 1199, expected 1194", "the server was changed in the meantime; check it, then submit the change again with the current value")(r)
			r.Problems = []change.Problem{{Path: "expect.Port", Rule: r.Error.Code, Message: r.Error.Message, Hint: r.Error.Hint}}
		}),
		ends("rejected by an approver", func(r *record.Record) {
			nothingSent(change.Rejected, plan.RuleRejected, "lan rejected the change: not by day", "resolve it with lan, then submit the change again")(r)
			r.Problems = []change.Problem{{Rule: r.Error.Code, Message: r.Error.Message, Hint: r.Error.Hint}}
			r.Votes = []change.Vote{vote(change.Rejection, "lan")}
		}),
		ends("rejected because the approval lapsed", func(r *record.Record) {
			nothingSent(change.Rejected, plan.RuleApprovalLapsed, "the server has changed since the change was approved", "check the new plan, then submit the change again")(r)
			r.Problems = []change.Problem{{Rule: r.Error.Code, Message: r.Error.Message, Hint: r.Error.Hint}}
			r.Votes = []change.Vote{vote(change.Approval, "jun")}
		}),
		ends("expired", func(r *record.Record) {
			nothingSent(change.Expired, "Expired", "the change expired before it could be applied; it last waited for: gateway", "submit the change again, with a later expiresAt")(r)
			r.FinishedAt = noon().Add(24 * time.Hour)
		}),
		ends("rejected because clients cannot be counted", func(r *record.Record) {
			nothingSent(change.Rejected, reconcile.RuleClientsUnknown, "the VPN gateway vpn-1 does not list its clients", "have the gateway upgraded in the console, so that it shows SSL-VPN clients, or submit the change without when, for a quiet hour (notBefore)")(r)
			r.Problems = []change.Problem{{Path: "when", Rule: r.Error.Code, Message: r.Error.Message, Hint: r.Error.Hint}}
		}),
		ends("expired while too many clients were connected", func(r *record.Record) {
			nothingSent(change.Expired, "Expired", "the change expired before it could be applied; it last waited until fewer than 5 clients are connected, and 37 were", "submit the change again, with a later expiresAt")(r)
			r.FinishedAt = noon().Add(24 * time.Hour)
		}),
		ends("cancelled", func(r *record.Record) {
			nothingSent(change.Cancelled, "Cancelled", "the change was cancelled before it was applied, by boss: typo", "submit the change again if it is wanted after all")(r)
			r.Votes = []change.Vote{vote(change.Cancel, "boss")}
		}),
		ends("with an answer that did not arrive", func(r *record.Record) {
			r.Notice = &record.Notice{Deliveries: []record.Delivery{{Platform: "slack", Delivered: true}, {Platform: "dingtalk", Code: "AddressExpired", Message: "the address to answer to has expired"}}}
		}),
		{"server without a name", func(w wording.Writer) chat.Text {
			return w.Record(record.Record{ID: id, Status: change.Unchanged, ServerID: "vss-x", Origin: change.Origin{Actor: "slack:T1/U1"}}, "")
		}},
	}
}

// proofs are proofs as the rooms of a change are told of them, and as its record shows
// them.
func proofs() []one {
	look := func(r probe.Result, why probe.Reason, connected *int) record.Look {
		l := record.Look{At: noon().Add(90 * time.Second), Probe: r, Reason: why, Connected: connected}
		if connected == nil {
			l.NotCounted = record.CountDenied
		}
		return l
	}
	before := look(probe.Listening, "", new(37))
	proof := func(after record.Look, edit func(*record.Proof)) record.Proof {
		p := record.Proof{ID: id, Before: before, After: after, VerifiedAt: noon(), Looks: 3}
		edit(&p)
		return p
	}
	returned := func(n int) func(*record.Proof) { return func(p *record.Proof) { p.Returned = new(n) } }
	out := []one{ends("proof to come", func(r *record.Record) { r.ProofWanted = true })}
	for _, x := range []struct {
		name  string
		proof record.Proof
	}{
		{"everybody has returned", proof(look(probe.Listening, "", new(37)), returned(37))},
		{"somebody has not returned", proof(look(probe.Listening, "", new(31)), returned(31))},
		{"refused", proof(look(probe.Refused, "", new(0)), returned(0))},
		{"refused, and undone", proof(look(probe.Refused, "", new(0)), func(p *record.Proof) { p.Returned, p.UndoAt = new(0), noon().Add(time.Minute) })},
		{"silent, and uncounted", proof(look(probe.Silent, probe.NoAnswer, nil), func(*record.Proof) {})},
		{"not checked", proof(look(probe.NotChecked, probe.NotPublic, nil), func(p *record.Proof) { p.Before = look(probe.NotChecked, probe.NotPublic, nil) })},
		{"changed again", proof(look(probe.Listening, probe.ChangedAgain, new(12)), returned(12))},
	} {
		out = append(out,
			one{"proof: " + x.name, func(w wording.Writer) chat.Text { return w.Proof(x.proof, "office") }},
			ends("proof in the record: "+x.name, func(r *record.Record) { r.ProofWanted, r.Proof = true, &x.proof }),
		)
	}
	return out
}

// Every reason is worded in both languages, and no two alike.
func TestReasonsOfProofsAreWorded(t *testing.T) {
	t.Parallel()
	for _, l := range []lang.Tag{lang.English, lang.Chinese} {
		seen := map[string]string{}
		check := func(reason string, p record.Proof) {
			said := wording.Plain(wording.In(l).Proof(p, "office"))
			if other, twice := seen[said]; twice {
				t.Errorf("%s: %s and %s are both %q", l, reason, other, said)
			}
			seen[said] = reason
		}
		for _, r := range []probe.Reason{
			probe.NoAnswer, probe.OtherAnswer, probe.Closed, probe.NoAddress, probe.NotPublic, probe.NoRoute, probe.NotPermitted, probe.Busy, probe.NoTime,
			probe.NotReadable, probe.ChangedAgain, probe.NetworkFailed,
		} {
			check(string(r), record.Proof{ID: id, After: record.Look{Probe: probe.NotChecked, Reason: r}})
		}
		for _, n := range []record.NotCounted{record.CountDenied, record.CountUnsupported, record.CountFailed, record.CountNoTime} {
			check(string(n), record.Proof{ID: id, After: record.Look{Probe: probe.NotChecked, NotCounted: n}})
		}
	}
}

// What people read, in both languages. To be read before it is committed:
// go test ./internal/wording -update.
func TestTexts(t *testing.T) {
	t.Parallel()
	for name, texts := range map[string][]one{"answers": answers(), "refusals": refusals(), "records": records(), "proofs": proofs(), "windows": windowAnswers(), "gates": append(gates(), cards()...)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			for _, x := range texts {
				en, zh := x.say(wording.In(lang.English).At(noon(), nil)), x.say(wording.In(lang.Chinese).At(noon(), noon().Location()))
				if en.Mark != zh.Mark || len(en.Next) != len(zh.Next) {
					t.Errorf("%s: the languages differ in %s and %s, %d and %d", x.name, en.Mark, zh.Mark, len(en.Next), len(zh.Next))
				}
				fmt.Fprintf(&b, "## %s (%s)\n\n%s\n\n%s\n\n", x.name, en.Mark, wording.Plain(en), wording.Plain(zh))
			}
			path := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := b.String(); got != string(want) {
				t.Errorf("%s is no longer what is said; read the difference after -update:\n%s", path, got)
			}
		})
	}
}

// Every command that a text offers is one.
func TestOfferedCommandsAreCommands(t *testing.T) {
	t.Parallel()
	for _, texts := range [][]one{answers(), refusals(), records(), proofs(), windowAnswers(), gates()} {
		for _, x := range texts {
			for _, l := range []lang.Tag{lang.English, lang.Chinese} {
				for _, n := range x.say(wording.In(l)).Next {
					if _, err := command.Parse(n.Command); err != nil || n.Label == "" {
						t.Errorf("%s: it offers %q as %q: %v", x.name, n.Command, n.Label, err)
					}
				}
			}
		}
	}
}
