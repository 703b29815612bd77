package wording

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// literals lists every phrase that the package's source writes, by its place.
func literals(t *testing.T) map[string]phrase {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]phrase{}
	set := token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok || len(lit.Elts) != 2 {
				return true
			}
			if id, ok := lit.Type.(*ast.Ident); !ok || id.Name != "phrase" {
				return true
			}
			var text [2]string
			for i, e := range lit.Elts {
				b, ok := e.(*ast.BasicLit)
				if !ok {
					return true // computed
				}
				text[i], _ = strconv.Unquote(b.Value)
			}
			out[set.Position(lit.Pos()).String()] = phrase{text[0], text[1]}
			return true
		})
	}
	if len(out) < 150 {
		t.Fatalf("only %d phrases", len(out))
	}
	return out
}

// Every phrase, wherever it is written, says the same in both languages.
func TestEveryPhraseHasBothLanguages(t *testing.T) {
	t.Parallel()
	for at, p := range literals(t) {
		en, zh := placeholder.FindAllString(p.en, -1), placeholder.FindAllString(p.zh, -1)
		slices.Sort(en)
		slices.Sort(zh)
		if strings.TrimSpace(p.en) != "" && p.zh == "" || !slices.Equal(en, zh) {
			t.Errorf("%s: %q, %q", at, p.en, p.zh)
		}
		if lang.Of(p.en, "") != "" || lettersIn(p.zh) && lang.Of(p.zh, "") != lang.Chinese {
			t.Errorf("%s: not in the two languages: %q, %q", at, p.en, p.zh)
		}
	}
}

func lettersIn(s string) bool {
	return strings.ContainsFunc(placeholder.ReplaceAllString(s, ""), unicode.IsLetter)
}

// names are the words of Latin letters that Chinese texts may have: names of things,
// keys and values.
var names = []string{
	"API", "ASCII", "CIDR", "ClientToken", "DNS", "EIAM", "HTTP", "IANA", "ID", "IDaaS", "IP", "IPsec", "IPv4", "JSON", "MiB", "ModifySslVpnServer", "OSS", "OpenVPN", "PORT", "SSL", "TCP", "UDP", "UTC", "UTF",
	"VPC", "VPN", "Windows", "YAML", "RFC", "AES", "CBC", "SslVpnServer", "VPC_REGIONS", "DescribeSslVpnServers",
	"cn", "hangzhou", "vss", "none", "now", "true", "false", "zh", "en", "idle", "proof", "confirm", "when", "override", "notBefore", "requestedBy", "reindex", "webhook", "id", "tenant", "need", "maxConnected", "otherwise",
	"refuse", "approval", "for", "or", "viewer", "operator", "approver", "admin", "digest", "quiet", "bp18q7hzj6largv4vk2fe",
}

var latin = regexp.MustCompile(`[A-Za-z][A-Za-z0-9_]+`)

// Chinese texts have no English words but the names of things, keys and values.
func TestChineseTextsHaveNoEnglishWords(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile("`[^`]*`")
	check := func(at, text string) {
		t.Helper()
		for _, found := range latin.FindAllString(placeholder.ReplaceAllString(code.ReplaceAllString(text, ""), ""), -1) {
			if !slices.Contains(names, found) && !regexp.MustCompile(`^\d*[smhd]?\d*[smhd]?$`).MatchString(found) {
				t.Errorf("%s: the Chinese text %q has the word %s", at, text, found)
			}
		}
	}
	for at, p := range literals(t) {
		check(at, p.zh)
	}
	for name, table := range map[string]string{"chineseSentences": chineseSentences, "chineseHints": chineseHints, "documentRules": documentRules} {
		for line := range strings.Lines(table) {
			_, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			check(name, text)
		}
	}
	for rule, text := range requestRules() {
		check(rule, text)
	}
	for code, text := range codes() {
		check(code, text)
	}
	for code, text := range deliveryCodes() {
		check(string(code), text)
	}
	for _, h := range command.Summary(lang.Chinese) {
		check("help "+string(h.Verb), h.Says)
	}
}
