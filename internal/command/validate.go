package command

import (
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Placeholders for a target that is known only when the server's name is resolved.
const (
	anyRegion = "cn-hangzhou"
	anyServer = "vss-0"
)

// validate checks the values by the rules of documents.
func (r *reader) validate() {
	req := change.Request{
		Target: change.Target{RegionID: anyRegion, ServerID: anyServer},
		Patch:  r.c.Patch, Expect: r.c.Expect, Ref: r.c.Ref, Reason: r.c.Reason,
		NotBefore: r.c.NotBefore, ExpiresAt: r.c.ExpiresAt,
		DryRun: r.c.DryRun, Confirm: r.c.Confirm, Idle: r.c.Idle, Proof: r.c.Proof, Override: r.c.Override,
	}
	if r.c.Region != "" || r.typed[keyRegion] != "" {
		req.RegionID = r.c.Region
	}
	for _, p := range change.Validate([]change.Request{req}, justBefore(req)) {
		if p.Rule == change.RuleNothingToSet || p.Rule == change.RuleNotBeforeTooFar {
			continue // has a rule of its own for commands; needs a clock
		}
		name := nameAt(p.Path)
		typed := r.typed[name]
		if typed == "" {
			typed = name
		}
		r.problems = append(r.problems, Problem{
			Rule: Rule(p.Rule), Params: map[string]string{"key": shown(typed), "value": shown(valueAt(req, p.Path))}, cause: &p,
		})
	}
}

// justBefore is a time at which only the rules that compare the two times with each
// other can be broken.
func justBefore(req change.Request) time.Time {
	first := req.NotBefore
	if first.IsZero() || !req.ExpiresAt.IsZero() && req.ExpiresAt.Before(first) {
		first = req.ExpiresAt
	}
	return first.Add(-time.Nanosecond)
}

// nameAt is the name of the key at a problem's path.
func nameAt(path string) string {
	switch path {
	case "RegionId":
		return keyRegion
	case "notBefore":
		return keyAt
	case "expiresAt":
		return keyUntil
	}
	if setting, ok := strings.CutPrefix(path, expectPrefix); ok {
		return expectPrefix + nameAt(setting)
	}
	for _, f := range change.Fields() {
		if string(f) == path {
			return settingName(f)
		}
	}
	return path
}

func valueAt(req change.Request, path string) string {
	switch path {
	case "RegionId":
		return req.RegionID
	case "reason":
		return req.Reason
	case "ref":
		return req.Ref
	case "notBefore":
		return stamp(req.NotBefore)
	case "expiresAt":
		return stamp(req.ExpiresAt)
	case keyConfirm:
		return confirmValue(req.Confirm)
	case keyWhen:
		return change.Idle(req.Idle)
	case keyProof:
		return strconv.FormatBool(req.Proof)
	case keyOverride:
		return req.Override
	}
	if setting, ok := strings.CutPrefix(path, expectPrefix); ok {
		return req.Expect[change.Field(setting)].String()
	}
	return req.Patch[change.Field(path)].String()
}

func stamp(t time.Time) string { return t.Format(time.RFC3339Nano) }
