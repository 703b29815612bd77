package importrules_test

import (
	"fmt"
	"slices"
	"strings"
)

const module = "sslvpnchange"

// pkg is one package of the module, as the go command lists it.
type pkg struct {
	ImportPath string   `json:"ImportPath"`
	Imports    []string `json:"Imports"` // of its code, without its tests
	Deps       []string `json:"Deps"`    // all that it imports, directly or not
	TestOnly   []string `json:"-"`       // what its tests import
}

// violations tells every import that goes the wrong way.
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
			// The simulation plays the platform, which is who calls the handler.
			if imported == module+"/handler" && !edge(p.ImportPath) && p.ImportPath != module+"/internal/dev/sim" {
				report(p, imported, "nothing imports handler but main")
			}
		}
		if p.ImportPath == module {
			for _, dep := range p.Deps {
				if within(dep, module+"/internal/dev") || within(dep, module+"/cmd") {
					report(p, dep, "the function does not ship internal/dev or the operator's command")
				}
			}
		}
	}
	return found
}

// forbidden names the rule that an import breaks, or "".
func forbidden(importer, imported string) string {
	switch {
	case (within(importer, module+"/internal/change") || within(importer, module+"/events")) && !standard(imported):
		return "the domain and the wire formats import the standard library only"
	case (within(importer, module+"/internal/lang") || within(importer, module+"/internal/nearest")) && !standard(imported):
		return "words and languages import the standard library only"
	case within(importer, module+"/internal/command") && !standard(imported) &&
		!slices.Contains([]string{"change", "lang", "nearest"}, strings.TrimPrefix(imported, module+"/internal/")):
		return "the grammar imports the domain and its words only"
	case cloudSDK(imported) && !edge(importer) && !within(importer, module+"/internal/blob/oss"):
		return "a cloud SDK stays in internal/blob/oss, handler and main"
	case imported == module+"/handler" && importer != module:
		return "nothing imports handler but main"
	case within(importer, module+"/internal/intake") && within(imported, module+"/internal/reconcile"),
		within(importer, module+"/internal/reconcile") && within(imported, module+"/internal/intake"):
		return "intake and reconcile do not import each other"
	case within(importer, module+"/internal/policy") && within(imported, module) && !slices.Contains(policyKnows(), imported):
		return "every door asks the policy, which knows none of them"
	default:
		return ""
	}
}

// policyKnows is what the policy may import of this module.
func policyKnows() []string {
	return []string{module + "/internal/blob", module + "/internal/change", module + "/internal/document", module + "/internal/lang", module + "/internal/nearest"}
}

func edge(path string) bool { return path == module || path == module+"/handler" }

func cloudSDK(path string) bool {
	return slices.ContainsFunc([]string{"github.com/aliyun", "github.com/alibabacloud-go"}, func(sdk string) bool { return within(path, sdk) })
}

func within(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

// standard tells whether a path is of the standard library: its first element
// has no dot, and it is not of this module, whose name has none either.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && first != module
}
