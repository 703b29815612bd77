package deploy_test

import (
	"fmt"
	"regexp"
	"strings"
)

// resolver evaluates the intrinsic functions that template.yml uses: Ref,
// Fn::Sub, Fn::GetAtt, Fn::If, Fn::Equals and Fn::Not.
type resolver struct {
	params     map[string]any
	conditions map[string]any
	resources  map[string]map[string]any
	used       map[string]bool // parameters and conditions that something refers to
	problems   []string
}

func (r *resolver) report(format string, args ...any) string {
	r.problems = append(r.problems, "template.yml: "+fmt.Sprintf(format, args...))
	return ""
}

func (r *resolver) resolve(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = r.resolve(v[i])
		}
		return out
	case map[string]any:
		if len(v) == 1 {
			for name, arg := range v {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") {
					return r.call(name, arg)
				}
			}
		}
		out := make(map[string]any, len(v))
		for k, inner := range v {
			if value := r.resolve(inner); value != any(noValue{}) {
				out[k] = value
			}
		}
		return out
	default:
		return v
	}
}

func (r *resolver) call(name string, arg any) any {
	list, _ := arg.([]any)
	switch {
	case name == "Ref":
		return r.ref(fmt.Sprint(arg))
	case name == "Fn::Sub" && list == nil:
		return r.sub(fmt.Sprint(arg), nil)
	case name == "Fn::Sub" && len(list) == 2:
		vars, _ := r.resolve(list[1]).(map[string]any)
		return r.sub(fmt.Sprint(list[0]), vars)
	case name == "Fn::GetAtt" && len(list) == 2:
		return r.attribute(fmt.Sprint(list[0]), fmt.Sprint(list[1]))
	case name == "Fn::If" && len(list) == 3:
		if r.holds(fmt.Sprint(list[0])) {
			return r.resolve(list[1])
		}
		return r.resolve(list[2])
	case name == "Fn::Not" && list == nil:
		return r.resolve(arg) != true
	case name == "Fn::Equals" && len(list) == 2:
		return r.resolve(list[0]) == r.resolve(list[1])
	default:
		return r.report("%s is not used correctly", name)
	}
}

// noValue takes a property away.
type noValue struct{}

func (r *resolver) ref(name string) any {
	switch name {
	case "ALIYUN::TenantId":
		return account
	case "ALIYUN::Region":
		return region
	case "ALIYUN::NoValue":
		return noValue{}
	}
	v, ok := r.params[name]
	if !ok {
		return r.report("Ref to %s, which is no parameter", name)
	}
	r.used[name] = true
	return v
}

func (r *resolver) holds(condition string) bool {
	c, ok := r.conditions[condition]
	if !ok {
		r.report("Fn::If by %s, which is no condition", condition)
	}
	r.used[condition] = true
	return r.resolve(c) == true
}

var subVariable = regexp.MustCompile(`\$\{([^}]*)\}`)

func (r *resolver) sub(text string, vars map[string]any) string {
	return subVariable.ReplaceAllStringFunc(text, func(match string) string {
		name := strings.TrimSuffix(strings.TrimPrefix(match, "${"), "}")
		if v, ok := vars[name]; ok {
			return fmt.Sprint(v)
		}
		return fmt.Sprint(r.ref(name))
	})
}

// attribute evaluates the attributes that name a resource; of the others, whose
// values the platform chooses, it checks that they exist.
func (r *resolver) attribute(name, attribute string) any {
	res, ok := r.resources[name]
	if !ok {
		return r.report("Fn::GetAtt of %s, which is no resource", name)
	}
	properties, _ := res["Properties"].(map[string]any)
	switch kind := fmt.Sprint(res["Type"], " ", attribute); kind {
	case "ALIYUN::RAM::Role Arn":
		return "acs:ram::" + account + ":role/" + fmt.Sprint(r.resolve(properties["RoleName"]))
	case "ALIYUN::SLS::Project Name", "ALIYUN::FC3::Function FunctionName", "ALIYUN::RAM::ManagedPolicy PolicyName":
		return r.resolve(properties[attribute])
	case "ALIYUN::FC3::Trigger UrlInternet", "ALIYUN::FC3::Function ARN":
		return kind
	default:
		return r.report("%s has no attribute %s", res["Type"], attribute)
	}
}
