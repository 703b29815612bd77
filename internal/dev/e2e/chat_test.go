package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// conversation is a harness with people in a chat room of one platform.
type conversation struct {
	*harness

	t        testing.TB
	platform string
	seen     int // bot's messages that were read
}

func openConversation(tb testing.TB, platform string, tune func(*localcloud.Options)) *conversation {
	tb.Helper()
	h := start(tb, func(o *localcloud.Options) {
		o.Policy = withRooms()
		if tune != nil {
			tune(o)
		}
	})
	return &conversation{harness: h, t: tb, platform: platform}
}

// say sends a command and returns what the bot answers, in the response or soon
// after.
func (p *conversation) say(person, text string) chat.Message {
	p.t.Helper()
	m, err := p.Chat().Say(p.t.Context(), p.platform, person, text)
	if err != nil {
		p.t.Fatal(err)
	}
	if m.Failed != "" {
		p.t.Fatalf("%s: %s could not be delivered: %s", p.platform, text, m.Failed)
	}
	return p.next(text)
}

// next waits for the bot's next message.
func (p *conversation) next(after string) chat.Message {
	p.t.Helper()
	var found chat.Message
	eventually(p.t, "the bot answers to "+after, func() bool {
		bots := p.bots()
		if len(bots) <= p.seen {
			return false
		}
		found = bots[p.seen]
		return true
	})
	p.seen++
	return found
}

func (p *conversation) bots() []chat.Message { return p.bot(p.platform) }

// bot lists what the bot has said in the room of a platform.
func (h *harness) bot(platform string) []chat.Message {
	return slices.DeleteFunc(h.Chat().Messages(platform, chat.Room), func(m chat.Message) bool { return m.Kind != chat.Bot })
}

// silent asserts that the bot has written nothing else.
func (p *conversation) silent() {
	p.t.Helper()
	p.quiet(p.t)
	if bots := p.bots(); len(bots) != p.seen {
		p.t.Errorf("the bot wrote %d messages more, the first: %s", len(bots)-p.seen, bots[p.seen].Text)
	}
}

// has asserts that a message says all of these.
func (p *conversation) has(m chat.Message, parts ...string) {
	p.t.Helper()
	for _, part := range parts {
		if !strings.Contains(said(m), part) {
			p.t.Errorf("%s: %q is not in:\n%s", p.platform, part, said(m))
		}
	}
}

// said is the text of a message as people read it: DingTalk shows some signs in
// their full-width form.
func said(m chat.Message) string {
	full := strings.NewReplacer("［", "[", "］", "]", "（", "(", "）", ")", "＿", "_", "＊", "*", "｀", "`", "＃", "#", "＞", ">", "＜", "<", "！", "!", "－", "-", "．", ".", "＝", "=")
	return full.Replace(m.Title + "\n" + m.Text)
}

var idForm = regexp.MustCompile(`[0-9]{8}-[a-z2-7]{26}`)

// id is the change that a message is about.
func (p *conversation) id(m chat.Message) string {
	p.t.Helper()
	id := idForm.FindString(said(m))
	if id == "" {
		p.t.Fatalf("%s: no change is named in:\n%s", p.platform, said(m))
	}
	return id
}

// command finds a command that a message offers, in a button or in its text.
func (p *conversation) command(m chat.Message, verb string) string {
	p.t.Helper()
	found := offered(m, verb)
	if found == "" {
		p.t.Fatalf("%s: no %s is offered in:\n%s\n%+v", p.platform, verb, said(m), m.Buttons)
	}
	return found
}

// offered is the command of a verb that a message offers, "" for none.
func offered(m chat.Message, verb string) string {
	for _, b := range m.Buttons {
		var value struct {
			Command string `json:"command"`
		}
		if json.Unmarshal([]byte(b.Command), &value) != nil { // Feishu hands the bot an object
			value.Command = b.Command
		}
		if strings.HasPrefix(value.Command, verb+" ") {
			return value.Command
		}
	}
	return regexp.MustCompile(verb + ` [0-9]{8}-[a-z2-7]{26}( [a-z2-7]{8})?`).FindString(said(m))
}

// click clicks the button for a command, where the platform has buttons, and
// types the command elsewhere.
func (p *conversation) click(person string, m chat.Message, verb string) chat.Message {
	p.t.Helper()
	line := p.command(m, verb)
	for _, b := range m.Buttons {
		if !strings.Contains(b.Command, line) {
			continue
		}
		if c, err := p.Chat().Click(p.t.Context(), m.ID, b.Label, person); err != nil || c.Failed != "" {
			p.t.Fatal(err, c.Failed)
		}
		return p.next("the click")
	}
	return p.say(person, line)
}

func (p *conversation) record(id string, want change.Status) record.Record {
	p.t.Helper()
	records, err := p.records()
	if err != nil {
		p.t.Fatal(err)
	}
	for _, r := range records {
		if r.ID == id {
			if r.Status != want {
				p.t.Fatalf("%s: %s ended as %s, want %s: %+v", p.platform, id, r.Status, want, r.Error)
			}
			return r
		}
	}
	p.t.Fatalf("%s: %s has no record", p.platform, id)
	return record.Record{}
}

// everyPlatform runs a story on each platform.
func everyPlatform(t *testing.T, story func(*testing.T, string)) {
	t.Helper()
	for _, platform := range chat.Platforms() {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			story(t, platform)
		})
	}
}

// A whole conversation: a plan, a change that another person approves while the
// gateway is updating, its outcome, and its rollback.
func TestChatConversation(t *testing.T) {
	t.Parallel()
	everyPlatform(t, func(t *testing.T, platform string) {
		t.Helper()
		p := openConversation(t, platform, nil)
		plan := p.say(chat.Mei, "plan office-hangzhou port=1195")
		p.has(plan, "office-hangzhou", "Port", "1194", "1195")

		asked := p.say(chat.Mei, `apply office-hangzhou port=1195 reason="hotels block 1194"`)
		id := p.id(asked)
		p.has(asked, "hotels block 1194", "Jun")
		approve := p.command(asked, "approve")
		no := map[bool]string{true: "may not approve", false: "按策略"}[platform == chat.Slack]
		p.has(p.say(chat.Mei, approve), no) // an operator is no approver
		p.has(p.say(chat.Mei2, approve), no)
		p.has(p.say(chat.Jun, "approve "+id), "1194", "1195") // shown, not approved
		p.quiet(t)
		if n := len(p.VPC().Calls("ModifySslVpnServer")); n != 0 {
			t.Fatalf("%d modifications were sent before anybody agreed", n)
		}
		if err := p.VPC().Busy("vpn-bp1e5g7j9l2n4q6s8u0w3", 300*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		p.has(p.click(chat.Jun, asked, "approve"), id, "Jun")
		outcome := p.next("the approval")
		p.has(outcome, id, "office-hangzhou", "1194", "1195", "Mei", "Jun")
		rec := p.record(id, change.Applied)
		if len(rec.Votes) != 1 || rec.Votes[0].Person != "Jun" || rec.Origin.Person != "Mei" || rec.Origin.Kind != change.FromChat {
			t.Errorf("the record says %+v, %+v", rec.Origin, rec.Votes)
		}
		if s, _ := p.VPC().Server(otherID); s.Port != 1195 {
			t.Errorf("the port is %d", s.Port)
		}

		undo := p.say(chat.Mei, p.command(outcome, "rollback"))
		p.has(undo, "1195", "1194")
		p.has(p.say(chat.Jun, p.command(undo, "reject")+" reason=no"), p.id(undo))
		refused := p.next("the rejection")
		p.has(refused, p.id(undo), "Jun")
		p.record(p.id(undo), change.Rejected)
		p.silent()
	})
}

// In Chinese, with full-width signs, on a server that needs no approvals.
func TestChatInChinese(t *testing.T) {
	t.Parallel()
	everyPlatform(t, func(t *testing.T, platform string) {
		t.Helper()
		p := openConversation(t, platform, nil)
		asked := p.say(chat.Mei, "变更　test　端口＝１１９５　原因＝“酒店封了 1194”")
		p.has(asked, "已加入 test 的队列", "1194", "1195")
		outcome := p.next("the change")
		p.has(outcome, p.id(asked), "已应用", "酒店封了 1194")
		p.has(p.say(chat.Mei, "历史 test"), p.id(asked))
		p.has(p.say(chat.Mei, "状态 test"), "1195")
		p.has(p.say(chat.Guest, "变更 test 端口=1196"), "策略中没有账号")
		p.has(p.say(chat.Mei, "变更 test 端口=443"), "443")
		p.has(p.say(chat.Mei, "aply test port=1195"), "apply")
	})
}

// Answers to commands that show no language are in the person's language in the
// policy, and so are outcomes.
func TestChatInThePersonsLanguage(t *testing.T) {
	t.Parallel()
	everyPlatform(t, func(t *testing.T, platform string) {
		t.Helper()
		tag, queued, applied := "en", "is queued for test", "was applied to test"
		if platform == chat.Slack { // where the usual language is English
			tag, queued, applied = "zh", "已加入 test 的队列", "已应用到 test"
		}
		h := start(t, func(o *localcloud.Options) {
			o.Policy = []byte(strings.ReplaceAll(string(withRooms()), "    accounts:", "    lang: "+tag+"\n    accounts:"))
		})
		p := &conversation{harness: h, t: t, platform: platform}
		p.has(p.say(chat.Mei, "apply test port=1195"), queued)
		p.has(p.next("the change"), applied)
	})
}

// A message that is delivered twice asks once. A request that is not the
// platform's is refused with the same answer for every reason.
func TestChatDeliveries(t *testing.T) {
	t.Parallel()
	everyPlatform(t, func(t *testing.T, platform string) {
		t.Helper()
		p := openConversation(t, platform, nil)
		m, err := p.Chat().Say(t.Context(), platform, chat.Mei, "apply test port=1195")
		if err != nil || m.Failed != "" {
			t.Fatal(err, m.Failed)
		}
		id := p.id(p.next("the change"))
		p.has(p.next("its end"), id)
		p.quiet(t)
		for _, how := range []chat.How{chat.Redelivered, chat.Replayed} {
			if x, err := p.Chat().Again(t.Context(), m.ID, how); err != nil || x.Status != 200 {
				t.Errorf("%s: %d, %v", how, x.Status, err)
			}
			p.quiet(t)
		}
		bodies := map[string]bool{}
		for _, how := range []chat.How{chat.Forged, chat.Expired} {
			x, err := p.Chat().Again(t.Context(), m.ID, how)
			if err != nil || x.Status != 401 {
				t.Errorf("%s: %d, %v", how, x.Status, err)
			}
			bodies[x.Answer] = true
		}
		// The signature is of another body: refused for that, or because the message
		// id was used with another body.
		x, err := p.Chat().Again(t.Context(), m.ID, chat.Tampered)
		if err != nil || platform != chat.DingTalk && x.Status != 401 {
			t.Errorf("tampered: %d, %v", x.Status, err)
		}
		if len(bodies) != 1 {
			t.Errorf("there are %d different refusals", len(bodies))
		}
		p.quiet(t)
		records, err := p.records()
		if err != nil || len(records) != 1 {
			t.Errorf("%d records, %v", len(records), err)
		}
		if n := len(p.VPC().Calls("ModifySslVpnServer")); n != 1 {
			t.Errorf("%d modifications were sent", n)
		}
	})
}

// The server changes between the plan and the approval, and between the
// approval and the change's turn.
func TestChatApprovalLapses(t *testing.T) {
	t.Parallel()
	p := openConversation(t, chat.Slack, nil)
	touch := func(port int) {
		t.Helper()
		if err := p.VPC().UpdateServer(otherID, func(s *vpc.Server) { s.Port = port }); err != nil {
			t.Fatal(err)
		}
	}
	asked := p.say(chat.Mei, "apply office-hangzhou port=1195")
	old := p.command(asked, "approve")
	touch(1300)
	again := p.say(chat.Jun, old)
	p.has(again, "1300", "1195")
	if err := p.VPC().Busy("vpn-bp1e5g7j9l2n4q6s8u0w3", time.Second); err != nil {
		t.Fatal(err)
	}
	fresh := p.command(again, "approve")
	if fresh == old {
		t.Fatal("the code did not change with the server")
	}
	p.say(chat.Jun, fresh)
	p.has(p.next("the approval"), p.id(asked))
	p.record(p.id(asked), change.Applied)
}

// An answer that cannot be delivered delays nothing, is retried, and is finally
// noted beside the record.
func TestChatIsAwayWhenAChangeEnds(t *testing.T) {
	t.Parallel()
	everyPlatform(t, func(t *testing.T, platform string) {
		t.Helper()
		p := openConversation(t, platform, nil)
		p.Chat().SetDown(platform, true)
		m, err := p.Chat().Say(t.Context(), platform, chat.Mei, "apply test port=1195")
		if err != nil || m.Failed != "" {
			t.Fatal(err, m.Failed)
		}
		var records []record.Record
		eventually(t, "the change has its record", func() bool {
			records, err = p.records()
			return err == nil && len(records) == 1
		})
		p.quiet(t)
		if keys := p.keys("outbox/"); len(keys) == 0 {
			t.Fatal("no notification is pending")
		}
		if keys := p.keys("queue/"); len(keys) != 0 {
			t.Errorf("still in line: %q", keys)
		}
		p.Chat().SetDown(platform, false)
		if err := p.settle(t.Context(), func() bool { return len(p.keys("outbox/")) == 0 }); err != nil {
			t.Fatal(err)
		}
		told := p.bots()
		if len(told) == 0 || !strings.Contains(said(told[len(told)-1]), records[0].ID) {
			t.Errorf("the bot said %d things", len(told))
		}
		if keys := p.keys("results/"); len(keys) != 2 {
			t.Errorf("beside the record: %q", keys)
		}
	})
}

// Nothing that lets anybody post or sign stays in the bucket or gets into the
// log.
func TestChatKeepsItsSecrets(t *testing.T) {
	t.Parallel()
	everyPlatform(t, func(t *testing.T, platform string) {
		t.Helper()
		p := openConversation(t, platform, nil)
		p.id(p.say(chat.Mei, "apply test port=1195"))
		p.next("its end")
		p.quiet(t)
		var secrets []string
		for _, x := range p.Chat().Exchanges() {
			if x.Incoming {
				secrets = append(secrets, addresses(x)...)
			}
		}
		for _, entry := range p.Chat().Env("") {
			_, value, _ := strings.Cut(entry, "=")
			for pair := range strings.SplitSeq(value, ";") {
				if key, secret, _ := strings.Cut(pair, "="); slices.Contains([]string{"secret", "encryptKey", "token", "appSecret", "aesKey", "botToken", "agentSecret", "group"}, key) {
					_, part, named := strings.Cut(secret, ":") // name:key
					if named {
						secret = part
					}
					secrets = append(secrets, secret)
				}
			}
		}
		if len(secrets) < 4 {
			t.Fatalf("only %d secrets are known", len(secrets))
		}
		everything := p.printed() + p.bucket(t)
		for _, s := range secrets {
			if strings.Contains(everything, s) {
				t.Errorf("%s is in the log or the bucket", s)
			}
		}
	})
}

// addresses are the parts of a request to a reply API that let anybody post.
func addresses(x chat.Exchange) []string {
	var out []string
	for _, form := range []string{`session=([^&\s]+)`, `response_code=([^&\s]+)`, `/commands/([^?\s]+)`, `Bearer (\S+)`} {
		for _, m := range regexp.MustCompile(form).FindAllStringSubmatch(x.URL+"\n"+strings.Join(x.Header, "\n"), -1) {
			out = append(out, m[1])
		}
	}
	return out
}

// bucket is the text of all objects.
func (p *conversation) bucket(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, key := range p.keys("") {
		data, err := p.read(key)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s\n%s\n", key, data)
	}
	return b.String()
}

// The deployed binary answers within the platforms' time limits, including the
// cold start.
func TestChatAnswersInTime(t *testing.T) {
	t.Parallel()
	everyPlatform(t, func(t *testing.T, platform string) {
		t.Helper()
		p := openConversation(t, platform, nil)
		ctx, cancel := context.WithTimeout(t.Context(), p.Chat().Limit(platform))
		defer cancel()
		m, err := p.Chat().Say(ctx, platform, chat.Mei, "plan test port=1195")
		if err != nil || m.Failed != "" {
			t.Error(err, m.Failed)
		}
	})
}

// A new instance claims a message while the preflight of the bucket runs. If the
// preflight fails, nothing else is written and nothing is reported as accepted.
func TestChatInABucketThatWasVersioned(t *testing.T) {
	t.Parallel()
	everyPlatform(t, func(t *testing.T, platform string) {
		t.Helper()
		p := openConversation(t, platform, nil)
		if err := p.OSS().SetVersioning(localcloud.Bucket, "Suspended"); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"apply test port=1195", "no command"} {
			m, err := p.Chat().Say(t.Context(), platform, chat.Mei, text)
			if err != nil {
				t.Fatal(err)
			}
			if platform == chat.Feishu && m.Failed != "503" {
				t.Errorf("%s: %q was answered: %+v", platform, text, m)
			}
		}
		p.quiet(t)
		for _, prefix := range []string{"queue/", "wake/", "outbox/", "lanes/", "results/"} {
			if keys := p.keys(prefix); len(keys) != 0 {
				t.Errorf("%s: below %s there is %q", platform, prefix, keys)
			}
		}
		if platform != chat.Feishu {
			p.has(p.bots()[0], map[bool]string{true: "could not be executed now", false: "暂时无法执行"}[platform == chat.Slack])
		}
		p.says(t, "never had versioning")
	})
}
