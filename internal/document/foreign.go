package document

import (
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Other recognizes a document that was made for another purpose by keys that only such
// a document has, and returns one problem in place of many about its keys; nil for
// every other document.
func Other(root *Node) *change.Problem {
	if root.Kind == KindList && len(root.Items) > 0 {
		root = root.Items[0] // a playbook, a list of replies
	}
	if root.Kind != KindMapping {
		return nil
	}
	has := func(keys ...string) bool {
		for _, key := range keys {
			if _, ok := root.Member(key); !ok {
				return false
			}
		}
		return true
	}
	const settings = "write the region, the server and the settings to change, as in docs/change-file.md"
	what, hint := "", settings
	switch {
	case has("ROSTemplateFormatVersion"), has("AWSTemplateFormatVersion"), has("Resources") && !has("changes"):
		what = "a template of ROS or of another resource orchestration service"
	case has("SslVpnServers"), has("VpnGateways"), has("TotalCount", "RequestId"):
		what = "a reply of the API that lists servers or gateways"
	case has("Code", "RequestId"), has("Code", "Recommend"):
		what = "an error reply of the API"
	case has("terraform"), has("resource"), has("terraform_version"), has("planned_values"), has("provider"):
		what = "a configuration or a state of Terraform"
	case has("apiVersion", "kind"):
		what = "a manifest of Kubernetes"
	case has("Statement"):
		what, hint = "a policy of RAM", "docs/policies has where such policies belong"
	case has("edition", "resources"), has("edition", "services"):
		what = "a description of a deployment by Serverless Devs"
	case has("hosts", "tasks"):
		what = "a playbook of Ansible"
	case has("openapi"), has("swagger"):
		what = "a description of an API"
	case has("schema"):
		what = ofOurs(root)
		hint = "it is written by the function; to request a change, " + settings
	}
	if what == "" {
		return nil
	}
	return &change.Problem{Line: root.Line, Rule: RuleOtherDocument, Message: "this is " + what, Hint: hint}
}

// ofOurs names a document that the function wrote; "" for any other.
func ofOurs(root *Node) string {
	m, _ := root.Member("schema")
	name, ours := strings.CutPrefix(m.Value.Text, "sslvpn-change/")
	if !ours {
		return ""
	}
	switch name, _, _ = strings.Cut(name, "/"); name {
	case "record", "receipt", "notice":
		return "a " + name
	default:
		return "an object of the function"
	}
}
