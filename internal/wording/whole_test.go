package wording

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/gosource"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// said is a problem as the source code writes it, with x1, x2, … for what it names.
type said struct{ at, rule, message, hint string }

// source reads the problems and failures that packages write.
type source struct {
	t      *testing.T
	consts map[string]string // names of constants to their values
	all    []said
	whys   []said // why something waits, as messages
}

func (s *source) read(dir string) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		s.t.Fatal(err)
	}
	set := token.NewFileSet()
	var parsed []*ast.File
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			s.t.Fatal(err)
		}
		parsed = append(parsed, f)
		ast.Inspect(f, func(n ast.Node) bool {
			if _, ok := n.(*ast.FuncDecl); ok {
				return false // its constants have no meaning elsewhere
			}
			if v, ok := n.(*ast.ValueSpec); ok {
				for i, name := range v.Names {
					if i < len(v.Values) {
						if lit, ok := v.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
							s.consts[name.Name], _ = strconv.Unquote(lit.Value)
						}
					}
				}
			}
			return true
		})
	}
	for _, f := range parsed {
		ast.Inspect(f, func(n ast.Node) bool {
			at := ""
			if n != nil {
				at = set.Position(n.Pos()).String()
			}
			switch x := n.(type) {
			case *ast.CompositeLit:
				p := said{at: at}
				for _, e := range x.Elts {
					kv, ok := e.(*ast.KeyValueExpr)
					if !ok {
						continue
					}
					switch fmt.Sprint(kv.Key) {
					case "Rule", "Code":
						p.rule = s.text(kv.Value, new(int))
					case "Message":
						p.message = s.text(kv.Value, new(int))
					case "Hint":
						p.hint = s.text(kv.Value, new(int))
					}
				}
				for _, e := range x.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok && fmt.Sprint(kv.Key) == "Why" {
						s.why(at, kv.Value)
					}
				}
				if p.rule != "" && p.message != "" {
					s.all = append(s.all, p)
				}
			case *ast.AssignStmt:
				for i, left := range x.Lhs {
					if f, ok := left.(*ast.SelectorExpr); ok && f.Sel.Name == "Why" && len(x.Rhs) == len(x.Lhs) && x.Tok == token.ASSIGN {
						s.why(at, x.Rhs[i])
					}
				}
			case *ast.CallExpr:
				if f, ok := x.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "busy" && len(x.Args) == 1 {
					s.why(at, x.Args[0])
				}
				if f, ok := x.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "refuseBy" && len(x.Args) == 4 {
					s.all = append(s.all, said{at, s.text(x.Args[1], new(int)), s.text(x.Args[2], new(int)), s.text(x.Args[3], new(int))})
				}
			}
			return true
		})
	}
}

// why adds a text that says why something waits, unless it is all computed.
func (s *source) why(at string, e ast.Expr) {
	if text := s.text(e, new(int)); strings.Trim(text, "x0123456789") != "" {
		s.whys = append(s.whys, said{at: at, message: text})
	}
}

var verb = regexp.MustCompile(`%[-+#0-9.]*[a-z]`)

// text is an expression as a text.
func (s *source) text(e ast.Expr, n *int) string {
	value := func() string { *n++; return fmt.Sprintf("x%d", *n) }
	switch x := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(x.Value)
		return text
	case *ast.BinaryExpr:
		return s.text(x.X, n) + s.text(x.Y, n)
	case *ast.ParenExpr:
		return s.text(x.X, n)
	case *ast.Ident:
		if c, ok := s.consts[x.Name]; ok {
			return c
		}
	case *ast.SelectorExpr:
		if c, ok := s.consts[x.Sel.Name]; ok {
			return c
		}
	case *ast.CallExpr:
		if f, ok := x.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Sprintf" {
			return verb.ReplaceAllStringFunc(s.text(x.Args[0], n), func(string) string { return value() })
		}
	}
	return value()
}

// english finds words of an English sentence in what a Chinese text shows.
var english = regexp.MustCompile(`[a-z]{2,} [a-z]{2,}`)

// whole checks that a Chinese text is Chinese: no part of it is an English sentence.
func whole(t *testing.T, at string, text chat.Text) {
	t.Helper()
	for _, line := range text.Lines {
		var words strings.Builder
		for _, s := range line {
			if english.MatchString(s.Text) {
				t.Errorf("%s: %q is half English", at, PlainLine(line))
			}
			if !s.Code {
				words.WriteString(s.Text)
			}
		}
		if !strings.ContainsFunc(words.String(), func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: %q has no Chinese words", at, PlainLine(line))
		}
	}
}

// No Chinese refusal is half English, whatever rule, hint or advice it has.
func TestChineseRefusalsAreWholeInOneLanguage(t *testing.T) {
	t.Parallel()
	s := source{t: t, consts: map[string]string{}}
	for _, dir := range packages(t) {
		s.read(dir)
	}
	checked := map[string]bool{}
	for _, p := range s.all {
		if chineseRule(p.rule) == "" && !command.Explains(p.rule) {
			if p.rule != "x1" && p.rule != "api-x1" && deliveryCodes()[chat.FailureCode(p.rule)] == "" { // a variable, and the causes of waits
				t.Errorf("%s: the rule %s has no Chinese text", p.at, p.rule)
			}
			continue
		}
		checked[p.rule] = true
		if p.hint != "" && p.hint != "x1" && !command.Explains(p.rule) && documentRule(p.rule) == "" && chineseHint(p.rule, "", p.hint) == nil {
			t.Errorf("%s: the advice %q of %s has no Chinese text", p.at, p.hint, p.rule)
		}
		whole(t, p.at, problemText(change.Problem{Path: "Port", Rule: p.rule, Message: p.message, Hint: p.hint}))
		rec := In(lang.Chinese).Record(record.Record{Status: change.Failed, Error: &record.Failure{Code: p.rule, Message: p.message, Hint: p.hint}}, "office")
		whole(t, p.at, chat.Text{Lines: rec.Lines[:len(rec.Lines)-1]})
		if p.message != "x1" && strings.Contains(p.message, "x1") && !namesAll(p) && !command.Explains(p.rule) && !quotesOthers(p.rule) && documentRule(p.rule) == "" {
			t.Errorf("%s: the Chinese text does not name what %q names", p.at, p.message)
		}
	}
	for _, p := range s.whys {
		var found chat.Line
		for _, inner := range []string{"x1", "the gateway is busy: x1", "the VPC API of x1 is not called before x2: x3"} {
			if line := inChinese(strings.Replace(p.message, "x1", inner, 1)); line != nil {
				found = line
				break
			}
		}
		if found == nil && !onlyAPosition(p.message) {
			t.Errorf("%s: %q has no Chinese text", p.at, p.message)
		} else if found != nil {
			whole(t, p.at, chat.Text{Lines: []chat.Line{found}})
		}
	}
	if len(s.whys) < 25 {
		t.Errorf("only %d reasons to wait were found in the code", len(s.whys))
	}
	if len(checked) < 90 {
		t.Errorf("only %d rules were found in the code", len(checked))
	}
}

// packages lists the directories of all packages that ship, except those of the chat
// platforms, which write no problems, and those whose texts are for operators alone.
func packages(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("../*")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(dir string) bool {
		return slices.Contains([]string{"../dev", "../wording", "../command"}, dir)
	})
}

// onlyAPosition reports whether a reason is shown to programs alone: for people, the
// cause has a phrase that says as much.
func onlyAPosition(why string) bool {
	for _, begin := range []string{"not before ", "waits x", "a worker is ", "the worker that ", "change x", "queued", "waits until it may be sent: ", "undoes x", "changes wait for approval", "; ", "not-"} {
		if strings.HasPrefix(why, begin) {
			return true
		}
	}
	return false
}

// namesAll reports whether the Chinese text of a message names what the English one
// does. One of them may be a sentence of its own, or a status.
func namesAll(p said) bool {
	for _, k := range []string{"x0", "x1", "x2"} {
		for _, inner := range []string{k, "view settings", "VPN gateway", string(change.Applied), ": x9", "policy/policy.yaml"} {
			text := strings.Replace(p.message, k, inner, 1)
			if line := inChinese(text); line != nil && (strings.Contains(PlainLine(line), "x") || !strings.Contains(text, "x")) || strings.HasSuffix(p.message, "so every request is refused") {
				return true
			}
		}
	}
	return false
}

// quotesOthers reports whether the message of a rule quotes the API, or says what the
// difference beside it shows.
func quotesOthers(rule string) bool {
	return slices.Contains([]string{"server-not-visible", "OutcomeUnknown", "ReadBackMismatch", "GatewayStuck", "VpnGateway.FinancialLocked", "entry-unreadable"}, rule)
}

// The refusals of the policy, whose texts have several forms.
func TestChineseRefusalsOfThePolicyAreWhole(t *testing.T) {
	t.Parallel()
	p, problems := policy.Parse([]byte(`
people:
  - {name: mei, accounts: [{door: slack, tenant: T1, user: mei}]}
  - {name: eve, accounts: [{door: slack, tenant: T1, user: eve}]}
servers:
  - {name: test, RegionId: cn-hangzhou, SslVpnServerId: vss-test}
grants:
  - {who: [mei], roles: [operator], servers: [test]}
  - {who: [eve], roles: [viewer], servers: [test]}
`), document.YAML)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	eve, _ := p.Person(policy.Account{Channel: "slack", Tenant: "T1", User: "eve"})
	seen := []change.Target{{RegionID: "cn-hangzhou", ServerID: "vss-test"}, {RegionID: "cn-hangzhou", ServerID: "vss-other"}}
	var all []*change.Problem
	for _, perm := range []policy.Permission{policy.Read, policy.Ask, policy.Approve, policy.Retract} {
		for _, server := range seen {
			all = append(all, p.May(eve, perm, server, nil), p.May(eve, perm, server, []change.Field{change.Port, change.Proto}))
		}
		all = append(all, policy.Absent().May(policy.Person{Name: "slack:T1/eve"}, perm, seen[0], nil), policy.Absent().May(policy.Person{Name: "eve"}, perm, seen[0], nil),
			p.May(policy.Person{Name: "nobody"}, perm, seen[0], nil))
	}
	all = append(all, p.Unknown(policy.Account{Channel: "slack", Tenant: "T1", User: "x"}), p.Unknown(policy.Account{Channel: "http", User: "x"}))
	for _, c := range []change.Change{
		{Request: change.Request{Target: seen[0], Patch: change.Patch{change.Port: change.Number(1)}}, Account: change.Account{Channel: "slack", Tenant: "T1", User: "eve"}},
		{Request: change.Request{Target: seen[0], Patch: change.Patch{change.Port: change.Number(1)}}, Account: change.Account{Channel: "slack", Tenant: "T1", User: "mei"}, Approvals: 2},
	} {
		all = append(all, p.Refuses(c, nil), p.Refuses(c, []change.Vote{{Kind: change.Approval, Person: "eve", Account: "slack:T1/eve"}}))
	}
	n := 0
	for _, no := range all {
		if no != nil {
			n++
			whole(t, no.String(), problemText(*no))
		}
	}
	if n < 15 {
		t.Errorf("only %d refusals", n)
	}
}

// Every code and every class of the API's errors has its advice in Chinese.
func TestAdviceIsWholeInOneLanguage(t *testing.T) {
	t.Parallel()
	codes := slices.Collect(maps.Keys(codes()))
	for _, code := range append(codes, "", "Some.NewCode") {
		for _, class := range gosource.Constants(t, "../sslvpn", "Class") {
			e := &sslvpn.Error{Class: sslvpn.Class(class), Code: code, Action: "ModifySslVpnServer", Message: "m", RequestID: "r"}
			advice := sslvpn.Advice(e, change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"}, "1")
			if advice == "" {
				continue
			}
			hint := chineseHint(code, class, advice)
			if hint == nil {
				t.Errorf("%s of class %s: %q has no Chinese words", code, class, advice)
				continue
			}
			whole(t, code+" "+class, chat.Text{Lines: []chat.Line{hint}})
		}
	}
	for _, f := range change.Fields() {
		if hint := chineseHint("IllegalParam."+string(f), "invalid", "The API refuses "+string(f)); hint == nil {
			t.Errorf("%s: no Chinese advice", f)
		}
	}
}

// What a sentence names is shown as it is.
func TestChineseSentencesChangeNoName(t *testing.T) {
	t.Parallel()
	for line := range strings.Lines(chineseSentences) {
		pattern, template, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok || lang.Of(pattern, "") != "" || lang.Of(template, "") != lang.Chinese {
			t.Errorf("not a sentence in two languages: %q", line)
		}
		names := placeholder.FindAllString(pattern, -1)
		values := []string{"policy/policy.yaml", "vss-bp18q7", "10.30.30.0/24", "a_b", "cn-hangzhou/vss-x"}
		text, want := pattern, []string{}
		for i, name := range names {
			value := values[i%len(values)]
			if strings.HasSuffix(name, "*}") {
				value = "view settings"
			}
			text = strings.Replace(text, name, value, 1)
			if strings.Contains(template, name) && name != "{status}" && value != "view settings" {
				want = append(want, value)
			}
		}
		got := inChinese(text)
		if got == nil {
			t.Errorf("%q is not read back", text)
		}
		for _, value := range want {
			if !slices.Contains(got, chat.Code(value)) {
				t.Errorf("%q became %q, without %q", text, PlainLine(got), value)
			}
		}
	}
}
