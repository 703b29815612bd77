package command

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// The programs whose command lines and texts people paste.
const (
	toolCLI       = "aliyun-cli"
	toolTerraform = "Terraform"
	toolVpnctl    = "vpnctl"
	toolDocument  = "a change file (POST /v1/changes)"
)

// forAnotherTool refuses a text that is written for another program, and says how it is
// written here; nil for other texts. It is not executed: whoever pasted it may not know
// that this bot changes servers.
func forAnotherTool(text string) *Error {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
	text = strings.ReplaceAll(text, "\\ ", " ")
	words := strings.Fields(text)
	for len(words) > 0 && (strings.HasPrefix(words[0], "@") || words[0] == "$" || words[0] == "#" || words[0] == ">") {
		words = words[1:]
	}
	if len(words) == 0 {
		return nil
	}
	program := strings.TrimSuffix(strings.ToLower(words[0][strings.LastIndexByte(words[0], '/')+1:]), ".exe")
	tag := lang.Of(text, "")
	switch {
	case program == "aliyun":
		action, flags := cliParts(text)
		return instead(toolCLI, tag, lineFor(action, flags))
	case program == "vpnctl":
		_, rest, _ := strings.Cut(text, words[0])
		if strings.Contains(strings.ToLower(rest), toolVpnctl) { // not again and again
			rest = ""
		}
		return instead(toolVpnctl, tag, strings.TrimSpace(rest))
	case program == "curl" || program == "wget" || strings.HasPrefix(words[0], "https://"):
		action, flags := queryParts(text)
		return instead(program, tag, lineFor(action, flags))
	case program == "terraform" || program == "tofu" || strings.Contains(text, "alicloud_ssl_vpn_server"):
		return instead(toolTerraform, tag, "")
	case strings.HasPrefix(words[0], "{") && strings.Contains(text, "SslVpnServerId"), slices.Contains(words, "SslVpnServerId:"):
		return instead(toolDocument, tag, "")
	default:
		return nil
	}
}

// instead is the refusal of a text for another program, with the line that it means
// here, if it means one.
func instead(tool string, tag lang.Tag, line string) *Error {
	if line == "" {
		return refuse("", tag, *problem(RuleOtherTool, "tool", tool, "line", ""))
	}
	c, err := Parse(line)
	if inner, ok := errors.AsType[*Error](err); ok {
		all := append([]Problem{*problem(RuleOtherTool, "tool", tool, "line", "")}, inner.Problems...)
		return refuse(inner.Verb, tag, all...)
	}
	e := refuse(c.Verb, tag, *problem(RuleOtherTool, "tool", tool, "line", c.String()))
	e.Meant = &c
	return e
}

// flag is a parameter of the API as another program writes it.
type flag struct{ key, value string }

// cliParts divides a command line of aliyun-cli into the API's action and parameters.
func cliParts(text string) (action string, flags []flag) {
	tokens, p := lex(text)
	if p != nil {
		return "", nil
	}
	var words []string
	for i := 0; i < len(tokens); i++ {
		it := itemOf(tokens[i])
		switch {
		case !it.option:
			words = append(words, tokens[i].text())
		case it.hasVal:
			flags = append(flags, flag{it.key, it.value})
		case i+1 < len(tokens) && !itemOf(tokens[i+1]).option:
			i++
			flags = append(flags, flag{it.key, tokens[i].text()})
		default:
			flags = append(flags, flag{it.key, "true"})
		}
	}
	if i := slices.Index(words, "vpc"); i >= 0 && i+1 < len(words) {
		action = words[i+1]
	}
	return action, flags
}

// queryParts finds a call of the API in an address.
func queryParts(text string) (action string, flags []flag) {
	_, query, _ := strings.Cut(text, "?")
	query, _, _ = strings.Cut(query, " ")
	for part := range strings.SplitSeq(strings.Trim(query, `"'`), "&") {
		key, value, _ := strings.Cut(part, "=")
		value, err := url.QueryUnescape(value)
		switch {
		case err != nil:
		case key == "Action":
			action = value
		default:
			flags = append(flags, flag{key, value})
		}
	}
	return action, flags
}

// plainName is a name of the API without case and hyphens: aliyun-cli has two
// spellings.
func plainName(s string) string { return strings.ToLower(strings.ReplaceAll(s, "-", "")) }

// lineFor is the line for a call of the API; "" where no command does the same.
func lineFor(action string, flags []flag) string {
	server, region, dry, items := "", "", "", ""
	keys := keyTable(Keys())
	for _, f := range flags {
		k, _, known := keys.find(plainName(f.key))
		switch name := plainName(f.key); {
		case name == "sslvpnserverid":
			server = f.value
		case name == "regionid", name == "region" && region == "":
			region = f.value
		case name == "region" || notOfTheServer(name):
		case known && k.Name == keyDryRun:
			if !strings.EqualFold(f.value, "false") {
				dry = " --dry-run"
			}
		case known && k.Field != "":
			items += " " + k.Name + "=" + quote(f.value)
		case plain(f.key):
			items += " " + f.key + "=" + quote(f.value)
		}
	}
	target := server
	if region != "" && server != "" {
		target = region + "/" + server
	}
	switch plainName(action) {
	case "modifysslvpnserver":
		return strings.Join(strings.Fields(string(Apply)+" "+target), " ") + items + dry
	case "describesslvpnservers":
		if server == "" {
			return string(Servers)
		}
		return string(Status) + " " + target
	default:
		return ""
	}
}

// notOfTheServer reports whether a parameter is about the call, and not about the
// server: credentials, output, paging.
func notOfTheServer(name string) bool {
	switch name {
	case "action", "format", "version", "timestamp", "profile", "output", "endpoint", "mode", "language", "configpath", "force", "secure", "insecure", "clienttoken",
		"pagenumber", "pagesize", "vpngatewayid", "readtimeout", "connecttimeout", "retrycount", "ststoken", "pager", "waiter", "header", "body", "method", "quiet":
		return true
	default:
		return strings.HasPrefix(name, "owner") || strings.HasPrefix(name, "resource") || strings.HasPrefix(name, "accesskey") ||
			strings.HasPrefix(name, "ram") || strings.HasPrefix(name, "signature") || strings.HasPrefix(name, "security") || strings.HasPrefix(name, "skip")
	}
}
