package e2e_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// Authors of change files can neither write elsewhere, nor read, nor configure the
// buckets: whatever is not the upload of a file is denied.
func TestAttackRightsOfAuthors(t *testing.T) {
	t.Parallel()
	authors := readPolicy(t, "change-author.json")
	for _, action := range []string{
		"oss:PutBucketWebsite", "oss:PutBucketLogging", "oss:PutBucketLifecycle", "oss:PutBucketVersioning", "oss:PutBucketReplication",
		"oss:PutBucketPolicy", "oss:PutBucketAcl", "oss:PutBucketCors", "oss:DeleteBucket", "oss:ListObjects", "oss:GetBucketVersioning",
	} {
		if !authors.denies(action, localcloud.Bucket) {
			t.Errorf("%s of the bucket is not denied", action)
		}
	}
	for key, actions := range map[string][]string{
		"changes/a.yaml":         {"oss:GetObject", "oss:DeleteObject", "oss:PutObjectAcl", "oss:PutObjectTagging", "oss:RestoreObject"},
		objects.PolicyFile:       {"oss:GetObject", "oss:PutObject", "oss:DeleteObject"},
		"claims/0.json":          {"oss:GetObject", "oss:PutObject"},
		"queue/cn-hangzhou/a/b":  {"oss:GetObject", "oss:PutObject", "oss:DeleteObject"},
		"lanes/cn-hangzhou/a/b":  {"oss:PutObject"},
		"wake/cn-hangzhou/vss-a": {"oss:PutObject"},
		"outbox/answers/a.json":  {"oss:GetObject", "oss:PutObject"},
		"receipts/a.json":        {"oss:PutObject"},
		"results/2026/11/27/a":   {"oss:PutObject", "oss:DeleteObject", "oss:PutObjectAcl"},
		"state/sweep.json":       {"oss:PutObject"},
		"holds/cn-hangzhou.json": {"oss:PutObject"},
		"scheduled/night.yaml":   {"oss:PutObject"},
	} {
		for _, action := range actions {
			if !authors.denies(action, localcloud.Bucket+"/"+key) {
				t.Errorf("%s of %s is not denied", action, key)
			}
		}
	}
	if authors.denies("oss:PutObject", localcloud.Bucket+"/changes/a.yaml") {
		t.Error("uploads are denied")
	}
}

// denies reports whether a statement denies an action. Both may have a * at the end
// or the beginning.
func (p ramPolicy) denies(action, resource string) bool {
	matches := func(pattern, text string) bool {
		before, after, open := strings.Cut(pattern, "*")
		return pattern == text || open && strings.HasPrefix(text, before) && strings.HasSuffix(text, after)
	}
	for _, s := range p.Statement {
		if s.Effect == "Deny" && slices.ContainsFunc(s.Action, func(a string) bool { return matches(a, action) }) &&
			slices.ContainsFunc(s.Resource, func(r string) bool { return matches(r[strings.LastIndexByte(r, ':')+1:], resource) }) {
			return true
		}
	}
	return false
}
