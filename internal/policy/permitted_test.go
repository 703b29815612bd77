package policy_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

func TestPermissionsOfEverybody(t *testing.T) {
	t.Parallel()
	p := parse(t, example+`guards:
  - {servers: ["*"], settings: [Port], maxConnected: 20, otherwise: refuse}
  - {servers: ["*"], settings: ["*"], maxConnected: 5, otherwise: approval}
confirmations:
  - {servers: ["*"], settings: [Port], for: 20m, proof: true}
`)
	got := p.Permissions(hangzhou, []change.Field{change.Port}, "")
	want := []policy.Permitted{
		{Person: "zhang.san", Read: true, Request: true},
		{Person: "li.si", Read: true, Approve: true, Lacking: []change.Field{change.Port}},
		{Person: "wang.wu", Read: true, Request: true, Approve: true, Cancel: true},
	}
	if !slices.EqualFunc(got.People, want, func(a, b policy.Permitted) bool {
		return a.Person == b.Person && a.Read == b.Read && a.Request == b.Request && a.Approve == b.Approve && a.Cancel == b.Cancel && slices.Equal(a.Lacking, b.Lacking)
	}) {
		t.Errorf("people %+v, want %+v", got.People, want)
	}
	if got.Name != "office-hangzhou" || got.Approvals != 1 || !slices.Equal(got.Approvers, []string{"li.si", "wang.wu"}) {
		t.Errorf("%q needs %d of %q", got.Name, got.Approvals, got.Approvers)
	}
	if want := []policy.Limit{{MaxConnected: 20, Otherwise: "refuse"}, {MaxConnected: 5, Otherwise: "approval"}}; !slices.Equal(got.Limits, want) {
		t.Errorf("limits %+v, want %+v", got.Limits, want)
	}
	if got.Confirm.String() != "20m proof" {
		t.Errorf("confirm %s", got.Confirm)
	}
	text, err := json.Marshal(got)
	for _, account := range []string{"ding0123", "manager0417", "U2CERLKJA", "20412345678", "ou_1"} {
		if err != nil || strings.Contains(string(text), account) {
			t.Errorf("the account %s is in %s (%v)", account, text, err)
		}
	}
}

// The answer agrees with what requests are judged by.
func TestPermissionsOfOnePerson(t *testing.T) {
	t.Parallel()
	p := parse(t, example)
	for _, tt := range []struct {
		who      string
		settings []change.Field
		request  bool
		lacking  []change.Field
		need     int
	}{
		{"zhang.san", []change.Field{change.Port}, true, nil, 1},
		{"zhang.san", []change.Field{change.Port, change.Cipher, change.IDaaSRegionID}, false, []change.Field{change.Cipher}, 2},
		{"li.si", []change.Field{change.Port}, false, []change.Field{change.Port}, 1},
		{"wang.wu", change.Fields(), true, nil, 2},
		{"nobody", []change.Field{change.Port}, false, []change.Field{change.Port}, 1},
	} {
		got := p.Permissions(hangzhou, tt.settings, tt.who)
		if len(got.People) != 1 || got.People[0].Person != tt.who || got.People[0].Request != tt.request || !slices.Equal(got.People[0].Lacking, tt.lacking) || got.Approvals != tt.need {
			t.Errorf("%s, %v: %+v", tt.who, tt.settings, got)
		}
		if may := p.May(policy.Person{Name: tt.who}, policy.Ask, hangzhou, tt.settings) == nil; may != tt.request {
			t.Errorf("%s, %v: a request is permitted: %v", tt.who, tt.settings, may)
		}
		if slices.Contains(got.Approvers, tt.who) {
			t.Errorf("%s may approve changes of %s", tt.who, tt.who)
		}
	}
}

func TestPermissionsWithoutAPolicy(t *testing.T) {
	t.Parallel()
	got := policy.Absent().Permissions(hangzhou, change.Fields(), "")
	if !got.NoPolicy || len(got.People) != 0 || got.Approvals != 0 {
		t.Errorf("got %+v", got)
	}
}
