package command

import (
	"strconv"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// String renders the command as a line that Parse reads as the same command,
// except for Lang: English words, settings in the order of change.Fields, quotes
// only where a value needs them.
func (c Command) String() string {
	items := []string{string(c.Verb)}
	add := func(key, value string) {
		if value != "" {
			items = append(items, key+"="+quote(value))
		}
	}
	if c.Server != "" {
		server := c.Server
		if c.Region != "" {
			server = change.Target{RegionID: c.Region, ServerID: c.Server}.String()
		}
		items = append(items, server)
	}
	for _, word := range []string{c.Change, c.Code, change.Span(c.Extend), string(c.Topic)} {
		if word != "" {
			items = append(items, word)
		}
	}
	for _, f := range c.Patch.Fields() {
		items = append(items, settingName(f)+"="+quote(c.Patch[f].String()))
	}
	for _, f := range c.Expect.Fields() {
		items = append(items, expectPrefix+settingName(f)+"="+quote(c.Expect[f].String()))
	}
	add(keyReason, c.Reason)
	add(keyRef, c.Ref)
	if !c.NotBefore.IsZero() {
		add(keyAt, stamp(c.NotBefore))
	}
	if !c.ExpiresAt.IsZero() {
		add(keyUntil, stamp(c.ExpiresAt))
	}
	add(keyAt, c.At.String())
	add(keyUntil, c.Until.String())
	if c.DryRun {
		items = append(items, "--dry-run")
	}
	add(keyConfirm, confirmValue(c.Confirm))
	add(keyWhen, change.Idle(c.Idle))
	if c.Proof {
		add(keyProof, "true")
	}
	add(keyOverride, c.Override)
	if c.Limit != 0 {
		add(keyLimit, strconv.Itoa(c.Limit))
	}
	add(keyBy, c.By)
	add(keyStatus, statuses(c.Statuses))
	add(keySince, c.Since.String())
	add(keyMore, c.More)
	return strings.Join(items, " ")
}

// quote renders a value so that Parse reads it unchanged. There are no escapes: a
// value with both kinds of quotes is rendered in pieces.
func quote(s string) string {
	if plain(s) {
		return s
	}
	if !strings.Contains(s, `"`) {
		return `"` + s + `"`
	}
	if !strings.Contains(s, "'") {
		return "'" + s + "'"
	}
	var b strings.Builder
	for s != "" {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			i = len(s)
		}
		if i > 0 {
			b.WriteString(`"` + s[:i] + `"`)
		}
		n := len(s[i:]) - len(strings.TrimLeft(s[i:], `"`))
		if n > 0 {
			b.WriteString("'" + s[i:i+n] + "'")
		}
		s = s[i+n:]
	}
	return b.String()
}

// plain reports whether Parse reads a value unchanged without quotes. It uses the
// lexer itself, so that the two cannot disagree.
func plain(s string) bool {
	const key = "k="
	tokens, p := lex(key + s)
	return s != "" && p == nil && len(tokens) == 1 && tokens[0].text() == key+s
}
