package e2e_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// office is a change of a server whose changes need Jun's approval, in a file, which
// nobody in a chat room asks for.
func office() string {
	return fmt.Sprintf("reason: hotels block 1194\nchanges:\n  - {RegionId: %s, SslVpnServerId: %s, Port: 1195}\n", region, otherID)
}

// rooms are the rooms of the local cloud's policy.
func rooms() map[string]string {
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`\{door: (\w+), tenant: (\w+), room: ("?[^"}]+"?)\}`).FindAllSubmatch(localcloud.Policy(), -1) {
		out[string(m[1])] = string(m[0])
	}
	return out
}

// withRooms is the local cloud's policy with these rooms, at any hour; with none for
// none.
func withRooms(list ...string) []byte {
	before, _, _ := bytes.Cut(localcloud.Policy(), []byte("notify:"))
	if len(list) == 0 {
		return before
	}
	return append(before, "notify:\n  - {servers: [\"*\"], quiet: none, rooms: ["+strings.Join(list, ", ")+"]}\n"...)
}

// card waits for a message that the bot posts of its own accord.
func (p *conversation) card(what string, match func(chat.Message) bool) chat.Message {
	p.t.Helper()
	var found chat.Message
	eventually(p.t, what, func() bool {
		for _, m := range p.bots() {
			if m.Way == "card" && match(m) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

func says(parts ...string) func(chat.Message) bool {
	return func(m chat.Message) bool {
		return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(said(m), part) })
	}
}

// A change that a file asks for needs approval: the room is told within two seconds,
// somebody approves it from the card, and the card says how it ended.
func TestApprovalComesToPeople(t *testing.T) {
	t.Parallel()
	everyPlatform(t, func(t *testing.T, platform string) {
		t.Helper()
		p := openConversation(t, platform, func(o *localcloud.Options) { o.Policy = withRooms(rooms()[platform]) })
		began := time.Now()
		p.drop(t, "changes/office.yaml", office())
		asked := p.card("the room is asked", func(m chat.Message) bool { return len(m.Buttons) > 0 })
		if took := time.Since(began); took > slack*2*time.Second {
			t.Errorf("the room was told after %s", took)
		}
		receipts, err := p.receipts()
		if err != nil || len(receipts) != 1 {
			t.Fatalf("%d receipts, %v", len(receipts), err)
		}
		all := strings.Builder{} // WeCom shows the whole text in a message before the card
		for _, m := range p.bots() {
			all.WriteString(said(m) + "\n")
		}
		id := idForm.FindString(all.String())
		for _, part := range []string{id, "office-hangzhou", "1194", "1195", "hotels block 1194"} {
			if part == "" || !strings.Contains(all.String(), part) {
				t.Errorf("%q is not in:\n%s", part, all.String())
			}
		}
		jun := account(platform, chat.Jun)
		if told := append(slices.Clone(asked.Mentions), asked.OnlyFor); !slices.Contains(told, jun) {
			t.Errorf("Jun is not told: %+v", asked)
		}
		if n := len(p.VPC().Calls("ModifySslVpnServer")); n != 0 {
			t.Fatalf("%d modifications were sent before anybody agreed", n)
		}
		// The gateway is busy, so that the room sees that the change is approved and then
		// that it is applied: WeCom allows one update, and the end is a message.
		if err := p.VPC().Busy("vpn-bp1e5g7j9l2n4q6s8u0w3", 1500*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(asked.Buttons, func(b chat.Button) bool { return strings.Contains(b.Command, "approve ") })
		if i < 0 {
			t.Fatalf("nothing to approve: %+v", asked.Buttons)
		}
		if m, err := p.Chat().Click(t.Context(), asked.ID, asked.Buttons[i].Label, chat.Jun); err != nil || m.Failed != "" {
			t.Fatal(err, m.Failed)
		}
		eventually(t, "the card has lost its commands", func() bool {
			now := p.card("the card", func(m chat.Message) bool { return m.ID == asked.ID })
			return now.Edits > 0 && !slices.ContainsFunc(now.Buttons, func(b chat.Button) bool { return strings.Contains(b.Command, "approve ") })
		})
		p.card("the end", says(id, applied(platform)))
		p.quiet(t)
		rec := p.record(id, change.Applied)
		if len(rec.Votes) != 1 || rec.Votes[0].Person != "Jun" || rec.Origin.Kind != change.FromFile {
			t.Errorf("the record says %+v, %+v", rec.Origin, rec.Votes)
		}
		if s, _ := p.VPC().Server(otherID); s.Port != 1195 {
			t.Errorf("the port is %d", s.Port)
		}
		p.approvals(t, id, platform, "")
	})
}

// slack is by how much a busy machine may be slower.
const slack = 3

// applied is what the bot says of a change that was applied.
func applied(platform string) string {
	if platform == chat.Slack {
		return "was applied to"
	}
	return "已应用到"
}

func account(platform, person string) string {
	for _, p := range chat.People() {
		if p.Key == person {
			return p.Accounts[platform]
		}
	}
	return ""
}

// approvals asserts what is beside the record about the rooms; a code for one that was
// not told.
func (p *conversation) approvals(t *testing.T, id, platform, code string) {
	t.Helper()
	var got record.Approval
	eventually(t, "what the rooms were told is beside the record", func() bool {
		if err := p.tick(); err != nil {
			t.Fatal(err)
		}
		for _, key := range p.keys("results/") {
			if strings.HasSuffix(key, "/"+id+".approval.json") {
				var err error
				if got, err = readOne[record.Approval](p.harness, key); err != nil {
					t.Fatal(err)
				}
				return true
			}
		}
		return false
	})
	if len(got.Rooms) != 1 || got.Rooms[0].Platform != platform || got.Rooms[0].Delivered != (code == "") || !strings.HasPrefix(got.Rooms[0].Code, code) {
		t.Errorf("got %+v, want the code %q", got.Rooms, code)
	}
}

// A room that cannot be reached delays nothing: the change is approved elsewhere, and
// the failure is on record.
func TestApprovalWhereTheRoomCannotBeReached(t *testing.T) {
	t.Parallel()
	everyPlatform(t, func(t *testing.T, platform string) {
		t.Helper()
		away := map[string][2]string{
			chat.DingTalk: {"cidnetwork==", "cidelsewhere=="}, chat.Feishu: {"oc_network", "oc_elsewhere"},
			chat.Slack: {"CNETWORK", "CELSEWHERE"}, chat.WeCom: {`"@approvers"`, "nobody"},
		}[platform]
		code := map[string]string{chat.DingTalk: "DingTalk.", chat.Feishu: "230002", chat.Slack: "Slack.channel_not_found", chat.WeCom: "81013"}[platform]
		p := openConversation(t, platform, func(o *localcloud.Options) {
			o.Policy = withRooms(strings.Replace(rooms()[platform], away[0], away[1], 1))
		})
		p.drop(t, "changes/office.yaml", office())
		p.says(t, "room not asked for approval")
		if n := len(p.bots()); n != 0 {
			t.Fatalf("the bot wrote %d messages", n)
		}
		waiting := p.say(chat.Jun, "status office-hangzhou")
		id := p.id(waiting)
		shown := p.say(chat.Jun, "approve "+id)
		p.say(chat.Jun, p.command(shown, "approve"))
		eventually(t, "the change is applied", func() bool {
			records, err := p.records()
			return err == nil && slices.ContainsFunc(records, func(r record.Record) bool { return r.ID == id && r.Status == change.Applied })
		})
		p.approvals(t, id, platform, code)
	})
}

// The outcome of a change is sent by the platform itself when nobody can be answered
// any more. A group with an AI bot of WeCom alone cannot be reached: that is noted.
func TestOutcomeWhenTheReplyAddressHasExpired(t *testing.T) {
	t.Parallel()
	everyPlatform(t, func(t *testing.T, platform string) {
		t.Helper()
		p := openConversation(t, platform, nil)
		if err := p.VPC().Busy(gatewayID, 1500*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		id := p.id(p.say(chat.Mei, "apply test port=1195"))
		p.Chat().ExpireReplies(platform)
		if platform == chat.WeCom {
			p.says(t, "answer given up")
			p.quiet(t)
			p.record(id, change.Applied)
			p.silent()
			return
		}
		outcome := p.card("the outcome", says(id, applied(platform)))
		// An answer on Feishu mentions nobody, and so does this.
		if platform != chat.Feishu && !slices.Contains(outcome.Mentions, account(platform, chat.Mei)) {
			t.Errorf("Mei is not mentioned: %+v", outcome)
		}
		p.quiet(t)
		p.record(id, change.Applied)
	})
}
