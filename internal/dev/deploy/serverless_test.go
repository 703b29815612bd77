package deploy_test

import (
	"fmt"
	"regexp"
	"strings"
)

// serverlessFile is s.yaml, edition 3.0.0 with the component fc3.
type serverlessFile struct {
	Edition   string            `yaml:"edition"`
	Name      string            `yaml:"name"`
	Access    string            `yaml:"access"`
	Vars      map[string]string `yaml:"vars"`
	Resources struct {
		Function struct {
			Component string          `yaml:"component"`
			Props     serverlessProps `yaml:"props"`
		} `yaml:"sslvpn_change"`
	} `yaml:"resources"`
}

type serverlessProps struct {
	Region               string            `yaml:"region"`
	FunctionName         string            `yaml:"functionName"`
	Description          string            `yaml:"description"`
	Runtime              string            `yaml:"runtime"`
	Handler              string            `yaml:"handler"`
	Code                 string            `yaml:"code"`
	CPU                  float64           `yaml:"cpu"`
	MemorySize           int               `yaml:"memorySize"`
	DiskSize             int               `yaml:"diskSize"`
	Timeout              int               `yaml:"timeout"`
	InternetAccess       bool              `yaml:"internetAccess"`
	Role                 string            `yaml:"role"`
	EnvironmentVariables map[string]string `yaml:"environmentVariables"`
	LogConfig            struct {
		Project               string `yaml:"project"`
		Logstore              string `yaml:"logstore"`
		EnableRequestMetrics  bool   `yaml:"enableRequestMetrics"`
		EnableInstanceMetrics bool   `yaml:"enableInstanceMetrics"`
		LogBeginRule          string `yaml:"logBeginRule"`
	} `yaml:"logConfig"`
	AsyncInvokeConfig struct {
		MaxAsyncRetryAttempts     int `yaml:"maxAsyncRetryAttempts"`
		MaxAsyncEventAgeInSeconds int `yaml:"maxAsyncEventAgeInSeconds"`
	} `yaml:"asyncInvokeConfig"`
	ConcurrencyConfig struct {
		ReservedConcurrency int `yaml:"reservedConcurrency"`
	} `yaml:"concurrencyConfig"`
	Triggers []struct {
		TriggerName    string `yaml:"triggerName"`
		TriggerType    string `yaml:"triggerType"`
		Description    string `yaml:"description"`
		SourceArn      string `yaml:"sourceArn"`
		InvocationRole string `yaml:"invocationRole"`
		TriggerConfig  any    `yaml:"triggerConfig"`
	} `yaml:"triggers"`
}

var magicVariable = regexp.MustCompile(`\$\{(\w+)(?:\.(\w+)|\('([^']*)'(?:, '([^']*)')?\))\}`)

// expandMagic replaces the variables of Serverless Devs, with the environment
// that the header of s.yaml describes.
func expandMagic(text string, vars map[string]string) string {
	env := secretVariables()
	env["CHANGE_BUCKET"], env["RECORD_BUCKET"] = changeBucket, recordBucket
	env["CUSTOM_DOMAIN"], env["CUSTOM_DOMAIN_CERTIFICATE"], env["CUSTOM_DOMAIN_KEY"] = customDomain, certificatePath, keyPath
	return magicVariable.ReplaceAllStringFunc(text, func(match string) string {
		m := magicVariable.FindStringSubmatch(match)
		switch m[1] {
		case "env":
			if v, ok := env[m[3]]; ok {
				return v
			}
			return m[4]
		case "config":
			if m[3] == "AccountID" {
				return account
			}
		case "vars":
			if v, ok := vars[m[2]]; ok {
				return v
			}
		}
		return match
	})
}

// readServerless decodes s.yaml and checks what template.yml does not have.
func readServerless(text string) (deployment, []string) {
	var first, file serverlessFile
	if err := strictText([]byte(expandMagic(text, nil)), &first); err != nil {
		return deployment{}, []string{"s.yaml: " + err.Error()}
	}
	if err := strictText([]byte(expandMagic(text, first.Vars)), &file); err != nil {
		return deployment{}, []string{"s.yaml: " + err.Error()}
	}
	var problems []string
	p := file.Resources.Function.Props
	for _, must := range []struct{ name, got, want string }{
		{"edition", file.Edition, "3.0.0"},
		{"component", file.Resources.Function.Component, "fc3"},
		{"region", p.Region, region},
		{"code", p.Code, "./dist/sslvpn-change.zip"},
	} {
		if must.got != must.want {
			problems = append(problems, fmt.Sprintf("s.yaml: %s is %q, want %q", must.name, must.got, must.want))
		}
	}
	if _, rest, found := strings.Cut(fmt.Sprintf("%+v", file), "${"); found {
		problems = append(problems, "s.yaml: a variable is left unresolved: ${"+rest)
	}
	l := p.LogConfig
	d := deployment{
		Function: function{
			p.FunctionName, p.Description, p.Runtime, p.Handler, p.CPU, p.MemorySize, p.DiskSize, p.Timeout, p.InternetAccess,
			p.Role, p.EnvironmentVariables,
			logConfig{l.Project, l.Logstore, l.EnableRequestMetrics, l.EnableInstanceMetrics, l.LogBeginRule},
		},
		Async:       async{p.AsyncInvokeConfig.MaxAsyncRetryAttempts, p.AsyncInvokeConfig.MaxAsyncEventAgeInSeconds},
		Concurrency: p.ConcurrencyConfig.ReservedConcurrency,
	}
	for _, st := range p.Triggers {
		t := trigger{Name: st.TriggerName, Type: st.TriggerType, Description: st.Description, SourceARN: st.SourceArn, Role: st.InvocationRole}
		if err := t.configure(st.TriggerConfig); err != nil {
			problems = append(problems, fmt.Sprintf("s.yaml: trigger %s: %v", t.Name, err))
		}
		d.Triggers = append(d.Triggers, t)
	}
	return d, problems
}
