package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
)

// problemLine is file:line: path: message [rule]: hint, a form that editors
// recognize.
func problemLine(file string, p change.Problem) string {
	if p.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", file, p.Line, p)
	}
	return fmt.Sprintf("%s: %s", file, p)
}

// renderChange renders a change: id, status, server, difference, and cost.
func renderChange(ch remote.Change) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s", ch.ID, ch.Status)
	if ch.ServerID != "" {
		fmt.Fprintf(&b, "  %s (%s)", ch.ServerID, ch.RegionID)
	}
	if ch.Ref != "" {
		b.WriteString("  " + ch.Ref)
	}
	b.WriteString(renderDifferences(ch.Changed))
	if !ch.Status.Final() {
		if why := standing(ch); why != "" {
			b.WriteString("\n  " + why)
		}
		return b.String()
	}
	if e := ch.Error; e != nil {
		fmt.Fprintf(&b, "\n  %s", strings.TrimSpace(e.Class+" "+e.Code)+": "+e.Message)
		if e.Hint != "" {
			b.WriteString("\n  " + e.Hint)
		}
		if e.RequestID != "" {
			b.WriteString("\n  request " + e.RequestID)
		}
	}
	for _, f := range change.Fields() {
		if id, ok := ch.SupersededBy[f]; ok {
			fmt.Fprintf(&b, "\n  %s was set again by %s", f, id)
		}
	}
	b.WriteString("\n  " + summary(ch))
	for _, line := range here().Seen(ch.Record) {
		b.WriteString("\n  " + line)
	}
	return b.String()
}

func renderDifferences(changed []change.Difference) string {
	width := 0
	for _, d := range changed {
		width = max(width, len(d.Field))
	}
	var b strings.Builder
	for _, d := range changed {
		fmt.Fprintf(&b, "\n  %-*s  %s → %s", width, d.Field, shown(d.From), shown(d.To))
	}
	return b.String()
}

func shown(v change.Value) string {
	switch {
	case v.IsZero():
		return "(unknown)"
	case v.String() == "":
		return "(empty)"
	default:
		return v.String()
	}
}

// standing is why a change has not ended, and its next attempt. One that lacks approvals
// has none: its next time is that of its expiry.
func standing(ch remote.Change) string {
	s := reason(ch)
	switch {
	case s != ch.Why: // it has the time
	case ch.NextAttemptAt.IsZero():
	case ch.Expires():
		s += "; expires " + when(ch.NextAttemptAt)
	default:
		s += "; next attempt " + when(ch.NextAttemptAt)
	}
	return strings.TrimPrefix(s, "; ")
}

// when shows a time as the person at the terminal reads it: in the local zone, and how
// far it is.
func when(t time.Time) string { return here().Moment(t) }

func here() wording.Writer { return wording.In(lang.English).At(time.Now(), time.Local) }

// dueAt says when a change is due; "" where the function does not say.
func dueAt(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return "  due " + here().Due(t)
}

// summary is whether a change was verified, how long it took, and its cost.
func summary(ch remote.Change) string {
	var parts []string
	if ch.Status == change.Applied {
		if ch.Verified {
			parts = append(parts, "verified by reading back")
		} else {
			parts = append(parts, "NOT verified: reading the server is not permitted")
		}
	}
	if i := ch.Impact; i != nil && i.Class != impact.None && i.Connected != nil {
		parts = append(parts, fmt.Sprintf("%d of %d connected before", *i.Connected, i.MaxConnections))
	}
	if !ch.FinishedAt.IsZero() && !ch.AcceptedAt.IsZero() {
		parts = append(parts, short(ch.FinishedAt.Sub(ch.AcceptedAt))+" from acceptance")
	}
	for _, w := range []struct {
		ms   int64
		what string
	}{
		{ch.Waited.Window, "for the window"},
		{ch.Waited.Gateway, "for the gateway"},
		{ch.Waited.Queue, "in the queue"},
		{ch.Waited.Recovery, "for the lease of a worker that died"},
		{ch.Waited.Throttle, "for flow control"},
		{ch.Waited.Breaker, "for the circuit breaker"},
	} {
		if w.ms >= 50 { // shows as 0.1 s
			parts = append(parts, "waited "+short(time.Duration(w.ms)*time.Millisecond)+" "+w.what)
		}
	}
	if n := ch.Cost.VPCCalls; n > 0 {
		parts = append(parts, plural(n, "API call"))
	}
	if len(ch.MergedWith) > 0 {
		parts = append(parts, "merged with "+mergedWith(ch.MergedWith))
	}
	if ch.Version != "" {
		parts = append(parts, "decided by version "+ch.Version)
	}
	return strings.Join(parts, ", ")
}

func short(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// plural counts with a word whose plural ends in s.
func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func renderPlan(p remote.Plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)", p.ServerID, p.RegionID)
	if len(p.Changed) == 0 && len(p.Problems) == 0 {
		b.WriteString("  unchanged")
	}
	if len(p.Problems) == 0 {
		b.WriteString(dueAt(p.DueAt))
	}
	if len(p.Problems) == 0 && len(p.Changed) > 0 && p.Window != nil {
		b.WriteString("\n  " + here().Window(*p.Window, p.DueAt))
	}
	b.WriteString(renderDifferences(p.Changed))
	for _, effect := range here().Effects(p.Changed, p.Impact) {
		b.WriteString("\n  " + effect)
	}
	for _, problem := range p.Problems {
		b.WriteString("\n  " + problem.String())
	}
	return b.String()
}

func raws(changes []remote.Change) []json.RawMessage {
	out := make([]json.RawMessage, 0, len(changes))
	for _, ch := range changes {
		out = append(out, ch.Raw)
	}
	return out
}

func printJSON(t *terminal, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	t.say("%s", data)
	return nil
}
