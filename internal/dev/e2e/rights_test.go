package e2e_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

// ramPolicy is a policy of docs/policies.
type ramPolicy struct {
	Statement []struct {
		Effect   string   `json:"Effect"`
		Action   []string `json:"Action"`
		Resource []string `json:"Resource"`
	} `json:"Statement"`
}

func readPolicy(t *testing.T, name string) ramPolicy {
	t.Helper()
	text, err := os.ReadFile("../../../docs/policies/" + name)
	if err != nil {
		t.Fatal(err)
	}
	filled := strings.NewReplacer("CHANGE_BUCKET", localcloud.Bucket, "RECORD_BUCKET", localcloud.Bucket).Replace(string(text))
	var p ramPolicy
	if err := json.Unmarshal([]byte(filled), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// permits decides as RAM does: a denial wins, and without a permission the
// request is denied.
func (p ramPolicy) permits(action, bucket, key string) bool {
	name := strings.TrimSuffix(bucket+"/"+key, "/")
	allowed := false
	for _, s := range p.Statement {
		covers := slices.Contains(s.Action, action) && slices.ContainsFunc(s.Resource, func(r string) bool {
			r = r[strings.LastIndexByte(r, ':')+1:]
			if rest, ok := strings.CutPrefix(r, "*/"); ok { // of any bucket
				r = bucket + "/" + rest
			}
			prefix, open := strings.CutSuffix(r, "*")
			return name == r || open && strings.HasPrefix(name, prefix)
		})
		switch {
		case covers && s.Effect == "Deny":
			return false
		case covers:
			allowed = true
		}
	}
	return allowed
}

// action is RAM's name of the right to an operation; "" if the operation does
// not name its keys.
func action(op string) string {
	switch op {
	case "HeadObject", "GetObjectMeta":
		return "oss:GetObject"
	case "ListObjectsV2":
		return "oss:ListObjects"
	case "DeleteMultipleObjects":
		return ""
	default:
		return "oss:" + op
	}
}

// The deployed binary runs through every channel, and each request that it made
// is compared with the policy of its role, so that a missing right is found here.
func TestTheRoleHasTheRightsThatTheFunctionUses(t *testing.T) {
	t.Parallel()
	p := openConversation(t, chat.Slack, nil)
	asked := p.say(chat.Mei, "apply office-hangzhou port=1195")
	p.click(chat.Jun, asked, "approve")
	p.next("the approval")
	p.record(p.id(asked), change.Applied)
	p.drop(t, "changes/port.yaml", "RegionId: cn-hangzhou\nSslVpnServerId: "+serverID+"\nPort: 1196\n")
	if r, err := p.post(t.Context(), "msg_1", `{"RegionId":"cn-hangzhou","SslVpnServerId":"`+serverID+`","Port":1197}`); err != nil || r.status != 202 {
		t.Fatal(r, err)
	}
	p.quiet(t)
	p.OSS().Advance(pastLease)
	p.sweep(t)

	there := p.keys("")
	used := heldToRole(t, readPolicy(t, "function.json"), p.OSS().Requests(), there)
	for _, must := range []string{
		"GetObject policy", "GetObject changes", "PutObject queue", "DeleteObject queue", "PutObject outbox", "GetObject outbox",
		"DeleteObject outbox", "PutObject wake", "PutObject results", "GetObject results", "PutObject claims", "PutObject receipts",
	} {
		if !used[must] {
			t.Errorf("the story does not come to %s: it proves nothing of that", must)
		}
	}
	if !slices.ContainsFunc(there, func(key string) bool { return strings.HasSuffix(key, ".notice.json") }) {
		t.Error("no notice was written")
	}
	authors := readPolicy(t, "change-author.json")
	for _, key := range there {
		mine := strings.HasPrefix(key, "changes/")
		if authors.permits("oss:PutObject", localcloud.Bucket, key) != mine || authors.permits("oss:DeleteObject", localcloud.Bucket, key) {
			t.Errorf("authors may write to changes/ and nowhere else, and delete nothing; %s is not so", key)
		}
	}
}

// heldToRole reports each request that the role does not permit, and returns the
// requests as verbs and prefixes.
func heldToRole(t *testing.T, role ramPolicy, requests []oss.Request, there []string) map[string]bool {
	t.Helper()
	used := map[string]bool{}
	use := func(action, bucket, key string) {
		prefix, _, _ := strings.Cut(key, "/")
		used[strings.TrimPrefix(action, "oss:")+" "+prefix] = true
		if !role.permits(action, bucket, key) {
			t.Errorf("the function uses %s on %s/%s, and its role has no right to it", action, bucket, key)
		}
	}
	for _, q := range requests {
		if a := action(q.Op); a != "" {
			use(a, q.Bucket, q.Key)
		}
		// Objects that were created and do not exist any more were deleted by the
		// function.
		if q.Op == "PutObject" && q.Status == 200 && !slices.Contains(there, q.Key) {
			use("oss:DeleteObject", q.Bucket, q.Key)
		}
	}
	return used
}
