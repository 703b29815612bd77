package e2e_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// misleading are documents that say more than they show, or something else than
// they seem to, with the rule that refuses them and what the answer names.
func misleading() map[string]struct{ text, rule, names string } {
	change := single(1195)
	out := map[string]struct{ text, rule, names string }{
		"a line in a comment, U+2028":   {change + "# was\u2028Proto: TCP\n", "encoding", "U+2028"},
		"a line in a comment, U+2029":   {change + "# was\u2029Proto: TCP\n", "encoding", "U+2029"},
		"a line in a comment, U+0085":   {change + "# was\u0085Proto: TCP\n", "encoding", "U+0085"},
		"a line in a comment, CR":       {change + "# was\rProto: TCP\n", "encoding", "U+000D"},
		"a direction":                   {"reason: \"\u202egnp.exe\"\n" + change, "encoding", "U+202E"},
		"a character of no width":       {"reason: of\u200bfice\n" + change, "encoding", "U+200B"},
		"a region of OSS":               {strings.Replace(change, "cn-hangzhou", "oss-cn-hangzhou", 1), "region-format", "oss-cn-hangzhou"},
		"a region that does not exist":  {strings.Replace(change, "cn-hangzhou", "cn-nowhere-9", 1), "region-unknown", "cn-nowhere-9"},
		"a region that is a host":       {strings.Replace(change, "cn-hangzhou", "cn-hangzhou.example.com", 1), "region-format", "RegionId"},
		"a region that is an address":   {strings.Replace(change, "cn-hangzhou", "'169.254.169.254/latest'", 1), "region-format", "RegionId"},
		"a reference that is a comment": {"ref: #1042\n" + change, "", "comment"},
		"a name that a comment cuts":    {strings.Replace(change, "Port: 1195", "Name: vpn #1", 1), "", "#"},
		"a full-width colon":            {strings.Replace(change, "Port:", "Port：", 1), "", "full-width"},
		"a directive":                   {"%TAG ! tag:example.com,2000:\n---\n" + change, "yaml-directive", ""},
	}
	return out
}

// Such documents are refused by files and by requests, and nothing is sent to the
// API for them.
func TestAttackDocumentsThatMislead(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, nil)
	n := 0
	for name, d := range misleading() {
		n++
		key := "changes/" + strconv.Itoa(n) + ".yaml"
		a.drop(t, key, d.text)
		for _, path := range []string{"/v1/changes", "/v1/plans"} {
			got := a.do(a.signed("bot", "POST", path, "misleading-"+strconv.Itoa(n)+strings.ReplaceAll(path, "/", "_"), d.text))
			if got.status != http.StatusUnprocessableEntity && got.status != http.StatusBadRequest || !strings.Contains(got.body, d.rule) || !strings.Contains(got.body, d.names) {
				t.Errorf("%s, %s: answered %d %s", name, path, got.status, got.body)
			}
		}
	}
	a.quiet(t)
	receipts, err := a.receipts()
	if err != nil || len(receipts) != n {
		t.Errorf("%d receipts for %d files, %v", len(receipts), n, err)
	}
	for _, r := range receipts {
		if r.Status != record.FileRejected || len(r.Problems) == 0 {
			t.Errorf("%s: %s, %+v", r.File, r.Status, r.Problems)
		}
	}
	for i, line := range []string{
		"status oss-cn-hangzhou/vss-a", "apply oss-cn-hangzhou/vss-a port=1195", "plan cn-nowhere-9/vss-a port=1195",
		"apply test port=1195\u2028proto=TCP", "apply test port=1195 reason=\"\u202egnp.exe\"",
	} {
		if got := a.ask("bot", "line-"+strconv.Itoa(i), line); got.status != http.StatusUnprocessableEntity && got.status != http.StatusBadRequest {
			t.Errorf("%s: answered %d %s", line, got.status, got.body)
		}
	}
	a.queued(0)
	if calls := a.VPC().Calls(""); len(calls) > 0 {
		t.Errorf("requests to the API: %+v", calls)
	}
}

// Whoever is to approve a change is shown when it goes, and what they approve
// covers it.
func TestAttackAnApprovalOfAnotherTime(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, nil)
	noon := time.Now().UTC().Truncate(24 * time.Hour).Add(60 * time.Hour) // the same day in most zones
	now := a.ask("bot", "now", "apply office port=1195")
	later := a.ask("bot", "later", "apply office port=1195 at="+noon.Format(time.RFC3339))
	shown, shownNow := a.ask("checker", "show", "approve "+later.Change.ID), a.ask("checker", "show-now", "approve "+now.Change.ID)
	if !shown.Change.DueAt.Equal(noon) || !strings.Contains(shown.Text, noon.Format("2006-01-02")) {
		t.Errorf("the approver is shown %s", shown.body)
	}
	if shown.Plan.Code == "" || shown.Plan.Code == shownNow.Plan.Code {
		t.Errorf("the codes are %q and %q", shown.Plan.Code, shownNow.Plan.Code)
	}
	if got := a.ask("checker", "other", "approve "+later.Change.ID+" "+shownNow.Plan.Code); got.status != http.StatusUnprocessableEntity || len(got.Problems) != 1 || got.Problems[0].Rule != "approval-code" {
		t.Errorf("with the code of the other: answered %d %s", got.status, got.body)
	}
	for name, f := range chattest.Fixtures() {
		for n, form := range f.Forms {
			if form.Read == nil {
				continue
			}
			got, err := form.Read(responseOf(a.do(of(name, form.Request(message(n+1, "status "+later.Change.ID))))))
			if text := strings.Join(got.Texts, "\n"); err != nil || !strings.Contains(strings.ReplaceAll(text, "－", "-"), noon.Format("2006-01-02")) {
				t.Errorf("%s, %s: shown is %q, %v", name, form.Name, text, err)
			}
		}
	}
}

// What a button sends is shown before it is sent, on every platform, with the time
// and the reason that it carries.
func TestAttackAButtonThatSendsMoreThanItShows(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, nil)
	at := time.Now().UTC().Add(48 * time.Hour).Format(time.RFC3339)
	buttons := 0
	for name, f := range chattest.Fixtures() {
		for n, form := range f.Forms {
			if form.Read == nil {
				continue
			}
			got, err := form.Read(responseOf(a.do(of(name, form.Request(message(n+1, `plan test port=1195 at=`+at+` reason="because of the hotel"`))))))
			if err != nil {
				t.Errorf("%s, %s: %v", name, form.Name, err)
			}
			for i, command := range got.Commands {
				buttons++
				for word := range strings.FieldsSeq(strings.NewReplacer(`"`, " ", "=", " ").Replace(command)) {
					if !strings.Contains(plainSigns(got.Says[i]), word) {
						t.Errorf("%s, %s: %q is sent, and %q is shown", name, form.Name, command, got.Says[i])
					}
				}
			}
		}
	}
	if buttons == 0 {
		t.Error("there are no buttons")
	}
	if n := len(a.VPC().Calls(vpc.ModifySslVpnServer)); n != 0 {
		t.Errorf("%d modifications", n)
	}
}

// plainSigns replaces the full-width signs that DingTalk is sent.
func plainSigns(s string) string {
	return strings.NewReplacer("－", "-", "．", ".", "＝", "=", "：", ":", "＿", "_").Replace(s)
}
