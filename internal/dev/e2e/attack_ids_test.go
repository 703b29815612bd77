package e2e_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// Two webhook-ids of the sender demo that share the first 50 bits of the SHA-256 of
// their identities, which ids consisted of before. One core found them in a minute.
func sharedIDs() [2]string { return [2]string{"msg_21152990", "msg_47532160"} }

func TestSharedIDsAreAPair(t *testing.T) {
	t.Parallel()
	var short, long []string
	for _, id := range sharedIDs() {
		identity := change.HTTPIdentity(localcloud.Sender, id)
		short, long = append(short, change.ShortDocumentID(identity)), append(long, change.DocumentID(identity))
	}
	if short[0] != short[1] || long[0] == long[1] {
		t.Errorf("the short ids are %q, the ids are %q", short, long)
	}
}

// portAndProto are two changes of one server.
func portAndProto() [2]string {
	return [2]string{portChange(1195), strings.Replace(portChange(0), "Port: 0", "Proto: TCP", 1)}
}

// ownRecords asserts that two changes have records of their own.
func (h *harness) ownRecords(t *testing.T, ids []string) {
	t.Helper()
	records, err := h.records()
	if err != nil || len(records) != 2 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for n, want := range sharedIDs() {
		at := slices.IndexFunc(records, func(r record.Record) bool { return r.Identity == change.HTTPIdentity(localcloud.Sender, want) })
		if at < 0 {
			t.Fatalf("%s has no record", want)
		}
		if r := records[at]; r.ID != ids[n] || r.Status != change.Applied || len(r.Changed) != 1 || string(r.Changed[0].Field) != []string{"Port", "Proto"}[n] {
			t.Errorf("the record of %s: %s %s, changed %+v", want, r.ID, r.Status, r.Changed)
		}
	}
	if s, _ := h.VPC().Server(serverID); s.Port != 1195 || s.Proto != "TCP" {
		t.Errorf("the server has %s and %d", s.Proto, s.Port)
	}
}

// accepts posts a change and returns its id.
func (h *harness) accepts(t *testing.T, id, body string) string {
	t.Helper()
	a := h.gets(t, http.MethodPost, "/v1/changes", id, body)
	found := regexp.MustCompile(`[0-9]{8}-[a-z2-7]{10,26}`).FindString(a.body)
	if a.status != http.StatusAccepted && a.status != http.StatusOK || found == "" {
		t.Fatalf("answered %d %s", a.status, a.body)
	}
	return found
}

// Two documents whose ids were one are two changes, whether they wait together or
// come one after the other.
func TestAttackTwoDocumentsWithOneShortID(t *testing.T) {
	t.Parallel()
	for name, together := range map[string]bool{"together": true, "one after the other": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := start(t, func(o *localcloud.Options) { o.Env = []string{"WAIT_BUDGET=10s"} })
			if together {
				if err := h.VPC().UpdateGateway(gatewayID, func(g *vpc.Gateway) { g.Status = "updating" }); err != nil {
					t.Fatal(err)
				}
			}
			var ids []string
			for n, id := range sharedIDs() {
				ids = append(ids, h.accepts(t, id, portAndProto()[n]))
				if !together {
					h.quiet(t)
				}
			}
			if err := h.VPC().UpdateGateway(gatewayID, func(g *vpc.Gateway) { g.Status = "" }); err != nil {
				t.Fatal(err)
			}
			eventually(t, "both are recorded", func() bool { h.sweep(t); return len(h.keys("results/")) == 2 })
			if ids[0] == ids[1] {
				t.Errorf("both are %s", ids[0])
			}
			h.ownRecords(t, ids)
			if n := h.VPC().Snapshot().Effective; !together && n != 2 {
				t.Errorf("%d modifications", n)
			}
		})
	}
}

// The same of two ClientTokens, which a sender chooses as well.
func TestAttackTwoTokensWithOneShortID(t *testing.T) {
	t.Parallel()
	target := change.Target{RegionID: region, ServerID: serverID}
	h := start(t, nil)
	var short []string
	for n, token := range []string{"token-7890830", "token-15717864"} {
		identity := change.SenderTokenIdentity("http "+localcloud.Sender, target, token)
		short = append(short, change.ShortDocumentID(identity))
		id := h.accepts(t, "msg-"+token, strings.Replace(portAndProto()[n], "RegionId", "ClientToken: "+token+", RegionId", 1))
		h.quiet(t)
		records, err := h.records()
		if err != nil || !slices.ContainsFunc(records, func(r record.Record) bool { return r.ID == id && r.Identity == identity && len(r.Changed) == 1 }) {
			t.Errorf("%s of %s has no record of its own: %+v, %v", id, identity, records, err)
		}
	}
	if short[0] != short[1] || len(h.keys("results/")) != 2 || h.VPC().Snapshot().Effective != 2 {
		t.Errorf("short ids %q, recorded %q, %d modifications", short, h.keys("results/"), h.VPC().Snapshot().Effective)
	}
}

// An earlier version gave a document a short id, under which it ended. The other
// document with that id is another change, and so is the first one delivered again
// still the same.
func TestAttackAShortIDOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	pair := sharedIDs()
	first := h.accepts(t, pair[0], portAndProto()[0])
	eventually(t, "the first is recorded", func() bool { return len(h.keys("results/")) == 1 })
	h.quiet(t)
	long := strings.SplitN(first, "-", 2)[1]
	for _, key := range append(h.keys("results/"), h.keys("claims/")...) {
		data, err := h.read(key)
		if err != nil {
			t.Fatal(err)
		}
		data = bytes.ReplaceAll(bytes.ReplaceAll(data, []byte(`,"document":"`+long+`"`), nil), []byte(long), []byte(long[:10]))
		if err := os.Remove(filepath.Join(h.BucketDir(), filepath.FromSlash(key))); err != nil {
			t.Fatal(err)
		}
		h.drop(t, strings.ReplaceAll(key, long, long[:10]), string(data))
	}
	short := strings.ReplaceAll(first, long, long[:10])
	second := h.accepts(t, pair[1], portAndProto()[1])
	if again := h.accepts(t, pair[0], portAndProto()[0]); again != short || second == short {
		t.Errorf("the first is %s, again %s, the second %s", short, again, second)
	}
	h.quiet(t)
	h.ownRecords(t, []string{short, second})
	if n := h.VPC().Snapshot().Effective; n != 2 {
		t.Errorf("%d modifications", n)
	}
}
