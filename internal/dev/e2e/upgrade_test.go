package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

const (
	shanghaiID      = "vss-uf6d2k9x4m7q1w8r5t3y0"
	shanghaiGateway = "vpn-uf6h5j2l8n4p7s1v3x9z0"
)

// upgrade is a function that is replaced by another version in the middle of its work.
type upgrade struct {
	*conversation

	program string   // where the platform finds the program
	asked   string   // the change that waits for approval
	ids     []string // of the changes that were requested before
	n       int
	frozen  bool // the first version was at work some time ago
}

// TestUpgrade replaces the previous release by this commit, and this commit by the
// previous release, while there is work of every kind: a change that waits for
// approval, one that waits behind an armed undo, one that is not due, one that was being
// sent when its worker was killed, and outcomes that nobody could be told.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	before, now := versions(t)
	t.Run("to this version", func(t *testing.T) {
		t.Parallel()
		testUpgrade(t, before, now)
	})
	t.Run("back to the previous release", func(t *testing.T) {
		t.Parallel()
		testUpgrade(t, now, before)
	})
}

// readByBoth leaves out the keys of a policy that the previous release does not know: it
// calls such a policy invalid, as the changelog says.
func readByBoth(policy []byte) []byte {
	return bytes.ReplaceAll(policy, []byte("    assistant: true\n"), nil)
}

func testUpgrade(t *testing.T, from, to string) {
	t.Helper()
	u := &upgrade{program: filepath.Join(t.TempDir(), "function")}
	link(t, u.program, from)
	u.conversation = openConversation(t, chat.Feishu, func(o *localcloud.Options) {
		o.Policy, o.Function = readByBoth(withRooms(rooms()[chat.Feishu])), u.program
		also(o, func(o *fc.Options) { o.RetryDelay = func(int) time.Duration { return 50 * time.Millisecond } })
	})
	u.work(t)
	u.holds(t)
	if *freeze {
		u.freeze(t)
	}
	link(t, u.program, to)
	u.FC().KillAll()
	u.shows(t)
	u.decide(t)
	u.ends(t)
	u.rollsBack(t)
}

// posts requests a change over HTTP.
func (u *upgrade) posts(t *testing.T, text string) {
	t.Helper()
	u.n++
	a, err := u.post(t.Context(), fmt.Sprint("msg_upgrade_", u.n), text)
	if err != nil {
		t.Fatal(err)
	}
	id := idForm.FindString(a.body)
	if a.status/100 != 2 || id == "" {
		t.Fatalf("answered %d %s", a.status, a.body)
	}
	u.ids = append(u.ids, id)
}

func (u *upgrade) commands(t *testing.T, command string) string {
	t.Helper()
	u.n++
	body, err := json.Marshal(map[string]string{"command": command})
	if err != nil {
		t.Fatal(err)
	}
	a, err := u.harness.send(t.Context(), "POST", "/v1/commands", fmt.Sprint("msg_upgrade_", u.n), string(body), "Content-Type", "application/json")
	if err != nil {
		t.Fatal(err)
	}
	if a.status/100 != 2 {
		t.Errorf("%s is answered %d %s", command, a.status, a.body)
	}
	return a.body
}

// setting is a document that sets something of a server, with lines for all of it.
func setting(region, server, set string, lines ...string) string {
	return fmt.Sprintf("reason: an upgrade\n%schanges:\n  - {RegionId: %s, SslVpnServerId: %s, %s}\n", strings.Join(lines, "\n")+"\n", region, server, set)
}

// work has the first version do work of every kind, and kills it in the middle.
func (u *upgrade) work(t *testing.T) {
	t.Helper()
	u.ids = append(u.ids, u.id(u.say(chat.Mei, "apply test port=1195")))
	u.quiet(t)
	u.record(u.ids[0], change.Applied)
	u.drop(t, "changes/office.yaml", office())
	u.quiet(t)
	u.asked = strings.TrimSuffix(strings.SplitAfter(strings.Join(u.keys("queue/"+region+"/"+otherID+"/"), ""), "-0001-")[1], ".json")
	// Its answer and its end cannot be delivered.
	u.Chat().SetDown(chat.Feishu, true)
	if _, err := u.Chat().Say(t.Context(), chat.Feishu, chat.Mei, "apply test name=upgraded"); err != nil {
		t.Fatal(err)
	}
	u.quiet(t)
	u.ids = append(u.ids, u.newest(t).ID)
	u.posts(t, setting(region, serverID, "Compress: false", "confirm: 30m"))
	u.quiet(t)
	u.posts(t, setting(region, serverID, "Port: 1196")) // behind the armed undo
	u.ids = append(u.ids, u.asked)
	u.posts(t, setting("cn-shanghai", shanghaiID, "Compress: false", "notBefore: "+time.Now().Add(20*time.Second).UTC().Format(time.RFC3339)))
	// The gateway works for some time, and the worker dies meanwhile.
	if err := u.VPC().Control(vpc.GatewayControl{ID: shanghaiGateway, Configuring: new(10 * time.Second)}); err != nil {
		t.Fatal(err)
	}
	sent := len(u.VPC().Calls("ModifySslVpnServer"))
	u.posts(t, setting("cn-shanghai", shanghaiID, "Port: 1195"))
	eventually(t, "the modification is sent", func() bool { return len(u.VPC().Calls("ModifySslVpnServer")) > sent })
	u.FC().KillAll()
}

// holds checks that what the first version has stored is of every kind.
func (u *upgrade) holds(t *testing.T) {
	t.Helper()
	for _, prefix := range []string{
		"approvals/open/", "approvals/2", "changes/", "claims/", "index/", "lanes/", "outbox/answers/", "outbox/" + region + "/", "policy/",
		"queue/" + region + "/" + serverID + "/", "queue/" + region + "/" + otherID + "/", "queue/cn-shanghai/" + shanghaiID + "/", "receipts/", "results/", "wake/",
	} {
		if len(u.keys(prefix)) == 0 {
			t.Errorf("there is nothing below %s", prefix)
		}
	}
	for lane, part := range map[string]string{"cn-shanghai/" + shanghaiID: `"intent"`, region + "/" + serverID: `"armed"`} {
		keys := u.keys("lanes/" + lane + "/")
		slices.Sort(keys)
		if len(keys) == 0 {
			t.Fatalf("the lane %s has no generation", lane)
		}
		data, err := u.read(keys[0]) // the newest
		if err != nil || !strings.Contains(string(data), part) {
			t.Errorf("the lane %s has no %s: %s, %v", lane, part, data, err)
		}
	}
}

// newest is the record that was written last.
func (u *upgrade) newest(t *testing.T) record.Record {
	t.Helper()
	records, err := u.records()
	if err != nil || len(records) == 0 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	return slices.MaxFunc(records, func(a, b record.Record) int { return a.FinishedAt.Compare(b.FinishedAt) })
}

// shows checks that the second version shows what the first one has written.
func (u *upgrade) shows(t *testing.T) {
	t.Helper()
	a := u.gets(t, "GET", "/v1/changes", "msg_list", "")
	history := u.commands(t, "history test")
	for _, id := range u.ids[:3] {
		if !strings.Contains(a.body, id) || !strings.Contains(history, id) {
			t.Errorf("%s is not in the list or the history:\n%s\n%s", id, a.body, history)
		}
		if one := u.gets(t, "GET", "/v1/changes/"+id, "msg_"+id, ""); one.status != 200 || !strings.Contains(one.body, `"applied"`) {
			t.Errorf("%s is %d %s", id, one.status, one.body)
		}
	}
	for _, id := range u.ids[3:] {
		if status := u.commands(t, "status "+id); !strings.Contains(status, id) {
			t.Errorf("the status of %s is %s", id, status)
		}
	}
}

// decide has people confirm and approve what the first version asked for.
func (u *upgrade) decide(t *testing.T) {
	t.Helper()
	u.Chat().SetDown(chat.Feishu, false)
	u.commands(t, "confirm "+u.ids[2])
	card := u.card("the room was asked", func(m chat.Message) bool { return len(m.Buttons) > 0 })
	i := slices.IndexFunc(card.Buttons, func(b chat.Button) bool { return strings.Contains(b.Command, "approve ") })
	if i < 0 {
		t.Fatalf("nothing to approve: %+v", card.Buttons)
	}
	if m, err := u.Chat().Click(t.Context(), card.ID, card.Buttons[i].Label, chat.Jun); err != nil || m.Failed != "" {
		t.Fatal(err, m.Failed)
	}
}

// ends waits until everything has ended, and checks that it did so once.
func (u *upgrade) ends(t *testing.T) {
	t.Helper()
	eventually(t, "everything has ended", func() bool {
		u.OSS().Advance(time.Minute)
		if err := u.tick(); err != nil {
			t.Fatal(err)
		}
		u.quiet(t)
		return len(u.keys("queue/"))+len(u.keys("outbox/"))+len(u.keys("approvals/open/")) == 0
	})
	count, named := map[string]int{}, map[bool]int{}
	records, err := u.records()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		count[r.ID]++
		named[r.Version != ""]++ // the previous release names none
		if want := map[bool]change.Status{true: change.Cancelled, false: change.Applied}[r.Undoes != ""]; r.Status != want {
			t.Errorf("%s ended as %s: %+v", r.ID, r.Status, r.Error)
		}
	}
	for _, id := range u.ids {
		if count[id] != 1 {
			t.Errorf("%s has %d records", id, count[id])
		}
	}
	if named[true] < 3 || named[false] < 3 {
		t.Errorf("%d records name a version, %d do not: one of the two versions has decided little", named[true], named[false])
	}
	if len(count) != len(u.ids)+1 { // and the undo
		t.Errorf("there are records of %v, requested were %q", count, u.ids)
	}
	if got := u.VPC().Snapshot().Effective; got != u.effects() {
		t.Errorf("%d modifications took effect, want %d", got, u.effects())
	}
	for id, want := range map[string]string{serverID: "1196 false upgraded", otherID: "1195 false office-hangzhou", shanghaiID: "1195 false office-shanghai"} {
		if s, _ := u.VPC().Server(id); fmt.Sprint(s.Port, s.Compress, " ", s.Name) != want {
			t.Errorf("%s has %d %v %s, want %s", id, s.Port, s.Compress, s.Name, want)
		}
	}
	if !u.frozen { // another room does not know the messages of then
		u.delivered(t)
	}
}

// delivered checks that people were told in the end.
func (u *upgrade) delivered(t *testing.T) {
	t.Helper()
	told := strings.Builder{}
	for _, m := range u.bots() {
		told.WriteString(said(m) + "\n")
	}
	for _, id := range []string{u.ids[0], u.ids[1]} {
		if !strings.Contains(told.String(), id) {
			t.Errorf("nobody was told of %s:\n%s", id, told.String())
		}
	}
}

// rollsBack undoes a change that the first version recorded.
func (u *upgrade) rollsBack(t *testing.T) {
	t.Helper()
	u.commands(t, "rollback "+u.ids[1])
	eventually(t, "it is rolled back", func() bool {
		u.quiet(t)
		s, _ := u.VPC().Server(serverID)
		return s.Name == "test"
	})
	u.quiet(t)
	if r := u.newest(t); r.Status != change.Applied || len(u.keys("queue/")) > 0 {
		t.Errorf("the record is %+v; %q is left", r, u.keys("queue/"))
	}
}
