package docscheck_test

import (
	"go/ast"
	"maps"
	"strings"
	"testing"
)

func TestEveryWarningAndErrorOfTheLogIsExplained(t *testing.T) {
	t.Parallel()
	files := sources(t, "main.go", "handler", "internal/approval", "internal/blob/oss", "internal/breaker", "internal/chat", "internal/digest", "internal/executor", "internal/index", "internal/intake",
		"internal/lane", "internal/notify", "internal/policy", "internal/proof", "internal/queue", "internal/reconcile", "internal/record", "internal/revision", "internal/function", "internal/sslvpn", "internal/wakeup", "internal/webhook")
	inCode := map[string]bool{}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && logs(sel.Sel.Name) {
				if msg, ok := message(call.Args); ok {
					inCode[msg] = true
				}
			}
			return true
		})
	}
	onPage := names(rows(section(t, read(t, "docs/operating.md"), "What the log says")))
	if len(inCode) < 10 || !maps.Equal(inCode, onPage) {
		t.Errorf("the code logs\n%s\nthe page explains\n%s", strings.Join(sorted(inCode), "\n"), strings.Join(sorted(onPage), "\n"))
	}
}

// logs reports whether a method of a logger writes a warning or an error.
func logs(method string) bool {
	switch method {
	case "Warn", "WarnContext", "Error", "ErrorContext", "Log":
		return true
	default:
		return false
	}
}

// message is the first text among the leading arguments, after an optional
// context and level.
func message(args []ast.Expr) (string, bool) {
	for _, a := range args[:min(len(args), 3)] {
		if s, ok := text(a); ok {
			return s, true
		}
	}
	return "", false
}
