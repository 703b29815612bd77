package command_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// FuzzParse checks that no line makes Parse panic, that an error has visible texts
// in both languages, that an accepted command follows the rules of documents, and
// that it is parsed as the same command when it is rendered.
func FuzzParse(f *testing.F) {
	for _, list := range [][]accepted{verbs(), settings(), folded(), pitfalls()} {
		for _, tt := range list {
			f.Add(tt.line)
		}
	}
	for _, tt := range refusals() {
		if len(tt.line) <= command.MaxBytes {
			f.Add(tt.line)
		}
	}
	f.Fuzz(func(t *testing.T, line string) {
		c, err := command.Parse(line)
		if err != nil {
			checkRefusal(t, c, err)
			return
		}
		checkValues(t, c)
		text := c.String()
		again, err := command.Parse(text)
		if again.Lang = c.Lang; err != nil || !reflect.DeepEqual(again, c) {
			t.Fatalf("%q\nwas taken as %#v\nwritten as   %q\nread as      %#v, %v", line, c, text, again, err)
		}
		if again.String() != text {
			t.Fatalf("written as %q, then as %q", text, again.String())
		}
	})
}

func checkRefusal(t *testing.T, c command.Command, err error) {
	t.Helper()
	var refused *command.Error
	if !errors.As(err, &refused) || !reflect.DeepEqual(c, command.Command{}) || len(refused.Problems) == 0 || refused.Rule != refused.Problems[0].Rule || refused.Rule == "" {
		t.Fatalf("refused with %#v and the command %#v", err, c)
	}
	for _, tag := range []lang.Tag{lang.English, lang.Chinese, ""} {
		text := refused.Text(tag)
		if text == "" || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) && r != ' ' }) {
			t.Fatalf("in %q it says %q", tag, text)
		}
	}
}

func checkValues(t *testing.T, c command.Command) {
	t.Helper()
	r := change.Request{
		Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-0"},
		Patch:  c.Patch, Expect: c.Expect, Ref: c.Ref, Reason: c.Reason, NotBefore: c.NotBefore, ExpiresAt: c.ExpiresAt,
		DryRun: c.DryRun, Confirm: c.Confirm, Idle: c.Idle, Proof: c.Proof, Override: c.Override,
	}
	if c.Region != "" {
		r.RegionID = c.Region
	}
	if strings.HasPrefix(c.Server, "vss-") {
		r.ServerID = c.Server
	}
	if c.Patch == nil {
		r.Patch = change.Patch{change.Port: change.Number(1194)} // of a verb that sets nothing
	}
	now := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	for _, p := range change.Validate([]change.Request{r}, now) {
		switch p.Rule {
		case change.RuleNotBeforeTooFar, change.RuleNotBeforeInPast, change.RuleExpiresInPast, change.RuleExpiresTooFar: // need a clock
		default:
			t.Fatalf("%#v was accepted: %s", c, p)
		}
	}
}
