package handler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/events"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/notify"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// objectsSummary is what an invocation by object events returns.
type objectsSummary struct {
	Trigger string              `json:"trigger"`
	Files   []intake.FileResult `json:"files,omitempty"`
	Lanes   []reconcile.Report  `json:"lanes,omitempty"`
	Answers *notify.Report      `json:"answers,omitempty"` // delivered to chat
	Asked   int                 `json:"asked,omitempty"`   // requests for approval that were looked at
	Ignored []string            `json:"ignored,omitempty"`
}

// objectEvents are object events by what they are about.
type objectEvents struct {
	files   []intake.Upload
	lanes   []change.Target
	answers []string // their keys
	marks   []string // likewise: see objects.IsDoctorMark
	ignored []string // why
}

// sorted sorts object events.
func (c *invocation) sorted(list []events.ObjectEvent) (out objectEvents) {
	for _, ev := range list {
		woken, isWake := objects.ParseWakeKey(ev.Key)
		switch {
		case ev.Bucket != c.Bucket:
			out.ignored = append(out.ignored, fmt.Sprintf("%s: the event is about bucket %q, not %q", ev.Key, ev.Bucket, c.Bucket))
		case objects.IsDoctorMark(ev.Key):
			out.marks = append(out.marks, ev.Key)
		case isWake:
			out.lanes = append(out.lanes, woken...)
		case !created(ev.Name):
			out.ignored = append(out.ignored, ev.Key+": "+ev.Name+" does not create a complete file")
		case strings.HasPrefix(ev.Key, objects.Files):
			out.files = append(out.files, intake.Upload{Key: ev.Key, ETag: ev.ETag, Actor: ev.PrincipalID, RequestID: ev.RequestID, Drains: true})
		case strings.HasPrefix(ev.Key, objects.Answers):
			out.answers = append(out.answers, ev.Key)
		default:
			out.ignored = append(out.ignored, ev.Key+": not a change file, a wake object or an answer")
		}
	}
	return out
}

// objects processes object events: of change files, wake objects, and answers to
// send.
func (c *invocation) objects(ctx context.Context, list []events.ObjectEvent) (json.RawMessage, error) {
	out := objectsSummary{Trigger: "oss"}
	o := c.sorted(list)
	out.Ignored = o.ignored
	c.ignored(ctx, out.Ignored)
	if err := c.marked(ctx, o.marks); err != nil {
		return nil, c.failed(ctx, err)
	}
	files, lanes := o.files, o.lanes
	if len(files)+len(lanes)+len(o.answers) == 0 {
		return json.Marshal(out)
	}
	c.did.kind = kindOf(files, lanes)
	s, err := c.open(ctx)
	if err != nil {
		return nil, c.failed(ctx, err)
	}
	asks := len(lanes) > 0 // a wake object does not say whether people are to be asked
	var errs []error
	out.Files, errs = acceptFiles(ctx, s, files)
	for _, res := range out.Files {
		asks = asks || res.Asked
		lanes = append(lanes, slices.DeleteFunc(res.Lanes, func(t change.Target) bool { return slices.Contains(lanes, t) })...)
	}
	if len(lanes) > 0 {
		var asked int
		out.Lanes, asked, err = c.drainAndTell(ctx, s, lanes, asks)
		c.did.drained(out.Lanes)
		out.Asked += asked
		errs = append(errs, err)
	}
	c.beside(func() { out.Asked += c.tell(ctx, s, out.Lanes) }, func() { out.Answers = c.deliver(ctx, s, o.answers) })
	c.awaitProofs(ctx, s)
	if err := errors.Join(errs...); err != nil {
		return nil, c.failed(ctx, err)
	}
	return json.Marshal(out)
}

// kindOf is the kind of an invocation by object events, of which the platform delivers one
// at a time.
func kindOf(files []intake.Upload, woken []change.Target) string {
	switch {
	case len(files) > 0:
		return kindFile
	case len(woken) > 0:
		return kindWake
	default:
		return kindAnswers
	}
}

// ignored logs what an invocation ignores of its event.
func (c *invocation) ignored(ctx context.Context, reasons []string) {
	for _, why := range reasons {
		c.log.WarnContext(ctx, "event ignored", slog.String("why", why))
	}
}

// acceptFiles accepts or rejects each file. One that fails does not keep the others.
func acceptFiles(ctx context.Context, s Services, files []intake.Upload) (accepted []intake.FileResult, errs []error) {
	for _, f := range files {
		res, err := s.Intake.File(ctx, f)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		accepted = append(accepted, res)
	}
	return accepted, errs
}

// drainWoken drains the lanes of wake objects. A full wake object stands for a document
// that has too many lanes to name them all, and an invocation that waited has kept
// others from waiting for their lanes.
func drainWoken(ctx context.Context, r *reconcile.Reconciler, lanes []change.Target) ([]reconcile.Report, error) {
	if len(lanes) >= objects.MaxWoken {
		return r.DrainFirst(ctx, lanes)
	}
	reports, err := r.DrainAll(ctx, lanes)
	if !r.Waited() {
		return reports, err
	}
	others, failed := r.DrainDue(ctx)
	return append(reports, others...), errors.Join(err, failed)
}

// created reports whether an event means that a complete object was created.
// Appends and parts are not complete, and a symbolic link could point at objects
// that its creator may not write.
func created(event string) bool {
	switch event {
	case "ObjectCreated:PutObject", "ObjectCreated:PostObject",
		"ObjectCreated:CompleteMultipartUpload", "ObjectCreated:CopyObject":
		return true
	default:
		return false
	}
}

// failed logs why the outcome is open, and returns the error for the platform.
func (c *invocation) failed(ctx context.Context, err error) error {
	c.log.ErrorContext(ctx, "invocation failed, to be delivered again", slog.Any("error", err))
	return fmt.Errorf("the outcome is open, deliver the event again: %w", err)
}
