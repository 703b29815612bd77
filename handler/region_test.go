package handler_test

import (
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

func TestAttackAnUnknownRegionIsRefusedByEveryChannel(t *testing.T) {
	t.Parallel()
	for _, region := range []string{"cn-nowhere-9", "oss-cn-hangzhou"} {
		rule := "region-unknown"
		if strings.HasPrefix(region, "oss") {
			rule = "region-format"
		}
		doc := "RegionId: " + region + "\nSslVpnServerId: vss-a\nPort: 1195\n"
		h := newTwoServers(t, "")
		got := map[string]string{}
		for _, path := range []string{"/v1/changes", "/v1/plans"} {
			got[path] = h.ask(post(path, doc), 422).Body
		}
		for _, verb := range []string{"plan", "apply"} {
			got[verb] = h.ask(says(verb+" "+region+"/vss-a port=1195"), 422).Body
		}
		for _, verb := range []string{"status", "history"} {
			got[verb] = h.ask(says(verb+" "+region+"/vss-a"), 422).Body
		}
		out, err := h.invoke(string(oss.EventJSON(h.upload("changes/a.yaml", doc))))
		if err != nil {
			t.Fatal(err)
		}
		got["file"] = out
		if out, err = h.invoke(tick("nightly", h.Clock.Now(), doc)); err != nil {
			t.Fatal(err)
		}
		got["timer"] = out
		for channel, text := range got {
			if !strings.Contains(text, rule) || !strings.Contains(text, region) {
				t.Errorf("%s by %s: %s", region, channel, text)
			}
			if rule == "region-unknown" && !strings.Contains(text, "VPC_REGIONS") {
				t.Errorf("%s by %s does not name the setting: %s", region, channel, text)
			}
		}
		if keys := h.Keys(t.Context(), "queue/"); len(keys) > 0 {
			t.Errorf("queued: %q", keys)
		}
		if n := len(h.VPC.Calls("")); n > 0 {
			t.Errorf("%d requests went to the API", n)
		}
	}
}

func TestRegionsThatTheSettingAdds(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, "")
	h.cfg.Regions = change.Regions{}.With("cn-nowhere-9")
	h.start()
	doc := "RegionId: cn-nowhere-9\nSslVpnServerId: vss-a\nPort: 1195\n"
	h.accepted(post("/v1/changes", doc))
	h.accepted(post("/v1/changes", strings.Replace(doc, "cn-nowhere-9", cloudtest.Region, 1)))
}
