package logline_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/logline"
)

func render(attrs []slog.Attr) string {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey {
			return slog.Attr{}
		}
		return a
	}}))
	log.Info("m", logline.Any(attrs)...)
	return strings.TrimSpace(out.String())
}

func example(n int) change.Change {
	return change.Change{
		Request: change.Request{
			Target: change.Target{RegionID: "cn-hangzhou", ServerID: fmt.Sprintf("vss-%d", n)},
			Patch:  change.Patch{change.Port: change.Number(1195), change.Cipher: change.Text("none")}, Reason: "a reason", RequestedBy: "somebody",
		},
		ID: fmt.Sprintf("20261122-%d", n), Account: change.Account{Channel: "slack", Tenant: "T1", User: "U1"},
		Origin: change.Origin{Kind: change.FromChat, Actor: "slack:T1/U1", Person: "mei"}, Reply: []byte("a secret"),
	}
}

// TestALineNamesWhoAskedForWhat compares the whole of what is logged: nothing else of a
// change is.
func TestALineNamesWhoAskedForWhat(t *testing.T) {
	t.Parallel()
	c := example(1)
	const want = "person=mei channel=slack server=office server_id=vss-1 region=cn-hangzhou settings=Port,Cipher"
	if got := render(logline.Change(nil, c, "office")); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	c.Origin.Person, c.Account = "", change.Account{}
	if got := render(logline.Change(nil, c, "")); !strings.HasPrefix(got, "person=slack:T1/U1 channel=chat server=vss-1 server_id=vss-1") {
		t.Errorf("without a policy: %s", got)
	}
}

// TestALineOfManyChangesIsBounded has a document of 1,000 changes.
func TestALineOfManyChangesIsBounded(t *testing.T) {
	t.Parallel()
	var changes []change.Change
	for i := range 1000 {
		changes = append(changes, example(i))
	}
	got := render(logline.Changes(changes, func(t change.Target) string { return "of-" + t.ServerID }))
	if len(got) > 600 || !strings.Contains(got, "server=of-vss-0,of-vss-1,") || !strings.Contains(got, "region=cn-hangzhou settings=Port,Cipher") || strings.Contains(got, "vss-10") {
		t.Error(got)
	}
	if logline.Changes(nil, nil) != nil {
		t.Error("no changes have attributes")
	}
}
