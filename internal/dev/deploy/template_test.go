package deploy_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// template is template.yml after its functions are evaluated.
type template struct {
	deployment

	Policies map[string]rights // by the name of the file in docs/policies
	Indexed  string            // the project and the log store that can be searched
	Observed []string          // those of each query
}

type templateFile struct {
	Version     string                       `yaml:"ROSTemplateFormatVersion"`
	Description map[string]string            `yaml:"Description"`
	Parameters  map[string]templateParameter `yaml:"Parameters"`
	Conditions  map[string]any               `yaml:"Conditions"`
	Resources   map[string]map[string]any    `yaml:"Resources"`
	Outputs     map[string]struct {
		Description string `yaml:"Description"`
		Value       any    `yaml:"Value"`
	} `yaml:"Outputs"`
}

type templateParameter struct {
	Type           string `yaml:"Type"`
	Default        any    `yaml:"Default"`
	Description    string `yaml:"Description"`
	AllowedPattern string `yaml:"AllowedPattern"`
	AllowedValues  []any  `yaml:"AllowedValues"`
	MinValue       int    `yaml:"MinValue"`
	MaxValue       int    `yaml:"MaxValue"`
	NoEcho         bool   `yaml:"NoEcho"`
}

// templateResource has the keys that every resource may have.
type templateResource struct {
	Type           string   `yaml:"Type"`
	DeletionPolicy string   `yaml:"DeletionPolicy"`
	DependsOn      []string `yaml:"DependsOn"`
	Condition      string   `yaml:"Condition"`
	Properties     any      `yaml:"Properties"`
}

// readTemplate decodes template.yml with values for the parameters that have no
// default, and checks what s.yaml does not have.
func readTemplate(text string) (template, []string) {
	var file templateFile
	if err := strictText([]byte(text), &file); err != nil {
		return template{}, []string{"template.yml: " + err.Error()}
	}
	r := &resolver{
		params: map[string]any{
			"CodeBucket": "acme-code", "CodeObject": "sslvpn-change-1.zip", "ChangeBucketName": changeBucket,
			"RecordBucketName": recordBucket, "CustomDomainName": customDomain, "CustomDomainCertificate": certificatePath,
			"AlertActionPolicy": "sslvpn-oncall",
		},
		conditions: file.Conditions, resources: file.Resources, used: map[string]bool{},
	}
	r.giveSecrets(file)
	for name, p := range file.Parameters {
		if _, given := r.params[name]; !given {
			r.params[name] = p.Default
		}
		if p.Description == "" {
			r.report("parameter %s has no description", name)
		}
	}
	t := template{Policies: map[string]rights{}}
	for _, name := range slices.Sorted(maps.Keys(file.Resources)) {
		res := templateResource{}
		if err := strict(r.resolve(file.Resources[name]), &res); err != nil {
			r.report("%s: %v", name, err)
			continue
		}
		if res.Condition != "" && !r.holds(res.Condition) {
			continue
		}
		for _, other := range res.DependsOn {
			if file.Resources[other] == nil {
				r.report("%s depends on %s, which is no resource", name, other)
			}
		}
		if err := t.add(res); err != nil {
			r.report("%s: %v", name, err)
		}
	}
	for _, o := range file.Outputs {
		r.resolve(o.Value)
	}
	for _, name := range slices.Concat(slices.Collect(maps.Keys(file.Parameters)), slices.Collect(maps.Keys(file.Conditions))) {
		if !r.used[name] {
			r.report("nothing uses %s", name)
		}
	}
	return t, r.problems
}

// giveSecrets sets the parameters of variables with secrets. Such a parameter must
// be hidden in the stack, and optional.
func (r *resolver) giveSecrets(file templateFile) {
	for name, p := range file.Parameters {
		value, secret := secretVariables()[variableOf(name)]
		if name == "CustomDomainKey" {
			value, secret = keyPath, true
		}
		if secret {
			r.params[name] = value
		}
		if secret != p.NoEcho || secret && p.Default != "" {
			r.report("parameter %s: NoEcho is %t and its default %v; want NoEcho and an empty default for secrets, and for nothing else", name, p.NoEcho, p.Default)
		}
	}
}

// variableOf returns the variable that a parameter sets: CHAT_SLACK for ChatSlack.
func variableOf(parameter string) string {
	var b strings.Builder
	for i, c := range parameter {
		if i > 0 && unicode.IsUpper(c) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(c))
	}
	return b.String()
}

// add decodes a resource's properties by its type and adds them to the template.
func (t *template) add(res templateResource) error {
	switch res.Type {
	case "ALIYUN::OSS::Bucket":
		return checkBucket(res)
	case "ALIYUN::SLS::Project":
		return strict(res.Properties, &struct {
			Name        string `yaml:"Name"`
			Description string `yaml:"Description"`
		}{})
	case "ALIYUN::SLS::Logstore":
		return t.addLogstore(res.Properties)
	case "ALIYUN::SLS::Index":
		return t.addIndex(res.Properties)
	case "ALIYUN::SLS::Savedsearch", "ALIYUN::SLS::Dashboard", "ALIYUN::SLS::Alert":
		return t.addObserved(res.Type, res.Properties)
	case "ALIYUN::RAM::Role":
		return t.addRole(res.Properties)
	case "ALIYUN::RAM::ManagedPolicy":
		return t.addManagedPolicy(res.Properties)
	case "ALIYUN::FC3::Function":
		return t.addFunction(res.Properties)
	case "ALIYUN::FC3::AsyncInvokeConfig":
		return t.addAsync(res.Properties)
	case "ALIYUN::FC3::ConcurrencyConfig":
		return t.addConcurrency(res.Properties)
	case "ALIYUN::FC3::Trigger":
		return t.addTrigger(res.Properties)
	case "ALIYUN::FC3::CustomDomain":
		return t.addDomain(res.Properties)
	default:
		return fmt.Errorf("type %s is none that this project needs", res.Type)
	}
}

// checkBucket allows no VersioningConfiguration, website or lifecycle.
func checkBucket(res templateResource) error {
	var b struct {
		BucketName                        string            `yaml:"BucketName"`
		AccessControl                     string            `yaml:"AccessControl"`
		BlockPublicAccess                 bool              `yaml:"BlockPublicAccess"`
		ServerSideEncryptionConfiguration map[string]string `yaml:"ServerSideEncryptionConfiguration"`
	}
	if err := strict(res.Properties, &b); err != nil {
		return err
	}
	if b.BucketName != changeBucket || b.AccessControl != "private" || !b.BlockPublicAccess ||
		b.ServerSideEncryptionConfiguration["SSEAlgorithm"] != "AES256" || res.DeletionPolicy != "Retain" {
		return fmt.Errorf("the bucket must be private, closed to the public, encrypted and retained: %+v", b)
	}
	return nil
}
