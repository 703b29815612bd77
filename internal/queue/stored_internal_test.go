package queue

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/storedtest"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// storedChange is what the newest sample of an entry means.
func storedChange() change.Change {
	return change.Change{
		Request: change.Request{
			Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-bp18q7hzj6largv4vk2fe"},
			Patch: change.Patch{
				change.Name: change.Text("office"), change.ClientIPPool: change.Text("10.30.30.0/24"),
				change.LocalSubnet: change.Text("10.20.20.0/24"), change.Proto: change.Text("UDP"),
				change.Port: change.Number(1194), change.Cipher: change.Text("AES-128-CBC"), change.Compress: change.Flag(false),
				change.EnableMultiFactorAuth: change.Flag(true), change.IDaaSInstanceID: change.Text("idaas-1"),
				change.IDaaSRegionID: change.Text("cn-hangzhou"), change.IDaaSApplicationID: change.Text("app_1"),
			},
			Expect:      change.Patch{change.Port: change.Number(1193), change.Name: change.Text("办公网")},
			ClientToken: "token-1", Ref: "CHG-1042", Reason: "理由 <&>", RequestedBy: "zhang.san", DryRun: true,
			Confirm: change.Confirmation{For: 20 * time.Minute, Proof: true}, Idle: 5, Proof: true, Override: "double-eleven",
			ExpiresAt: time.Date(2026, 11, 23, 8, 35, 2, 0, time.UTC),
		},
		ID: "20261122-psfvgfo4zp-12", Identity: `chat "slack" "T1" "1795390502.000100"`, Document: "7f3akq2cd2", Index: 12,
		Origin:     change.Origin{Kind: change.FromChat, Actor: "slack:T1/U1", Person: "mei", Assistant: true, Source: "C1", RequestID: "1-6921b0a5"},
		AcceptedAt: time.Date(2026, 11, 22, 8, 35, 2, 123456789, time.UTC), DueAt: time.Date(2026, 11, 22, 9, 0, 0, 123456789, time.UTC),
		Approvals: 2, Certificates: []string{"vsc-bp13k5mp4tg8v3z9b", "vsc-bp1q8bgx4xnkm2ogj"}, Reply: json.RawMessage(`"where to answer"`),
		Account: change.Account{Channel: "slack", Tenant: "T1", User: "U1"},
		Undoes: &change.Undo{
			Of: "20261122-7f3akq2cd2-3",
			Done: []change.Difference{
				{Field: change.Port, From: change.Number(1193), To: change.Number(1194)},
				{Field: change.Compress, From: change.Flag(true), To: change.Flag(false)},
			},
			Replies: []json.RawMessage{json.RawMessage(`"where else to answer"`)},
		},
	}
}

func edited(edit func(*change.Change)) change.Change {
	c := storedChange()
	edit(&c)
	return c
}

// unguarded is a change of the versions before there were guards.
func unguarded(c *change.Change) {
	requested(c)
	c.Confirm, c.Idle, c.Proof = change.Confirmation{}, 0, false
}

// requested is a change that undoes nothing.
func requested(c *change.Change) {
	uncertified(c)
	c.Undoes = nil
}

// uncertified is a change of the versions that stored no certificates.
func uncertified(c *change.Change) {
	notOverriding(c)
	c.Certificates = nil
}

// notOverriding is a change of the versions that knew no freezes.
func notOverriding(c *change.Change) {
	byAPerson(c)
	c.Override = ""
}

// byAPerson is a change of the versions that knew no assistants.
func byAPerson(c *change.Change) { c.Origin.Assistant = false }

func TestStoredEntry(t *testing.T) {
	t.Parallel()
	const key = "queue/cn-hangzhou/vss-bp18q7hzj6largv4vk2fe/1795338000123-7f3akq2cd2-0012-20261122-psfvgfo4zp-12.json"
	storedtest.Check(t, storedtest.Form[change.Change]{
		Name: "entry", Stored: storedEntry{},
		Read: func(data []byte) (change.Change, error) {
			e := decodeEntry(key, data)
			return e.Change, e.Err
		},
		Write: encodeEntry,
		Want: map[string]change.Change{
			"v1":   edited(func(c *change.Change) { unguarded(c); c.Account = change.Account{} }),
			"v1.1": edited(unguarded),
			"v1.2": edited(requested),
			"v1.3": edited(uncertified),
			"v1.4": edited(notOverriding),
			"v1.5": edited(byAPerson),
			"v1.6": storedChange(),
		},
	})
}

// Entries of earlier versions have the account of their requester in their origin.
func TestRequestersOfEarlierEntries(t *testing.T) {
	t.Parallel()
	for origin, want := range map[change.Origin]change.Account{
		{Kind: change.FromChat, Actor: "slack:T1/U1", Person: "mei"}:           {Channel: "slack", Tenant: "T1", User: "U1"},
		{Kind: change.FromChat, Actor: "dingtalk:ding1/a/b:c"}:                 {Channel: "dingtalk", Tenant: "ding1", User: "a/b:c"},
		{Kind: change.FromHTTP, Actor: "bot"}:                                  {Channel: "http", User: "bot"},
		{Kind: change.FromTimer, Actor: "timer nightly"}:                       {Channel: "timer", User: "nightly"},
		{Kind: change.FromFile, Actor: "204123:alice"}:                         {Channel: "file", User: "204123:alice"},
		{Kind: change.FromFile, Actor: "unknown: the upload's event was lost"}: {Channel: "file"},
	} {
		e := edited(func(c *change.Change) { c.Account, c.Origin = change.Account{}, origin })
		if got := e.Requester(); got != want {
			t.Errorf("%+v: %+v, want %+v", origin, got, want)
		}
	}
	if got := storedChange().Requester(); got != storedChange().Account {
		t.Errorf("the stored account is read as %+v", got)
	}
}

func TestStoredVote(t *testing.T) {
	t.Parallel()
	const (
		key      = "queue/cn-hangzhou/vss-bp18q7hzj6largv4vk2fe/-20261122-psfvgfo4zp-12-approve-319d3677d090562f.json"
		extended = "queue/cn-hangzhou/vss-bp18q7hzj6largv4vk2fe/-20261122-psfvgfo4zp-12-extend-031e98e12b88f503.json"
	)
	storedtest.Check(t, storedtest.Form[Vote]{
		Name: "vote", Stored: storedVoteObject{},
		Read: func(data []byte) (Vote, error) {
			if strings.Contains(string(data), `"extend"`) {
				return decodeVote(extended, data)
			}
			return decodeVote(key, data)
		},
		Write: func(v Vote) ([]byte, error) { return encodeVote("20261122-psfvgfo4zp-12", v) },
		Want: map[string]Vote{"v1": {
			Vote: change.Vote{
				Kind: change.Approval, Person: "jun", Account: "slack:T1/U2", At: time.Date(2026, 11, 22, 8, 40, 0, 5000, time.UTC),
				Digest: "kx6tq3a3v5b2c7d4e6f2g3h4i5j6k7l2m3n4o5p6q7r2s3t4u5v6", Reason: "看过了",
			},
			Key: key, Reply: json.RawMessage(`"where to answer"`),
		}, "v1.1": {
			Vote: change.Vote{
				Kind: change.Extend, Person: "jun", Account: "slack:T1/U2", At: time.Date(2026, 11, 22, 8, 40, 0, 5000, time.UTC),
				Digest: "kx6tq3a3v5b2c7d4e6f2g3h4i5j6k7l2m3n4o5p6q7r2s3t4u5v6", Reason: "看过了",
				Until: time.Date(2026, 11, 22, 9, 0, 0, 5000, time.UTC),
			},
			Key: extended, Reply: json.RawMessage(`"where to answer"`),
		}, "v1.2": {
			Vote: change.Vote{
				Kind: change.Extend, Person: "jun", Account: "slack:T1/U2", At: time.Date(2026, 11, 22, 8, 40, 0, 5000, time.UTC),
				Digest: "kx6tq3a3v5b2c7d4e6f2g3h4i5j6k7l2m3n4o5p6q7r2s3t4u5v6", Reason: "看过了",
				Until: time.Date(2026, 11, 22, 9, 0, 0, 5000, time.UTC), LapsesAt: time.Date(2026, 11, 29, 22, 0, 0, 0, time.UTC),
			},
			Key: extended, Reply: json.RawMessage(`"where to answer"`),
		}},
	})
}

func TestAnEntryThatIsNotWholeIsRefused(t *testing.T) {
	t.Parallel()
	for want, cut := range map[string]func(*change.Change){
		"no settings":                  func(c *change.Change) { c.Patch = nil },
		"no identity":                  func(c *change.Change) { c.Identity = "" },
		"no origin":                    func(c *change.Change) { c.Origin.Kind = "" },
		"no acceptedAt":                func(c *change.Change) { c.AcceptedAt = time.Time{} },
		"no expiresAt":                 func(c *change.Change) { c.ExpiresAt = time.Time{} },
		"no valid number of approvals": func(c *change.Change) { c.Approvals = -1 },
		"no valid time to confirm it":  func(c *change.Change) { c.Confirm.For = time.Second },
		"no change that it undoes":     func(c *change.Change) { c.Undoes.Of = "" },
		"no valid number of clients":   func(c *change.Change) { c.Idle = -1 },
	} {
		c := storedChange()
		cut(&c)
		data, err := encodeEntry(c)
		if err != nil {
			t.Fatal(err)
		}
		e := decodeEntry(objects.EntryKey(c), data)
		if e.Err == nil || !strings.HasSuffix(e.Err.Error(), want) || e.ID != c.ID || e.Patch != nil {
			t.Errorf("%s: read as %+v, %v", want, e.Change, e.Err)
		}
	}
}
