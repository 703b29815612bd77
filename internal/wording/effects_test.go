package wording

import (
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

func difference(f change.Field, from, to change.Value) []change.Difference {
	return []change.Difference{{Field: f, From: from, To: to}}
}

// A change of a setting that is in the clients' files says that clients cannot return
// with the old file, and which line to change.
func TestEffectsSayWhoCannotReturnAndWhichLineToChange(t *testing.T) {
	t.Parallel()
	text, flag := change.Text, change.Flag
	const out, zhOut = "cannot return with their old configuration file.", "不能再用旧的配置文件连接。"
	for name, tt := range map[string]struct {
		diffs   []change.Difference
		english []string
		chinese []string
	}{
		"a port": {
			difference(change.Port, change.Number(1194), change.Number(1195)),
			[]string{out, "change in the configuration file: remote … 1194 → remote … 1195, or port 1194 → port 1195"},
			[]string{zhOut, "要修改的行：remote … 1194 → remote … 1195，或 port 1194 → port 1195"},
		},
		"a port that was not reported": {
			difference(change.Port, change.Value{}, change.Number(1195)),
			[]string{out, "set in the configuration file: remote … 1195, or port 1195"},
			[]string{zhOut, "要设置的行：remote … 1195，或 port 1195"},
		},
		"a protocol": {
			difference(change.Proto, text("UDP"), text("TCP")), []string{out, "proto udp → proto tcp"}, []string{zhOut, "proto udp → proto tcp"},
		},
		"a cipher": {
			difference(change.Cipher, text("AES-128-CBC"), text("AES-256-CBC")),
			[]string{"those older than OpenVPN 2.4 " + out, "cipher AES-128-CBC → cipher AES-256-CBC"},
			[]string{"低于 OpenVPN 2.4 的客户端" + zhOut, "cipher AES-128-CBC → cipher AES-256-CBC"},
		},
		"no cipher": {
			difference(change.Cipher, text("AES-128-CBC"), text("none")),
			[]string{out, "cipher AES-128-CBC → cipher none", "Cipher=none: traffic is not encrypted."},
			[]string{zhOut, "cipher AES-128-CBC → cipher none", "流量不加密"},
		},
		"a cipher and a port": {
			append(difference(change.Cipher, text("none"), text("AES-256-CBC")), difference(change.Port, change.Number(1), change.Number(2))...),
			[]string{"disconnected, and " + out, "cipher none → cipher AES-256-CBC", "remote … 1 → remote … 2"},
			[]string{"断开，并且" + zhOut, "cipher none → cipher AES-256-CBC"},
		},
		"compression": {
			difference(change.Compress, flag(false), flag(true)),
			[]string{out, ";comp-lzo → comp-lzo", "Compress=true: clients from OpenVPN 2.6 refuse compression."},
			[]string{zhOut, ";comp-lzo → comp-lzo", "OpenVPN 2.6 及以上的客户端拒绝压缩"},
		},
		"no compression": {
			difference(change.Compress, flag(true), flag(false)), []string{out, "comp-lzo → ;comp-lzo"}, []string{zhOut, "comp-lzo → ;comp-lzo"},
		},
		"multi-factor authentication": {
			difference(change.EnableMultiFactorAuth, flag(false), flag(true)),
			[]string{out, "Line to set in the configuration file: auth-user-pass"},
			[]string{zhOut, "要设置的行：auth-user-pass"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for l, want := range map[lang.Tag][]string{lang.English: tt.english, lang.Chinese: tt.chinese} {
				got := In(l).Effects(tt.diffs, nil)
				for _, w := range want {
					if !slices.ContainsFunc(got, func(line string) bool { return strings.Contains(line, w) }) {
						t.Errorf("it says %q, want %s", got, w)
					}
				}
			}
		})
	}
}

// Compression that differs is the case in which a client seems to work.
func TestEffectsOfCompressionWarnOfSilentLoss(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{false, true} {
		got := strings.Join(In(lang.English).Effects(difference(change.Compress, change.Flag(!on), change.Flag(on)), nil), "\n")
		if !strings.Contains(got, "connects, and no traffic passes") {
			t.Errorf("Compress=%t: %s", on, got)
		}
	}
}

// Somebody may name a certificate so that nothing else of the answer has room.
func TestNamesOfCertificatesAreBounded(t *testing.T) {
	t.Parallel()
	known := &impact.Impact{Class: impact.NewFile}
	for range 50 {
		known.Certificates = append(known.Certificates, impact.Certificate{ID: "vsc-1", Name: strings.Repeat("长", 100), Status: sslvpn.CertificateExpiringSoon})
	}
	got := strings.Join(In(lang.Chinese).Effects(difference(change.Port, change.Number(1194), change.Number(1195)), known), "\n")
	if !strings.Contains(got, "还有 45 个") || len(got) > 1200 {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}

// Whatever is not known has a phrase of its own, and so has every reason.
func TestWhatIsNotKnownIsNamed(t *testing.T) {
	t.Parallel()
	w := In(lang.English)
	seen := map[phrase]bool{}
	for _, what := range []impact.What{impact.WhatConnected, impact.WhatCertificates, impact.WhatGateway, impact.WhatVPC, impact.WhatDryRun} {
		seen[w.unknown(what)] = true
	}
	for _, why := range []impact.Why{impact.NotPermitted, impact.TooLate, impact.Failed, impact.NotReported, impact.NotRead} {
		seen[w.reason(why)] = true
	}
	if len(seen) != 10 {
		t.Errorf("%d phrases for 5 things and 5 reasons", len(seen))
	}
}

// Nothing is said that is not so.
func TestEffectsOfWhatClientsSurvive(t *testing.T) {
	t.Parallel()
	const disconnects = "Connected clients will be disconnected."
	for name, tt := range map[string]struct {
		diffs []change.Difference
		want  []string
	}{
		"a name":                          {difference(change.Name, change.Text("a"), change.Text("b")), []string{}},
		"a pool":                          {difference(change.ClientIPPool, change.Text("10.0.0.0/24"), change.Text("10.1.0.0/24")), []string{disconnects}},
		"subnets":                         {difference(change.LocalSubnet, change.Text("10.0.0.0/24"), change.Text("10.1.0.0/24")), []string{disconnects}},
		"an identity provider":            {difference(change.IDaaSInstanceID, change.Text("a"), change.Text("b")), []string{disconnects}},
		"multi-factor authentication off": {difference(change.EnableMultiFactorAuth, change.Flag(true), change.Flag(false)), []string{disconnects}},
		"nothing":                         {nil, []string{}},
	} {
		if got := In(lang.English).Effects(tt.diffs, nil); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	for _, f := range change.Fields() {
		d := change.Difference{Field: f, From: change.Text("x"), To: change.Text("y")}
		if f.Kind() == change.KindFlag {
			d.From, d.To = change.Flag(false), change.Flag(true)
		}
		if s := f.Setting(); s.ClientFile != (len(d.ClientLines()) > 0) {
			t.Errorf("%s: ClientFile is %t, and the lines are %v", f, s.ClientFile, d.ClientLines())
		}
	}
}
