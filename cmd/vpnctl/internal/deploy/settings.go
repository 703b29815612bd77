package deploy

import (
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/config"
)

// The variables that this package treats apart.
const (
	Region        = "DEPLOY_REGION"
	changeBucket  = "CHANGE_BUCKET"
	recordBucket  = "RECORD_BUCKET"
	senders       = "WEBHOOK_SECRETS"
	policyEditors = "POLICY_EDITORS"
	customDomain  = "CUSTOM_DOMAIN"
	certificate   = "CUSTOM_DOMAIN_CERTIFICATE"
	privateKey    = "CUSTOM_DOMAIN_KEY"
)

// Setting is one variable of the file.
type Setting struct {
	Name      string
	Parameter string // of template.yml; "" if the stack is not told
	Default   string // what s.yaml and template.yml take where nothing is given
	Meaning   string
	Secret    bool // the parameter has NoEcho
	Function  bool // the deployed function reads it
	Path      bool // the value is the path of a file, whose text the stack takes
}

// Settings lists every variable of the file, in its order: that of the documentation.
// A variable of the function is one of them unless it is for the local cloud, or for
// measurements alone.
func Settings() []Setting {
	out := []Setting{{Name: Region, Default: "cn-hangzhou", Meaning: "the region of the function and of its buckets"}}
	for _, v := range config.Variables() {
		if strings.HasSuffix(v.Name, "_ENDPOINT") || v.Name == "WAIT_BUDGET" || v.Name == "MAX_LANES" {
			continue
		}
		s := Setting{Name: v.Name, Parameter: parameter(v.Name), Meaning: v.Meaning, Function: true}
		s.Secret = v.Name == senders || strings.HasPrefix(v.Name, "CHAT_")
		// The default of a variable is the value itself, such as "auto", or a text such as
		// "none: …".
		if !v.Required && !strings.ContainsAny(v.Default, " :/") {
			s.Default = v.Default
		}
		out = append(out, s)
	}
	return append(out,
		Setting{Name: customDomain, Parameter: parameter(customDomain), Meaning: "a domain of your own for the function, which WeCom needs, such as vpn.example.com (docs/chat/wecom.md)"},
		Setting{Name: certificate, Parameter: parameter(certificate), Path: true, Meaning: "the file with the domain's certificate, as PEM"},
		Setting{Name: privateKey, Parameter: parameter(privateKey), Path: true, Secret: true, Meaning: "the file with the certificate's private key, as PEM"})
}

// parameter is the parameter of template.yml for a variable: ChatSlack for CHAT_SLACK.
func parameter(name string) string {
	switch name {
	case changeBucket, recordBucket, customDomain:
		return camel(name) + "Name"
	default:
		return camel(name)
	}
}

func camel(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		b.WriteString(word[:1] + strings.ToLower(word[1:]))
	}
	return b.String()
}

// setting finds a setting by its name.
func setting(name string) (Setting, bool) {
	for _, s := range Settings() {
		if s.Name == name {
			return s, true
		}
	}
	return Setting{}, false
}

// names lists the variables of the file.
func names() []string {
	var out []string
	for _, s := range Settings() {
		out = append(out, s.Name)
	}
	return out
}
