package handler_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

func (h *harness) receipts(c call) []record.Receipt {
	h.t.Helper()
	var out struct{ Receipts []record.Receipt }
	decode(h.t, h.ask(c, 200).Body, &out)
	return out.Receipts
}

func TestReceiptsAreShownOverHTTP(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, strings.Replace(people, "grants:\n", "grants:\n  - {who: [bot], roles: [viewer], servers: [\"*\"]}\n  - {who: [night], roles: [operator], servers: [\"*\"]}\n", 1))
	const path = "changes/a b/文件@1.yaml"
	upload := func(key, text string) {
		ev := h.upload(key, text)
		h.deliver(string(oss.EventJSON(ev)))
		h.OSS.Advance(2 * time.Second)
	}
	upload(path, setPort)
	upload(path, "x: 1\n")
	upload("changes/a b/文件.yaml", strings.Replace(setPort, "1195", "1196", 1))
	upload("changes/a b/文件@1.yaml@x.yaml", strings.Replace(setPort, "1195", "1197", 1))
	c := receiptOf(path)
	got := h.receipts(c)
	if len(got) != 1 || got[0].File != path || got[0].Status != record.FileRejected || len(got[0].Problems) == 0 {
		t.Errorf("the newest receipt is %+v", got)
	}
	c.query["limit"] = "20"
	got = h.receipts(c)
	if len(got) != 2 || got[1].Status != record.FileAccepted || len(got[1].Changes) != 1 || got[0].File != path || got[1].File != path {
		t.Errorf("the receipts are %+v", got)
	}
	// An object of somebody else at the key of a receipt is none.
	if err := h.Store.Create(t.Context(), objects.ReceiptsOf(path)+"20270101T000000Z-X.json", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if got = h.receipts(c); len(got) != 2 {
		t.Errorf("the receipts are %+v", got)
	}
	for _, other := range []string{"changes/a b", "changes/none.yaml", "changes/a b/", "changes/../policy/policy.yaml", "changes/a b/文件", "changes/a b/文件@1.yaml@", "changes/%"} {
		h.problem(receiptOf(other), 404, "no-receipt")
	}
	for _, bad := range []string{"", "hotel.yaml", "policy/policy.yaml", "changes/", "changes", "/changes/a", "changes/" + strings.Repeat("x", 1020)} {
		h.problem(receiptOf(bad), 422, "invalid")
	}
	for _, limit := range []string{"0", "21", "-1", "x", "1e1"} {
		c.query["limit"] = limit
		h.problem(c, 422, "invalid")
	}
	h.problem(receiptOf(path).by(checker), 403, "forbidden") // may view one server
	h.problem(call{method: "POST", path: "/v1/receipts"}, 405, "method")
}
