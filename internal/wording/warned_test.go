package wording_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
)

// A button that takes back a change says what that does to people, because it may do it
// at once.
func TestTakingBackAChangeWarns(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		changed change.Difference
		lang    lang.Tag
		warns   string
	}{
		"a port":          {change.Difference{Field: change.Port, From: change.Number(1194), To: change.Number(1195)}, lang.English, "disconnected"},
		"a port, Chinese": {change.Difference{Field: change.Port, From: change.Number(1194), To: change.Number(1195)}, lang.Chinese, "断开"},
		"a name":          {change.Difference{Field: change.Name, From: change.Text("a"), To: change.Text("b")}, lang.English, ""},
		"no encryption":   {change.Difference{Field: change.Cipher, From: change.Text("none"), To: change.Text("AES-256-CBC")}, lang.English, "encrypt"},
		"with encryption": {change.Difference{Field: change.Cipher, From: change.Text("AES-128-CBC"), To: change.Text("none")}, lang.English, "disconnected"},
	} {
		rec := record.Record{ID: "20261122-psfvgfo4zp", Status: change.Applied, Verified: true, Changed: []change.Difference{tt.changed}}
		w := wording.In(tt.lang)
		for _, text := range []chat.Text{w.Record(rec, "office"), w.HalfTime(rec, time.Unix(1, 0), "office")} {
			i := slices.IndexFunc(text.Next, func(n chat.Next) bool { return strings.HasPrefix(n.Command, "rollback ") })
			if i < 0 {
				t.Errorf("%s: nothing takes it back", name)
				continue
			}
			warns := text.Next[i].Warning
			if tt.warns == "" && warns != "" || !strings.Contains(warns, tt.warns) || name == "with encryption" && strings.Contains(warns, "encrypt") {
				t.Errorf("%s: it warns %q", name, warns)
			}
		}
	}
}
