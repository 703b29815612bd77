package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// tested is a policy with a rule of each kind.
const tested = `people:
- {name: mei, accounts: [{door: http, user: mei}]}
- {name: li.si, accounts: [{door: http, user: li}]}
- {name: wang.wu, accounts: [{door: http, user: wang}]}
- {name: and, accounts: [{door: http, user: and}]}
servers:
- {name: office-hangzhou, RegionId: cn-hangzhou, SslVpnServerId: vss-a}
- {name: office-beijing, RegionId: cn-beijing, SslVpnServerId: vss-b}
- {name: prod-1, RegionId: cn-beijing, SslVpnServerId: vss-c}
grants:
- {who: ["*"], roles: [viewer], servers: ["office-*"]}
- {who: [mei], roles: [operator], servers: ["office-*"], settings: [Port, Cipher]}
- {who: [li.si], roles: [approver], servers: ["*"], settings: [Port, Name]}
- {who: [wang.wu], roles: [admin], servers: ["*"]}
approvals:
- {servers: ["office-*"], settings: [Port], need: 1}
- {servers: [office-beijing], settings: [Port], need: 2}
guards:
- {servers: ["office-*"], settings: [Port], maxConnected: 20, otherwise: refuse}
- {servers: ["office-*"], settings: [Port], maxConnected: 5, otherwise: approval}
confirmations:
- {servers: ["office-*"], settings: [Port], for: 10m, proof: true}
- {servers: [office-beijing], settings: [Port], for: 20m}
- {servers: [prod-1], settings: [Port], for: 30m}
windows:
- {name: nights, servers: ["office-*"], settings: [Port], timeZone: Asia/Shanghai, open: [{days: [mon], from: "22:00", to: "06:00"}], lastStart: 15m}
- {name: days, servers: [office-beijing], settings: [Port], timeZone: Asia/Shanghai, also: [2026-12-01]}
freezes:
- {name: double-eleven, servers: ["office-*"], timeZone: Asia/Shanghai, from: 2026-11-10T00:00, until: 2026-11-12T12:00, override: {need: 2}}
- {name: hard, servers: ["*"], timeZone: Asia/Shanghai, from: 2026-10-01T00:00, until: 2026-10-08T00:00}
tests:
`

// firstTest is the line of the first test.
const firstTest = 32

func withTests(tests ...string) string {
	var out strings.Builder
	out.WriteString(tested)
	for _, t := range tests {
		fmt.Fprintf(&out, "- %q\n", t)
	}
	return out.String()
}

// judgments are tests of that policy, and whether they hold.
func judgments() map[string]bool {
	return map[string]bool{
		"everybody may view office-*":                            true,
		"everybody may view *":                                   false,
		"everybody may view prod-1":                              false,
		"nobody may view prod-1":                                 false,
		"mei may view office-hangzhou":                           true,
		"mei may view vss-a":                                     true,
		"mei may view cn-hangzhou/vss-a":                         true,
		"mei may view cn-hangzhou/*":                             true,
		"mei may view cn-beijing/*":                              false,
		"mei may not view prod-1":                                true,
		"mei and li.si may view OFFICE-hangzhou, office-beijing": true,
		"only li.si, wang.wu may view prod-1":                    true,
		"only wang.wu may view prod-1":                           false,
		"only li.si, wang.wu, and mei may view prod-1":           false,
		"mei may apply Port to office-*":                         true,
		"mei may apply port, cipher to office-*":                 true,
		"mei may apply port=1195 and cipher=none to office-*":    true,
		"mei may apply 端口=1195 to office-*":                      true,
		"mei may apply port, proto to office-*":                  false,
		"mei may not apply port or proto to office-*":            false,
		"mei may not apply proto, mfa, IDaaS* to office-*":       true,
		"mei may apply anything to office-*":                     false,
		"mei may not apply anything to office-*":                 false,
		"mei may not apply anything to prod-1":                   true,
		"mei may not apply anything to prod-1 and office-*":      false,
		"mei may apply port to *":                                false,
		"wang.wu may apply anything to *":                        true,
		"wang.wu may apply anything to cn-shanghai/vss-other":    true,
		"li.si may view cn-shanghai/vss-other":                   true,
		"mei may not view cn-shanghai/vss-other":                 true,
		"only wang.wu may apply name to *":                       true,
		"only wang.wu may apply port to *":                       false,
		"nobody may apply name to prod-1":                        false,
		"li.si may approve port of *":                            true,
		"li.si may not approve proto of *":                       true,
		"li.si may approve anything of *":                        false,
		"only li.si and wang.wu may approve port, name of *":     true,
		"only wang.wu may cancel anything of *":                  true,
		"li.si may cancel port of *":                             false,
		"nobody may cancel port of office-beijing":               false,
		"and may view office-beijing":                            true,
		"and, mei and and may view office-beijing":               true,

		"port of office-hangzhou needs 1":           true,
		"port of office-hangzhou needs 1 approval":  true,
		"port of office-hangzhou needs 1 approvals": true,
		"port of office-hangzhou needs 2":           false,
		"port of office-hangzhou needs 0":           false,
		"port of office-* needs 1":                  false,
		"port of office-beijing needs 2":            true,
		"proto of * needs 0":                        true,
		"anything of prod-1 needs 0":                true,
		"anything of office-hangzhou needs 0":       false,

		"port of office-* needs 2 to override double-eleven": true,
		"name of office-* needs 2 to override Double-Eleven": true,
		"port of office-* needs 1 to override double-eleven": false,
		"port of prod-1 needs 2 to override double-eleven":   false,
		"port of prod-1 needs 0 to override hard":            false,
		"mei may override double-eleven on office-*":         true,
		"li.si may override double-eleven on office-*":       false,
		"nobody may override double-eleven on office-*":      false,
		"nobody may override double-eleven on prod-1":        false,
		"wang.wu may override double-eleven on prod-1":       false,
		"nobody may override hard on *":                      true,
		"wang.wu may override hard on *":                     false,
		"only wang.wu may override hard on *":                false,
		"mei may not override hard on *":                     true,

		"port of office-hangzhou waits for window nights":          true,
		"port of office-hangzhou waits for window NIGHTS":          true,
		"port of office-hangzhou waits for no window":              false,
		"port of office-hangzhou waits for window days":            false,
		"port of office-beijing waits for window nights":           false,
		"port of office-beijing waits for windows nights and days": true,
		"port of office-* waits for window nights":                 false,
		"proto of * waits for no window":                           true,

		"port of office-* is open at 2026-11-30T22:00+08:00":                                                    true,
		"port of office-* is open at 2026-11-30T14:00:00Z":                                                      true,
		"port of office-* is closed at 2026-11-30T21:59:59+08:00":                                               true,
		"port of office-* is open at 2026-11-30T21:59:59+08:00":                                                 false,
		"port of office-hangzhou is closed at 2026-12-01T05:45Z":                                                true,
		"port of office-hangzhou is closed at 2026-12-01T05:45Z ":                                               true,
		"port of office-hangzhou is open at 2026-12-01T05:44+08:00":                                             true,
		"port of office-hangzhou is open at 2026-12-01T05:45+08:00":                                             false,
		"port of office-beijing is open at 2026-12-01T12:00+08:00":                                              true,
		"port of office-* is closed at 2026-12-01T12:00+08:00":                                                  false,
		"proto of * is open at 2026-12-01T12:00+08:00":                                                          true,
		"proto of office-* is closed at 2026-11-11T12:00+08:00":                                                 true,
		"proto of * is closed at 2026-11-11T12:00+08:00":                                                        false,
		"anything of * is closed at 2026-10-07T23:59+08:00":                                                     true,
		"port of office-* is open at 2026-11-30T22:00+08:00, 2026-11-30T23:00+08:00 and 2026-12-01T05:00+08:00": true,
		"port of office-* is open at 2026-11-30T22:00+08:00, 2026-11-30T21:00+08:00":                            false,
		"port of office-* is closed at 2026-11-30T22:00+08:00, 2026-11-30T21:00+08:00":                          false,
		"anything of * is closed at 2026-10-08T00:00+08:00":                                                     false,

		"port of office-* is confirmed within 10m with proof": true,
		"port of office-* is confirmed within 10m":            false,
		"port of office-* is confirmed within 20m with proof": false,
		"port of prod-1 is confirmed within 30m":              true,
		"port of prod-1 is confirmed within 30m with proof":   false,
		"proto of * is not confirmed":                         true,
		"port of prod-1 is not confirmed":                     false,

		"port of office-* is refused above 20 clients":        true,
		"port of office-* is refused above 19 clients":        false,
		"port of office-* is not refused above 19 clients":    true,
		"port of office-* is not refused above 20 clients":    false,
		"port of office-* is not refused above 10000 clients": false,
		"port of prod-1 is not refused above 10000 clients":   true,
		"port of office-* needs 1 more above 5 clients":       true,
		"port of office-* needs 1 more above 4 clients":       false,
		"port of office-* needs 0 more above 4 clients":       true,
		"port of office-* needs 0 more above 5 clients":       false,
		"proto of * needs 0 more above 10000 clients":         true,
		"proto of * needs 1 more above 0 clients":             false,
	}
}

func TestTestsHoldOrFail(t *testing.T) {
	t.Parallel()
	for text, holds := range judgments() {
		p, problems := policy.Parse([]byte(withTests(text)), document.YAML)
		if holds && (p == nil || p.Tests() != 1) {
			t.Errorf("%q should hold: %v", text, problems)
		}
		if !holds && (p != nil || len(problems) != 1 || problems[0].Rule != policy.RuleTestFailed || problems[0].Path != "tests[0]" || problems[0].Line != firstTest || !strings.Contains(problems[0].Message, text) || problems[0].Hint == "") {
			t.Errorf("%q should fail: %v", text, problems)
		}
	}
}

// refusedTests are texts that are no tests of that policy, with the rule that they break
// and a part of the message or of the hint.
func refusedTests() map[string][2]string {
	syntax := policy.RuleTestSyntax
	return map[string][2]string{
		"":                                              {syntax, "empty"},
		"   ":                                           {syntax, "empty"},
		",":                                             {syntax, "empty"},
		"mei":                                           {syntax, `may or of is expected after "mei", and the test ends`},
		"mei may":                                       {syntax, `after "mei may"`},
		"mei my view *":                                 {syntax, "the nearest is may"},
		"mei may veiw *":                                {syntax, "the nearest is view"},
		"mei may delete *":                              {syntax, "view, apply, approve, cancel, override"},
		"mei may view":                                  {syntax, "a server is expected"},
		"mei may view *,":                               {syntax, "a server is expected"},
		"mei may view * now":                            {syntax, `"now"`},
		"mei may view * . ":                             {syntax, "one statement"},
		"mei, may view *":                               {syntax, `after "mei, may"`},
		"mei may not not view *":                        {syntax, `"not"`},
		"only mei may not view *":                       {syntax, "two ways"},
		"everybody may not view *":                      {syntax, "two ways"},
		"nobody may not view *":                         {syntax, "two ways"},
		"mei and nobody may view *":                     {syntax, "alone"},
		"only everybody may view *":                     {syntax, "alone"},
		"only port of prod-1 needs 0":                   {syntax, "may is expected"},
		"Everybody may view *":                          {policy.RulePersonUnknown, "the nearest is everybody"},
		"Mei may view *":                                {policy.RulePersonUnknown, "the nearest is mei"},
		"lisi may view *":                               {policy.RulePersonUnknown, "the nearest is li.si"},
		"root may view *":                               {policy.RulePersonUnknown, "below people"},
		"mei\u00a0may view *":                           {syntax, `mei\u00a0may`},
		"mei may apply to *":                            {change.RuleUnknownSetting, `"to"`},
		"mei may apply prot to *":                       {change.RuleUnknownSetting, "the nearest is "},
		"mei may apply X* to *":                         {change.RuleUnknownSetting, "anything"},
		"mei may apply port=0 to *":                     {policy.RuleTestValue, "1 to 65535"},
		"mei may apply port=443 to *":                   {policy.RuleTestValue, "reserved"},
		"mei may apply port= to *":                      {syntax, "such as port=1195"},
		"mei may apply mfa=maybe to *":                  {policy.RuleTestValue, "neither true nor false"},
		"mei may apply cipher=AES-256-GCM to *":         {policy.RuleTestValue, "AES-256-CBC"},
		"mei may apply reason=x to *":                   {change.RuleUnknownSetting, `"reason"`},
		"mei may apply expect.port=1 to *":              {change.RuleUnknownSetting, `"expect.port"`},
		"mei may apply anything=1 to *":                 {change.RuleUnknownSetting, `"anything"`},
		"mei may apply port on *":                       {syntax, "to is expected"},
		"mei may approve port to *":                     {syntax, "of is expected"},
		"mei may view ofice-beijing":                    {policy.RuleServerUnknown, "office-beijing"},
		"mei may view lab-*":                            {policy.RuleServerUnknown, "could not fail"},
		"mei may view vss-zz":                           {policy.RuleServerUnknown, "region/id"},
		"mei may view cn-shanghai/*":                    {policy.RuleServerUnknown, "region/id"},
		"mei may view cn-shanghai/vpn-1":                {policy.RuleServerUnknown, "region/id"},
		"mei may view [a]":                              {policy.RuleServerPattern, "pattern such as"},
		"mei may override hrad on *":                    {policy.RuleTestWindow, "the nearest is hard"},
		"mei may override hard of *":                    {syntax, "on is expected"},
		"port of prod-1":                                {syntax, "needs, waits for, is"},
		"port of prod-1 neds 1":                         {syntax, "the nearest is needs"},
		"port of prod-1 needs":                          {syntax, "0 to 10"},
		"port of prod-1 needs one":                      {syntax, "0 to 10"},
		"port of prod-1 needs -1":                       {syntax, "0 to 10"},
		"port of prod-1 needs +1":                       {syntax, "0 to 10"},
		"port of prod-1 needs 01":                       {syntax, "0 to 10"},
		"port of prod-1 needs 11":                       {syntax, "0 to 10"},
		"port of prod-1 needs 2 more above 5 clients":   {syntax, "1 more, or 0 more"},
		"port of prod-1 needs 1 more above 5":           {syntax, "clients is expected"},
		"port of prod-1 needs 1 to override night":      {policy.RuleTestWindow, "freezes"},
		"port of prod-1 waits for night":                {syntax, "window or no window"},
		"port of prod-1 waits for window night":         {policy.RuleTestWindow, "the nearest is nights"},
		"port of prod-1 waits for window":               {syntax, "name of a window"},
		"port of prod-1 is":                             {syntax, "open at"},
		"port of prod-1 is not":                         {syntax, "confirmed or refused"},
		"port of prod-1 is open at":                     {syntax, "offset"},
		"port of prod-1 is open at noon":                {syntax, "offset"},
		"port of prod-1 is open at 2026-11-30T22:00":    {syntax, "offset"},
		"port of prod-1 is open at 1969-11-30T22:00Z":   {syntax, "offset"},
		"port of prod-1 is confirmed within 10":         {syntax, "1m to 24h"},
		"port of prod-1 is confirmed within 59s":        {syntax, "1m to 24h"},
		"port of prod-1 is confirmed within 25h":        {syntax, "1m to 24h"},
		"port of prod-1 is refused above 10001 clients": {syntax, "0 to 10000"},
		"port and of prod-1 needs 1":                    {syntax, "may or of"},
		strings.Repeat("x", 301):                        {syntax, "300 characters"},
	}
}

func TestTestsThatAreNone(t *testing.T) {
	t.Parallel()
	for text, want := range refusedTests() {
		p, problems := policy.Parse([]byte(withTests(text)), document.YAML)
		if p != nil || len(problems) != 1 || problems[0].Rule != want[0] || problems[0].Path != "tests[0]" || problems[0].Line != firstTest ||
			!strings.Contains(problems[0].Message+problems[0].Hint, want[1]) || problems[0].Hint == "" {
			t.Errorf("%q: %q, want %q", text, problems, want)
		}
	}
}

// A person whose name is a word of tests cannot be meant.
func TestTestsAreNotAboutPeopleWhoAreWords(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"nobody", "everybody", "only"} {
		text := strings.Replace(withTests(name+" may view office-*"), "{name: and,", "{name: "+name+",", 1)
		if name == "only" {
			text = strings.Replace(text, "only may", "mei, only may", 1)
		}
		if _, problems := policy.Parse([]byte(text), document.YAML); len(problems) != 1 || problems[0].Rule != policy.RuleTestSyntax || !strings.Contains(problems[0].Message, name) {
			t.Errorf("%s: %v", name, problems)
		}
	}
	if _, problems := policy.Parse([]byte("people: []\ngrants: []\n"+office+"tests: [nobody may view office]\n"), document.YAML); len(problems) != 1 || !strings.Contains(problems[0].Message, "cannot fail") {
		t.Errorf("without people: %v", problems)
	}
}

// What the policy says names the people, the rule and the way out.
func TestFailedTestsSayWhatThePolicySays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"mei may not apply cipher to office-*":                "mei may apply Cipher to office-hangzhou, by grants[1] (and 1 more) [test-failed]: narrow grants[1], or correct the test",
		"mei may not view office-hangzhou":                    "mei may view office-hangzhou, by grants[0], grants[1] [test-failed]: narrow grants[0], grants[1]",
		"li.si may approve proto of prod-1":                   "li.si may not approve Proto of prod-1; wang.wu may [test-failed]: have the role approver granted to li.si",
		"mei may apply port to prod-1":                        "mei may not apply Port to prod-1; wang.wu may [test-failed]: have the role operator granted",
		"port of office-beijing needs 1":                      "Port of office-beijing needs 2, by approvals[1] [test-failed]: correct approvals",
		"port of prod-1 needs 1":                              "Port of prod-1 needs no approval [test-failed]",
		"port of office-beijing waits for no window":          "Port of office-beijing waits for window nights or days [test-failed]: correct windows",
		"name of prod-1 waits for window days":                "Name of prod-1 waits for no window",
		"port of prod-1 is closed at 2026-11-30T12:00Z":       "Port of prod-1 is open at 2026-11-30T12:00:00Z [test-failed]: correct windows and freezes",
		"port of prod-1 is open at 2026-10-02T12:00Z":         "Port of prod-1 is closed at 2026-10-02T12:00:00Z: the freeze hard is in force",
		"port of office-beijing is open at 2026-11-29T12:00Z": "is closed at 2026-11-29T12:00:00Z: the windows nights, days are closed",
		"port of office-beijing is not confirmed":             "is confirmed within 10m with proof, by confirmations[0], confirmations[1] [test-failed]: correct confirmations",
		"name of office-beijing is confirmed within 10m":      "is not confirmed [test-failed]",
		"port of office-beijing is refused above 3 clients":   "is refused above 20 clients, by guards[0] [test-failed]: correct guards",
		"name of office-beijing is refused above 3 clients":   "has no such guard",
		"port of office-beijing needs 0 more above 9 clients": "needs 1 more above 5 clients, by guards[1]",
		"nobody may override double-eleven on prod-1":         "the freeze double-eleven does not close prod-1",
		"wang.wu may override hard on prod-1":                 "nobody may override the freeze hard [test-failed]: add override to freezes[1]",
		"port of office-* needs 3 to override double-eleven":  "Port of office-hangzhou needs 2 to override double-eleven (and 1 more) [test-failed]: correct freezes and approvals",
	} {
		_, problems := policy.Parse([]byte(withTests(text)), document.YAML)
		if len(problems) != 1 || !strings.Contains(problems[0].String(), want) {
			t.Errorf("%q: %v, want %q", text, problems, want)
		}
	}
}

// Tests are judged when there is no other problem, and read in any case.
func TestTestsBesideOtherProblems(t *testing.T) {
	t.Parallel()
	text := strings.Replace(withTests("mei may apply anything to *", "mei may fly"), "need: 2}\nguards", "need: 99}\nguards", 1)
	_, problems := policy.Parse([]byte(text), document.YAML)
	if got := places(problems); !slices.Equal(got, []string{"17 approvals[1].need need-range", "33 tests[1] test-syntax"}) {
		t.Errorf("%v", problems)
	}
}
