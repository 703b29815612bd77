package deploy_test

import (
	"fmt"
	"slices"
	"strings"

	"sslvpnchange/internal/dev/objecttable"
	"sslvpnchange/internal/objects"
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

// checkFunctionRights compares the rights of the function's role with what the
// function reads, writes and deletes.
func checkFunctionRights(p rights) []string {
	own, err := ownRights()
	if err != nil {
		return []string{err.Error()}
	}
	var problems []string
	for prefix, want := range own {
		if got := p.verbs(prefix + "/*"); got != want {
			problems = append(problems, fmt.Sprintf("the function may [%s] below %s/, want [%s]", got, prefix, want))
		}
	}
	// Keys that the code makes: a key that moves needs its right to move, too.
	notice, _ := objects.NoticeKey("20261122-7f3akq2cd2")
	for key, want := range map[string]string{objects.PolicyFile: "Get", notice: "Get Put"} {
		if got := p.verbs(key); got != want {
			problems = append(problems, fmt.Sprintf("the function may [%s] with %s, want [%s]", got, key, want))
		}
	}
	for _, denied := range []struct{ action, resource string }{
		{"oss:DeleteObject", "acs:oss:*:*:*/results/*"},
		{"oss:DeleteObject", "acs:oss:*:*:*/receipts/*"},
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
		for _, action := range []string{"oss:PutObject", "oss:PutObjectAcl", "oss:DeleteObject"} {
			if p.says("Deny", action, at(prefix+"/*")) != (prefix != "changes") {
				problems = append(problems, fmt.Sprintf("authors: is %s denied below %s/? It should be %t", action, prefix, prefix != "changes"))
			}
		}
	}
	// Prefixes with reply addresses.
	for _, prefix := range []string{"queue", "outbox"} {
		if !p.says("Deny", "oss:GetObject", at(prefix+"/*")) {
			problems = append(problems, fmt.Sprintf("authors are not denied oss:GetObject below %s/", prefix))
		}
	}
	for _, action := range []string{"oss:PutBucketVersioning", "oss:PutBucketAcl", "oss:PutBucketPolicy", "oss:PutBucketLifecycle", "oss:PutBucketReplication", "oss:DeleteBucket"} {
		if !p.says("Deny", action, "acs:oss:*:"+account+":"+changeBucket) {
			problems = append(problems, fmt.Sprintf("authors are not denied %s on the bucket", action))
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
		return s.Effect == effect && slices.Contains(s.Action, action) &&
			slices.ContainsFunc(s.Resource, func(pattern string) bool { return covers(pattern, resource) })
	})
}

// covers reports whether a pattern of a statement matches a resource. A star at
// its end, which is the only one that these policies need, matches any rest.
func covers(pattern, resource string) bool {
	prefix, open := strings.CutSuffix(pattern, "*")
	return pattern == resource || open && strings.HasPrefix(resource, prefix)
}
