package policy_test

import (
	"slices"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

const rooms = `people:
- {name: li.si, accounts: [{door: slack, tenant: T1, user: U2}, {door: slack, tenant: T1, user: U1}, {door: slack, tenant: T2, user: U9}, {door: wecom, tenant: ww1, user: LiSi}]}
- {name: wang.wu, accounts: [{door: feishu, tenant: t, user: ou_1}]}
servers: [{name: office, RegionId: cn-hangzhou, SslVpnServerId: vss-a}, {name: lab, RegionId: cn-hangzhou, SslVpnServerId: vss-b}]
grants: []
notify:
- {servers: [office], quiet: none, remind: false, rooms: [{door: slack, tenant: T1, room: C1, lang: zh, digest: '09:05'}, {door: slack, tenant: T2, room: C1}]}
- {servers: ['*'], mention: false, rooms: [{door: slack, tenant: T1, room: C1, lang: en}, {door: feishu, tenant: t, room: oc_1, digest: '18:00'}]}
`

func TestRoomsOfAServer(t *testing.T) {
	t.Parallel()
	p := parse(t, rooms)
	first := policy.Room{Channel: "slack", Tenant: "T1", ID: "C1", Lang: "zh", Digest: 9*60 + 5, Mention: true}
	second := policy.Room{Channel: "slack", Tenant: "T2", ID: "C1", Digest: policy.NoClock, Mention: true}
	night := policy.Quiet{From: 22 * 60, To: 8 * 60}
	everywhere := policy.Room{Channel: "slack", Tenant: "T1", ID: "C1", Lang: "en", Digest: policy.NoClock, Remind: true, Quiet: night}
	other := policy.Room{Channel: "feishu", Tenant: "t", ID: "oc_1", Digest: 18 * 60, Remind: true, Quiet: night}
	for id, want := range map[string][]policy.Room{"vss-a": {first, second, other}, "vss-b": {everywhere, other}} {
		if got := p.Rooms(change.Target{RegionID: "cn-hangzhou", ServerID: id}); !slices.Equal(got, want) {
			t.Errorf("%s: %+v", id, got)
		}
	}
	if got := p.DigestRooms(); !slices.Equal(got, []policy.Room{first, other}) {
		t.Errorf("digests in %+v", got)
	}
	if lab := (change.Target{RegionID: "cn-hangzhou", ServerID: "vss-b"}); p.Tells(second, lab) || !p.Tells(first, lab) {
		t.Error("a room is told about the servers of all its entries, and about no others")
	}
	if policy.Absent().Notifies() || !p.Notifies() || len(policy.Absent().Rooms(hangzhou)) != 0 {
		t.Error("without a policy no room is told")
	}
}

func TestUsersOfPeople(t *testing.T) {
	t.Parallel()
	p := parse(t, rooms)
	for _, c := range []struct {
		channel, tenant string
		want            []string
	}{{"slack", "T1", []string{"U1", "U2"}}, {"slack", "T2", []string{"U9"}}, {"feishu", "t", []string{"ou_1"}}, {"wecom", "ww1", []string{"lisi"}}, {"slack", "T3", nil}} {
		if got := p.Users([]string{"wang.wu", "li.si", "nobody"}, c.channel, c.tenant); !slices.Equal(got, c.want) {
			t.Errorf("%s %s: %q", c.channel, c.tenant, got)
		}
	}
}

func TestQuietHours(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 8*3600)
	night, noon, none := policy.Quiet{From: 22 * 60, To: 8 * 60}, policy.Quiet{From: 12 * 60, To: 13*60 + 30}, policy.Quiet{}
	for _, c := range []struct {
		quiet    policy.Quiet
		at, want string // "" for not quiet
	}{
		{night, "2026-11-22T21:59:59", ""},
		{night, "2026-11-22T22:00:00", "2026-11-23T08:00:00"},
		{night, "2026-11-23T00:00:00", "2026-11-23T08:00:00"},
		{night, "2026-11-23T07:59:59", "2026-11-23T08:00:00"},
		{night, "2026-11-23T08:00:00", ""},
		{noon, "2026-11-22T12:00:00", "2026-11-22T13:30:00"},
		{noon, "2026-11-22T13:30:00", ""},
		{noon, "2026-11-22T00:00:00", ""},
		{none, "2026-11-22T00:00:00", ""},
	} {
		at, err := time.ParseInLocation("2006-01-02T15:04:05", c.at, zone)
		if err != nil {
			t.Fatal(err)
		}
		end, ok := c.quiet.Until(at)
		if got := end.Format("2006-01-02T15:04:05"); ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%v at %s: until %s, %v", c.quiet, c.at, got, ok)
		}
	}
}

func TestZones(t *testing.T) {
	t.Parallel()
	fallback := time.FixedZone("fallback", 3600)
	at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for zone, want := range map[policy.Zone]string{
		"": "01:00", "UTC": "00:00", "Asia/Shanghai": "08:00", "+0800": "01:00", "Local": "01:00", "Nowhere/City": "01:00",
		"Asia/../Asia/Tokyo": "01:00", "/etc/passwd": "01:00",
	} {
		if got := at.In(zone.Location(fallback)).Format("15:04"); got != want {
			t.Errorf("%q: %s, want %s", zone, got, want)
		}
	}
}
