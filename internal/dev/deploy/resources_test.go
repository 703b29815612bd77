package deploy_test

import (
	"fmt"
	"strings"
)

func (t *template) addLogstore(properties any) error {
	var l struct {
		ProjectName  string `yaml:"ProjectName"`
		LogstoreName string `yaml:"LogstoreName"`
		TTL          int    `yaml:"TTL"`
		ShardCount   int    `yaml:"ShardCount"`
		AppendMeta   bool   `yaml:"AppendMeta"`
	}
	if err := strict(properties, &l); err != nil {
		return err
	}
	if len(l.LogstoreName) < 3 || l.TTL < 1 || l.ShardCount < 1 {
		return fmt.Errorf("a log store needs a name of 3 characters, days to keep and a shard: %+v", l)
	}
	return nil
}

// addIndex reads an index of a log store: without one, "search the log" in
// docs/operating.md finds nothing.
func (t *template) addIndex(properties any) error {
	type text struct {
		Enable         bool   `yaml:"Enable"`
		CaseSensitive  bool   `yaml:"CaseSensitive"`
		IncludeChinese bool   `yaml:"IncludeChinese"`
		Delimiter      string `yaml:"Delimiter"`
	}
	var x struct {
		ProjectName   string `yaml:"ProjectName"`
		LogstoreName  string `yaml:"LogstoreName"`
		FullTextIndex text   `yaml:"FullTextIndex"`
		KeyIndices    []struct {
			Name           string `yaml:"Name"`
			Type           string `yaml:"Type"`
			IncludeChinese bool   `yaml:"IncludeChinese"`
			JSONKeyIndices []struct {
				Name string `yaml:"Name"`
				Type string `yaml:"Type"`
			} `yaml:"JsonKeyIndices"`
		} `yaml:"KeyIndices"`
	}
	if err := strict(properties, &x); err != nil {
		return err
	}
	if !x.FullTextIndex.Enable || x.FullTextIndex.CaseSensitive {
		return fmt.Errorf("the log must be searchable by words in any case: %+v", x.FullTextIndex)
	}
	for _, k := range x.KeyIndices {
		if k.Type != "text" && (k.Type != "json" || len(k.JSONKeyIndices) == 0) {
			return fmt.Errorf("field %s of the log has the type %s", k.Name, k.Type)
		}
		for _, inner := range k.JSONKeyIndices {
			if inner.Name == "" || inner.Type != "text" && inner.Type != "long" {
				return fmt.Errorf("key %s of %s has the type %s", inner.Name, k.Name, inner.Type)
			}
		}
	}
	t.Indexed = x.ProjectName + "/" + x.LogstoreName
	return nil
}

func (t *template) addRole(properties any) error {
	var role struct {
		RoleName                 string `yaml:"RoleName"`
		Description              string `yaml:"Description"`
		AssumeRolePolicyDocument rights `yaml:"AssumeRolePolicyDocument"`
		Policies                 []struct {
			PolicyName     string `yaml:"PolicyName"`
			PolicyDocument rights `yaml:"PolicyDocument"`
		} `yaml:"Policies"`
	}
	if err := strict(properties, &role); err != nil {
		return err
	}
	if len(role.Policies) != 1 {
		return fmt.Errorf("role %s has %d policies, want 1", role.RoleName, len(role.Policies))
	}
	var name string
	switch {
	case strings.HasSuffix(role.RoleName, "-fn"):
		name = "function"
	case strings.HasSuffix(role.RoleName, "-oss"):
		name = "oss-invoke"
	default:
		return fmt.Errorf("role %s ends in neither -fn nor -oss", role.RoleName)
	}
	t.Policies[name+".json"] = role.Policies[0].PolicyDocument
	t.Policies[name+"-trust.json"] = role.AssumeRolePolicyDocument
	return nil
}

func (t *template) addManagedPolicy(properties any) error {
	var m struct {
		PolicyName     string `yaml:"PolicyName"`
		Description    string `yaml:"Description"`
		PolicyDocument rights `yaml:"PolicyDocument"`
	}
	if err := strict(properties, &m); err != nil {
		return err
	}
	switch {
	case strings.HasSuffix(m.PolicyName, "-author"):
		t.Policies["change-author.json"] = m.PolicyDocument
	case strings.HasSuffix(m.PolicyName, "-policy-editor"):
		t.Policies["policy-editor.json"] = m.PolicyDocument
	default:
		return fmt.Errorf("policy %s ends in neither -author nor -policy-editor", m.PolicyName)
	}
	return nil
}

func (t *template) addFunction(properties any) error {
	var f struct {
		FunctionName string `yaml:"FunctionName"`
		Description  string `yaml:"Description"`
		Runtime      string `yaml:"Runtime"`
		Handler      string `yaml:"Handler"`
		Code         struct {
			OssBucketName string `yaml:"OssBucketName"`
			OssObjectName string `yaml:"OssObjectName"`
		} `yaml:"Code"`
		CPU                  float64           `yaml:"Cpu"`
		MemorySize           int               `yaml:"MemorySize"`
		DiskSize             int               `yaml:"DiskSize"`
		Timeout              int               `yaml:"Timeout"`
		InternetAccess       bool              `yaml:"InternetAccess"`
		Role                 string            `yaml:"Role"`
		EnvironmentVariables map[string]string `yaml:"EnvironmentVariables"`
		LogConfig            struct {
			Project               string `yaml:"Project"`
			Logstore              string `yaml:"Logstore"`
			EnableRequestMetrics  bool   `yaml:"EnableRequestMetrics"`
			EnableInstanceMetrics bool   `yaml:"EnableInstanceMetrics"`
			LogBeginRule          string `yaml:"LogBeginRule"`
		} `yaml:"LogConfig"`
	}
	if err := strict(properties, &f); err != nil {
		return err
	}
	l := f.LogConfig
	t.Function = function{
		f.FunctionName, f.Description, f.Runtime, f.Handler, f.CPU, f.MemorySize, f.DiskSize, f.Timeout, f.InternetAccess,
		f.Role, f.EnvironmentVariables,
		logConfig{l.Project, l.Logstore, l.EnableRequestMetrics, l.EnableInstanceMetrics, l.LogBeginRule},
	}
	return nil
}

func (t *template) addAsync(properties any) error {
	var a struct {
		FunctionName              string `yaml:"FunctionName"`
		MaxAsyncRetryAttempts     int    `yaml:"MaxAsyncRetryAttempts"`
		MaxAsyncEventAgeInSeconds int    `yaml:"MaxAsyncEventAgeInSeconds"`
	}
	err := strict(properties, &a)
	t.Async = async{a.MaxAsyncRetryAttempts, a.MaxAsyncEventAgeInSeconds}
	return err
}

func (t *template) addConcurrency(properties any) error {
	var c struct {
		FunctionName        string `yaml:"FunctionName"`
		ReservedConcurrency int    `yaml:"ReservedConcurrency"`
	}
	err := strict(properties, &c)
	t.Concurrency = c.ReservedConcurrency
	return err
}

func (t *template) addTrigger(properties any) error {
	var p struct {
		FunctionName   string `yaml:"FunctionName"`
		TriggerName    string `yaml:"TriggerName"`
		TriggerType    string `yaml:"TriggerType"`
		Description    string `yaml:"Description"`
		SourceArn      string `yaml:"SourceArn"`
		InvocationRole string `yaml:"InvocationRole"`
		TriggerConfig  any    `yaml:"TriggerConfig"`
	}
	if err := strict(properties, &p); err != nil {
		return err
	}
	tr := trigger{Name: p.TriggerName, Type: p.TriggerType, Description: p.Description, SourceARN: p.SourceArn, Role: p.InvocationRole}
	err := tr.configure(p.TriggerConfig)
	t.Triggers = append(t.Triggers, tr)
	return err
}
