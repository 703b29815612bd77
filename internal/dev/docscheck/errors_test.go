package docscheck_test

import (
	"go/ast"
	"maps"
	"slices"
	"strings"
	"testing"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/dev/gosource"
	"sslvpnchange/internal/reconcile"
)

const errorsPage = "docs/errors.md"

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
	onPage := map[string]string{}
	for kind, row := range firsts(rows(section(t, read(t, errorsPage), "HTTP problems"))) {
		onPage[kind] = row[1]
	}
	if len(inCode) < 10 || !maps.Equal(inCode, onPage) {
		t.Errorf("the code has\n%v\nthe page\n%v", inCode, onPage)
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
	onPage := names(rows(section(t, read(t, errorsPage), "Classes")))
	if len(inCode) < 10 || !maps.Equal(inCode, onPage) {
		t.Errorf("the code has %q\nthe page %q", sorted(inCode), sorted(onPage))
	}
}

func TestEveryRuleAndCodeIsOnAPage(t *testing.T) {
	t.Parallel()
	page := read(t, errorsPage)
	known := names(rows(page))
	for _, name := range []string{"change", "document", "manifest", "policy"} {
		for _, rule := range gosource.Constants(t, root+"/internal/"+name, "Rule") {
			known[rule] = true // on docs/change-file.md or docs/policy.md, which tests of the packages compare with these
		}
	}
	files := sources(t, "handler", "internal/intake", "internal/queue", "internal/lane", "internal/plan", "internal/policy", "internal/reconcile",
		"internal/command", "internal/executor")
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
	for _, name := range sorted(inCode) {
		if !known[name] {
			t.Errorf("%s explains no %q", errorsPage, name)
		}
	}
	for name := range names(rows(section(t, page, "Codes of the function"))) {
		if name != "HTTP<status>" && !inCode[name] {
			t.Errorf("%s explains %q, which the code does not have", errorsPage, name)
		}
	}
}

func TestEveryCodeOfANoticeIsOnThePage(t *testing.T) {
	t.Parallel()
	inCode := constants(sources(t, "internal/chat"), "Code")
	current, former, ok := strings.Cut(section(t, read(t, errorsPage), "Codes of notices"), "| former code |")
	onPage := names(rows(current))
	delete(onPage, "HTTP<status>") // made of the status of an answer
	if len(inCode) < 10 || !ok || !maps.Equal(inCode, onPage) {
		t.Errorf("the code has %q\nthe page %q", sorted(inCode), sorted(onPage))
	}
	// Codes in the notices of earlier versions, which are kept permanently. The list
	// only grows.
	explained := names(rows(former))
	for _, code := range []string{
		"Network", "no-answer", "timeout", "Unreadable", "unreadable-answer", "Reply", "invalid-reply", "Address", "invalid-address", "unsendable",
	} {
		if !explained[code] {
			t.Errorf("%s does not explain the former code %q", errorsPage, code)
		}
		if inCode[code] {
			t.Errorf("the former code %q is in use", code)
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
	page := section(t, read(t, errorsPage), "Rules of commands")
	ofLines, ofRequests, ok := strings.Cut(page, "| rule of what is asked for |")
	if got := names(rows(ofLines)); !ok || len(lines) < 25 || !maps.Equal(got, lines) {
		t.Errorf("lines: the code has %q\nthe page %q", sorted(lines), sorted(got))
	}
	if got := names(rows(ofRequests)); len(asked) < 10 || !maps.Equal(got, asked) {
		t.Errorf("what is asked for: the code has %q\nthe page %q", sorted(asked), sorted(got))
	}
}

func TestAPlanNamesWhyAServerCannotBeLookedAt(t *testing.T) {
	t.Parallel()
	known := names(rows(section(t, read(t, errorsPage), "Rules")))
	causes := constants(sources(t, "internal/reconcile"), "cause")
	for _, c := range []reconcile.Cause{
		reconcile.CauseQueued, reconcile.CauseNotDue, reconcile.CauseApproval, reconcile.CauseApplying, reconcile.CauseUnverified,
		reconcile.CauseOthers, reconcile.CauseRecovery, reconcile.CausePolicy, reconcile.CauseFailing, reconcile.CauseClients, reconcile.CauseConfirm,
	} {
		delete(causes, string(c)) // why a queued change has not ended, not why a server cannot be read
	}
	if len(causes) < 4 {
		t.Errorf("only %q found in the code", sorted(causes))
	}
	for cause := range causes {
		if !known["api-"+cause] {
			t.Errorf("%s explains no %q", errorsPage, "api-"+cause)
		}
	}
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
