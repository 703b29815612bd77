package sim_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// People act at the worst moments in pointed runs: at random times, they would hit
// them in one of thousands of runs. What they do is drawn from random numbers of
// their own, so that the seeds of other runs stay the same runs.

// soon returns a time of a few seconds, in one of n cases.
func (h *harness) soon(n int) (d time.Duration, ok bool) {
	if !h.cfg.pointed || h.moments.IntN(n) > 0 || time.Since(h.start) > h.cfg.length {
		return 0, false
	}
	return time.Duration(h.moments.IntN(4000)) * time.Millisecond, true
}

// queued has somebody cancel a change that was queued a moment ago.
func (h *harness) queued(id string) {
	if h.chat == nil {
		return
	}
	if d, ok := h.soon(5); ok {
		h.after(d, func() { h.chat.say(h.chat.feishu, "boss", "cancel "+id) })
	}
}

// acceptedAfterAll has somebody cancel a change that was accepted after the API had
// refused it, while its gateway is probably still updating.
func (h *harness) acceptedAfterAll(g *gateway, ids []string) {
	for _, id := range ids {
		if h.chat == nil || !h.failing.answered(g.target, id) {
			continue
		}
		if _, ok := h.soon(2); ok {
			h.after(time.Duration(20+h.moments.IntN(200))*time.Second, func() { h.chat.say(h.chat.feishu, "boss", "cancel "+id) })
		}
	}
}

// seenFree has somebody else modify a gateway right after a worker that is about to send
// has seen that it is free.
func (h *harness) seenFree(g *gateway) {
	in := h.lanes[g.target].State.Intent
	if in == nil || h.sent[in.Token] || !h.cfg.kinds.has(intruders) {
		return
	}
	if _, ok := h.soon(30); ok && !time.Now().Before(g.until) {
		h.intrudeWith(g, change.Patch{change.Compress: change.Flag(h.moments.IntN(2) == 0)})
	}
}

// doubted has the editors of the policy withdraw a permission while the outcome of a
// modification is unknown, and release it a while later.
func (h *harness) doubted() {
	if !h.cfg.reforms {
		return
	}
	if d, ok := h.soon(1); ok {
		books := rulebooks(h.books[0].need, h.cfg.rooms)
		h.after(d, func() { h.rule(books[1+h.moments.IntN(len(books)-1)]) })
		h.after(d+time.Duration(1+h.moments.IntN(600))*time.Second, func() { h.rule(books[0]) })
	}
}

// expiry is the line of a change file that expires soon, often while its gateway is
// still updating; but not before it may be due.
func (h *harness) expiry(doc string) string {
	if !h.cfg.pointed || h.moments.IntN(3) > 0 {
		return ""
	}
	least := time.Minute
	if strings.HasPrefix(doc, "notBefore:") {
		least = 20 * time.Minute
	}
	at := time.Now().Add(least + time.Duration(10+h.moments.IntN(900))*time.Second)
	return fmt.Sprintf("expiresAt: %s\n", at.UTC().Format(time.RFC3339))
}
