package docscheck_test

import (
	"go/ast"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/gosource"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// errorsPage is a page about errors, with the titles of its sections, and of the
// tables that begin in the middle of one.
type errorsPage struct {
	file, http, rules, commands, classes, function, notices string
	formerCodes, requests                                   string
}

func errorsPages() []errorsPage {
	return []errorsPage{
		{
			"docs/errors.md", "HTTP problems", "Rules", "Rules of commands", "Classes", "Codes of the function", "Codes of notices",
			"| former code |", "| rule of what is asked for |",
		},
		{
			"docs/errors.zh-CN.md", "HTTP 错误", "规则", "命令的规则", "错误类别", "函数的错误码", "通知的错误码",
			"| 旧错误码 |", "| 所申请内容的规则 |",
		},
	}
}

func TestEveryHTTPProblemIsOnThePageWithItsStatus(t *testing.T) {
	t.Parallel()
	inCode := map[string]string{}
	for _, args := range called(sources(t, "handler"), "problem") {
		status, ok := args[0].(*ast.BasicLit)
		kind, isText := text(args[1])
		if !ok || !isText {
			t.Fatalf("a problem's status and kind are not literals: %v", args)
		}
		inCode[kind] = status.Value
	}
	for _, page := range errorsPages() {
		onPage := map[string]string{}
		for kind, row := range firsts(rows(section(t, read(t, page.file), page.http))) {
			onPage[kind] = row[1]
		}
		if len(inCode) < 10 || !maps.Equal(inCode, onPage) {
			t.Errorf("the code has\n%v\n%s\n%v", inCode, page.file, onPage)
		}
	}
}

// firsts finds rows by the name in their first cell.
func firsts(list [][]string) map[string][]string {
	out := map[string][]string{}
	for _, r := range list {
		for name := range names([][]string{r}) {
			out[name] = r
		}
	}
	return out
}

func TestEveryClassIsOnThePage(t *testing.T) {
	t.Parallel()
	inCode := constants(sources(t, "internal/sslvpn"), "Class")
	for class := range keyed(sources(t, "internal/reconcile"), "Class") {
		inCode[class] = true
	}
	for _, s := range []change.Status{change.Rejected, change.Failed, change.Expired} {
		inCode[string(s)] = true // classes of failures without an API error
	}
	for _, page := range errorsPages() {
		onPage := names(rows(section(t, read(t, page.file), page.classes)))
		if len(inCode) < 10 || !maps.Equal(inCode, onPage) {
			t.Errorf("the code has %q\n%s %q", sorted(inCode), page.file, sorted(onPage))
		}
	}
}

func TestEveryRuleAndCodeIsOnAPage(t *testing.T) {
	t.Parallel()
	elsewhere := map[string]bool{} // on the pages of change files and of the policy, which tests of the packages compare with these
	for _, name := range []string{"change", "document", "manifest", "policy"} {
		for _, rule := range gosource.Constants(t, root+"/internal/"+name, "Rule") {
			elsewhere[rule] = true
		}
	}
	files := sources(t, "handler", "internal/intake", "internal/queue", "internal/lane", "internal/plan", "internal/policy", "internal/reconcile",
		"internal/command", "internal/executor", "internal/revision")
	inCode := keyed(files, "Rule", "Code")
	maps.Copy(inCode, constants(files, "Rule"))
	maps.Copy(inCode, constants(sources(t, "internal/sslvpn"), "codeNo"))
	for _, args := range called(files, "gatewayFailure") {
		if code, ok := text(args[0]); ok {
			inCode[code] = true
		}
	}
	if len(inCode) < 8 {
		t.Errorf("only %q found in the code", sorted(inCode))
	}
	for _, page := range errorsPages() {
		text := read(t, page.file)
		known := names(rows(text))
		for _, name := range sorted(inCode) {
			if !known[name] && !elsewhere[name] {
				t.Errorf("%s explains no %q", page.file, name)
			}
		}
		for name := range names(rows(section(t, text, page.function))) {
			if name != "HTTP<status>" && !inCode[name] {
				t.Errorf("%s explains %q, which the code does not have", page.file, name)
			}
		}
	}
}

func TestEveryCodeOfANoticeIsOnThePage(t *testing.T) {
	t.Parallel()
	inCode := constants(sources(t, "internal/chat"), "Code")
	for _, page := range errorsPages() {
		current, former, ok := strings.Cut(section(t, read(t, page.file), page.notices), page.formerCodes)
		onPage := names(rows(current))
		delete(onPage, "HTTP<status>") // made of the status of an answer
		if len(inCode) < 10 || !ok || !maps.Equal(inCode, onPage) {
			t.Errorf("the code has %q\n%s %q", sorted(inCode), page.file, sorted(onPage))
		}
		// Codes in the notices of earlier versions, which are kept permanently. The list
		// only grows.
		explained := names(rows(former))
		for _, code := range []string{
			"Network", "no-answer", "timeout", "Unreadable", "unreadable-answer", "Reply", "invalid-reply", "Address", "invalid-address", "unsendable",
		} {
			if !explained[code] {
				t.Errorf("%s does not explain the former code %q", page.file, code)
			}
			if inCode[code] {
				t.Errorf("the former code %q is in use", code)
			}
		}
	}
}

func TestEveryReasonOfChatIsOnThePage(t *testing.T) {
	t.Parallel()
	sections := map[string]string{
		"docs/operating.md":       section(t, read(t, "docs/operating.md"), "A bot does not answer"),
		"docs/operating.zh-CN.md": section(t, read(t, "docs/operating.zh-CN.md"), "机器人没有响应"),
	}
	for _, prefix := range []string{"Reason", "Ignored"} {
		values := constants(sources(t, "internal/chat"), prefix)
		if len(values) < 9 {
			t.Errorf("only %q found in the code", sorted(values))
		}
		for value := range values {
			for page, text := range sections {
				if !strings.Contains(text, "`"+value+"`") && !strings.Contains(text, "`reason: "+value+"`") && !strings.Contains(text, "`why: "+value+"`") {
					t.Errorf("%s does not explain the %s %q of chat", page, strings.ToLower(prefix), value)
				}
			}
		}
	}
}

func TestEveryRuleOfCommandsIsOnThePage(t *testing.T) {
	t.Parallel()
	lines := map[string]bool{}
	for _, r := range gosource.Constants(t, root+"/internal/command", "Rule") {
		lines[r] = true
	}
	asked := constants(sources(t, "internal/executor"), "Rule")
	for _, page := range errorsPages() {
		ofLines, ofRequests, ok := strings.Cut(section(t, read(t, page.file), page.commands), page.requests)
		if got := names(rows(ofLines)); !ok || len(lines) < 25 || !maps.Equal(got, lines) {
			t.Errorf("lines: the code has %q\n%s %q", sorted(lines), page.file, sorted(got))
		}
		if got := names(rows(ofRequests)); len(asked) < 10 || !maps.Equal(got, asked) {
			t.Errorf("what is asked for: the code has %q\n%s %q", sorted(asked), page.file, sorted(got))
		}
	}
}

func TestAPlanNamesWhyAServerCannotBeLookedAt(t *testing.T) {
	t.Parallel()
	causes := constants(sources(t, "internal/reconcile"), "cause")
	for _, c := range []reconcile.Cause{
		reconcile.CauseQueued, reconcile.CauseNotDue, reconcile.CauseApproval, reconcile.CauseApplying, reconcile.CauseUnverified,
		reconcile.CauseOthers, reconcile.CauseRecovery, reconcile.CausePolicy, reconcile.CauseFailing, reconcile.CauseClients, reconcile.CauseWindow, reconcile.CauseConfirm,
	} {
		delete(causes, string(c)) // why a queued change has not ended, not why a server cannot be read
	}
	if len(causes) < 4 {
		t.Errorf("only %q found in the code", sorted(causes))
	}
	for _, page := range errorsPages() {
		known := names(rows(section(t, read(t, page.file), page.rules)))
		for cause := range causes {
			if !known["api-"+cause] {
				t.Errorf("%s explains no %q", page.file, "api-"+cause)
			}
		}
	}
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
