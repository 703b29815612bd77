package importrules_test

import (
	"fmt"
	"slices"
	"strings"
)

const module = "github.com/sslvpn-change/sslvpn-change"

// pkg is one package of the module, as the go command lists it.
type pkg struct {
	ImportPath string   `json:"ImportPath"`
	Imports    []string `json:"Imports"` // of its code, without its tests
	Deps       []string `json:"Deps"`    // all that it imports, directly or not
	TestOnly   []string `json:"-"`       // what its tests import
}

// violations lists every import that breaks a rule.
func violations(packages []pkg) []string {
	var found []string
	report := func(p pkg, imported, rule string) {
		found = append(found, fmt.Sprintf("%s imports %s: %s", p.ImportPath, imported, rule))
	}
	for _, p := range packages {
		for _, imported := range p.Imports {
			if rule := forbidden(p.ImportPath, imported); rule != "" {
				report(p, imported, rule)
			}
		}
		for _, imported := range p.TestOnly {
			// The simulation is the platform, which calls the handler.
			if imported == module+"/handler" && !edge(p.ImportPath) && p.ImportPath != module+"/internal/dev/sim" {
				report(p, imported, ruleEdge)
			}
		}
		if p.ImportPath == module {
			for _, dep := range p.Deps {
				switch {
				case neverShips(dep):
					report(p, dep, ruleShips)
				case ofTools(dep):
					report(p, dep, ruleTools)
				}
			}
		}
	}
	return found
}

const (
	ruleEdge  = "only main and internal/function import handler"
	ruleShips = "nothing that ships imports internal/dev or cmd"
	ruleTools = "a module of vpnctl and of tests is not in the function"
)

// forbidden returns the rule that an import breaks, or "".
func forbidden(importer, imported string) string {
	inside := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return within(importer, module+"/"+name) })
	}
	switch {
	case inside("internal/change", "events") && !standard(imported):
		return "the domain and the wire formats import the standard library only"
	case inside("internal/lang", "internal/nearest") && !standard(imported):
		return "words and languages import the standard library only"
	case inside("internal/objects", "internal/secret", "internal/endpoint", "internal/signature", "internal/backoff", "internal/version", "internal/window", "internal/zone") && !standard(imported) &&
		!slices.Contains(foundationImports(importer), imported):
		return "the foundations are leaves"
	case inside("internal/command") && !standard(imported) && !slices.Contains(internals("change", "lang", "nearest"), imported):
		return "the grammar imports the domain and its words only"
	case platform(imported) != "" && platform(importer) != "" && platform(imported) != platform(importer):
		return "the chat platforms do not import each other"
	case within(importer, module+"/internal/objects") && !standard(imported) && imported != module+"/internal/change":
		return "the keys of objects import the domain only"
	case cloudSDK(imported) && !edge(importer) && !inside("internal/blob/oss"):
		return "a cloud SDK stays in internal/blob/oss and the edge"
	case imported == module+"/handler" && !edge(importer):
		return ruleEdge
	case imported == module+"/internal/function" && importer != module:
		return "only main imports internal/function"
	case inside("internal/intake") && within(imported, module+"/internal/reconcile"),
		inside("internal/reconcile") && within(imported, module+"/internal/intake"):
		return "intake and reconcile do not import each other"
	case inside("internal/policy") && within(imported, module) &&
		!slices.Contains(internals("blob", "change", "command", "document", "lang", "nearest", "objects", "window", "zone"), imported):
		return "every channel asks the policy, which imports none of them"
	case neverShips(imported) && !neverShips(importer):
		return ruleShips
	default:
		return ""
	}
}

// foundationImports is what a foundation may import beside the standard library.
func foundationImports(importer string) []string {
	switch importer {
	case module + "/internal/objects": // keys are of a server's lane
		return internals("change")
	case module + "/internal/zone": // hints name the nearest zone
		return internals("nearest")
	case module + "/internal/window": // a window is for settings, by the clock of a zone
		return internals("change", "zone")
	case module + "/internal/signature": // keys are secret
		return internals("secret")
	case module + "/internal/backoff":
		return []string{"github.com/cenkalti/backoff/v4"}
	default:
		return nil
	}
}

// internals gives the import paths of packages below internal.
func internals(names ...string) []string {
	out := make([]string, 0, len(names))
	for _, name := range names {
		out = append(out, module+"/internal/"+name)
	}
	return out
}

// platform is the name of the chat platform whose package a path is, or "".
func platform(path string) string {
	rest, below := strings.CutPrefix(path, module+"/internal/chat/")
	name, _, _ := strings.Cut(rest, "/")
	if !below || !slices.Contains([]string{"slack", "dingtalk", "feishu", "wecom"}, name) {
		return ""
	}
	return name
}

// edge reports whether a package knows the platform that runs the function.
func edge(path string) bool {
	return path == module || path == module+"/handler" || path == module+"/internal/function"
}

// ofTools reports whether a package is of the modules that docs/adr/0006-dependencies.md
// keeps out of the function.
func ofTools(path string) bool {
	return slices.ContainsFunc([]string{
		"github.com/alecthomas/kong", "github.com/arran4/golang-ical", "github.com/creack/pty", "github.com/google/jsonschema-go", "github.com/modelcontextprotocol", "github.com/santhosh-tekuri/jsonschema/v6", "golang.org/x/mod", "golang.org/x/term", "golang.org/x/text",
	}, func(m string) bool { return within(path, m) })
}

func neverShips(path string) bool {
	return within(path, module+"/internal/dev") || within(path, module+"/cmd")
}

func cloudSDK(path string) bool {
	return slices.ContainsFunc([]string{"github.com/aliyun", "github.com/alibabacloud-go"}, func(sdk string) bool { return within(path, sdk) })
}

func within(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

// standard reports whether a path is of the standard library: its first element
// has no dot, and it is not of this module, whose name has none either.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && first != module
}
