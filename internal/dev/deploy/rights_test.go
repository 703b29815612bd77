package deploy_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/objecttable"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// ownRights is what the function does with the objects below each prefix, by
// package objects.
func ownRights() (map[string]string, error) {
	rows, err := objecttable.Rows("../../..")
	if err != nil {
		return nil, err
	}
	have := map[string][]string{}
	for _, row := range rows {
		have[row.Prefix()] = append(have[row.Prefix()], row.Rights()...)
	}
	out := map[string]string{}
	for prefix, rights := range have {
		out[prefix] = strings.Join(slices.DeleteFunc([]string{"Get", "Put", "Delete"}, func(right string) bool {
			return !slices.Contains(rights, right)
		}), " ")
	}
	return out, nil
}

// invoke is the right to invoke a function.
const invoke = "fc:InvokeFunction"

// checkFunctionRights compares the rights of the function's role with what the
// function reads, writes and deletes.
func checkFunctionRights(p rights) []string {
	own, err := ownRights()
	if err != nil {
		return []string{err.Error()}
	}
	var problems []string
	for prefix, want := range own {
		if prefix == "policy" {
			want = "Get" // what it puts there is named below
		}
		if got := p.verbs(prefix + "/*"); got != want {
			problems = append(problems, fmt.Sprintf("the function may [%s] below %s/, want [%s]", got, prefix, want))
		}
	}
	// Keys that the code makes: a key that moves needs its right to move, too.
	notice, _ := objects.NoticeKey("20261122-7f3akq2cd2")
	for key, want := range map[string]string{objects.PolicyFile: "Get Put", objects.RevisionKey(1): "Get Put", "policy/other.yaml": "Get", notice: "Get Put"} {
		if got := p.verbs(key); got != want {
			problems = append(problems, fmt.Sprintf("the function may [%s] with %s, want [%s]", got, key, want))
		}
	}
	self := "acs:fc:" + region + ":" + account + ":functions/sslvpn-change"
	if !p.says("Allow", invoke, self) || !p.says("Allow", invoke, self+"/LATEST") || p.says("Allow", invoke, self+"s") {
		problems = append(problems, "the function may not invoke itself, or others")
	}
	for _, denied := range []struct{ action, resource string }{
		{"oss:DeleteObject", "acs:oss:*:*:*/results/*"},
		{"oss:DeleteObject", "acs:oss:*:*:*/receipts/*"},
		{"oss:DeleteObject", "acs:oss:*:*:*/policy/*"},
		{"oss:PutBucketVersioning", "*"},
	} {
		if !p.says("Deny", denied.action, denied.resource) {
			problems = append(problems, fmt.Sprintf("the function is not denied %s on %s", denied.action, denied.resource))
		}
	}
	return problems
}

// checkAuthorRights checks that people who upload change files can write below
// changes/ only, whatever other policies allow them: with rights to other
// prefixes they could approve their own changes or edit the policy.
func checkAuthorRights(p rights) []string {
	own, err := ownRights()
	if err != nil {
		return []string{err.Error()}
	}
	var problems []string
	for prefix := range own {
		want := ""
		if prefix == "changes" {
			want = "Put"
		}
		if got := p.verbs(prefix + "/*"); got != want {
			problems = append(problems, fmt.Sprintf("authors may [%s] below %s/, want [%s]", got, prefix, want))
		}
		for _, action := range []string{"oss:PutObject", "oss:AbortMultipartUpload", "oss:PutObjectAcl", "oss:PutObjectTagging", "oss:DeleteObject", "oss:DeleteObjectTagging"} {
			upload := action == "oss:PutObject" || action == "oss:AbortMultipartUpload"
			if want := prefix != "changes" || !upload; p.says("Deny", action, at(prefix+"/*")) != want {
				problems = append(problems, fmt.Sprintf("authors: is %s denied below %s/? It should be %t", action, prefix, want))
			}
		}
	}
	// Prefixes with reply addresses.
	for _, prefix := range []string{"queue", "outbox", "proofs"} {
		if !p.says("Deny", "oss:GetObject", at(prefix+"/*")) {
			problems = append(problems, fmt.Sprintf("authors are not denied oss:GetObject below %s/", prefix))
		}
	}
	// A website rule of a bucket answers for objects that do not exist, and a rule of
	// its lifecycle deletes those that do.
	for _, action := range []string{
		"oss:PutBucketWebsite", "oss:DeleteBucketWebsite", "oss:PutBucketVersioning", "oss:PutBucketAcl", "oss:PutBucketPolicy", "oss:DeleteBucketPolicy",
		"oss:PutBucketLifecycle", "oss:PutBucketReplication", "oss:PutBucketCors", "oss:PutBucketLogging", "oss:PutBucketReferer", "oss:PutBucketInventory",
		"oss:PutBucketTransferAcceleration", "oss:PutBucketEncryption", "oss:PutCname", "oss:CreateAccessPoint", "oss:InitiateBucketWorm", "oss:DeleteBucket",
	} {
		for _, bucket := range []string{changeBucket, recordBucket} {
			if !p.says("Deny", action, "acs:oss:*:"+account+":"+bucket) {
				problems = append(problems, fmt.Sprintf("authors are not denied %s on %s", action, bucket))
			}
		}
	}
	return problems
}

// checkEditorRights checks that the policy's editor can write that object only.
func checkEditorRights(p rights) []string {
	want := rights{Version: "1", Statement: []statement{{
		Effect: "Allow", Action: oneOrMore{"oss:GetObject", "oss:PutObject"}, Resource: []string{at(objects.PolicyFile)},
	}}}
	if fmt.Sprint(p) != fmt.Sprint(want) {
		return []string{fmt.Sprintf("policy editors have %+v, want %+v", p, want)}
	}
	return nil
}

// at returns the resource of a key, or of all keys that a pattern matches.
func at(key string) string {
	bucket := changeBucket
	if strings.HasPrefix(key, "results/") {
		bucket = recordBucket
	}
	return "acs:oss:*:" + account + ":" + bucket + "/" + key
}

// verbs returns the rights to the objects of a key or a prefix.
func (p rights) verbs(key string) string {
	var out []string
	for _, verb := range []string{"Get", "Put", "Delete"} {
		if p.says("Allow", "oss:"+verb+"Object", at(key)) {
			out = append(out, verb)
		}
	}
	return strings.Join(out, " ")
}

// says reports whether a statement has this effect on a resource.
func (p rights) says(effect, action, resource string) bool {
	return slices.ContainsFunc(p.Statement, func(s statement) bool {
		return s.Effect == effect && slices.ContainsFunc(s.Action, func(pattern string) bool { return covers(pattern, action) }) &&
			slices.ContainsFunc(s.Resource, func(pattern string) bool { return covers(pattern, resource) })
	})
}

// covers reports whether a pattern of a statement matches an action or a resource.
// The account's region is a star in both. Of other stars, one at the end of a
// pattern or before the end of an action matches any text.
func covers(pattern, text string) bool {
	if action, ending, ok := strings.Cut(pattern, "*"); ok && strings.HasPrefix(pattern, "oss:") {
		return len(text) >= len(action)+len(ending) && strings.HasPrefix(text, action) && strings.HasSuffix(text, ending)
	}
	prefix, open := strings.CutSuffix(pattern, "*")
	return pattern == text || open && strings.HasPrefix(text, prefix)
}
