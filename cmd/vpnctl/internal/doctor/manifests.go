package doctor

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// deployed is what matters of a deploy file.
type deployed struct {
	Runtime             string
	Timeout             int // seconds
	Retries, EventAge   int // of asynchronous events
	InstanceConcurrency int
	Triggers            map[string]trigger
	template            bool
	indexed, versioned  bool // of a template
}

// trigger is what matters of a trigger.
type trigger struct {
	Type   string `yaml:"-"`
	Config triggerConfig
}

type triggerConfig struct {
	AuthType string   `yaml:"authType"`
	Methods  []string `yaml:"methods"`
	Events   []string `yaml:"events"`
	Filter   struct {
		Key struct {
			Prefix string `yaml:"prefix"`
			Suffix string `yaml:"suffix"`
		} `yaml:"key"`
	} `yaml:"filter"`
	Cron   string `yaml:"cronExpression"`
	Enable bool   `yaml:"enable"`
}

func (f Files) deployFiles() Result {
	const check = "deploy-files"
	var problems []string
	var read []deployed
	var names []string
	for _, file := range []struct {
		path string
		read func([]byte) (deployed, error)
	}{{f.Serverless, readServerless}, {f.Template, readTemplate}} {
		if missing(file.path) {
			continue
		}
		data, err := os.ReadFile(file.path)
		if err == nil {
			var d deployed
			if d, err = file.read(data); err == nil {
				read, names = append(read, d), append(names, file.path)
				for _, p := range d.problems() {
					problems = append(problems, file.path+": "+p)
				}
				continue
			}
		}
		problems = append(problems, file.path+": "+err.Error())
	}
	if len(read) == 2 {
		problems = append(problems, read[0].differs(read[1])...)
	}
	if len(read)+len(problems) == 0 {
		return result(check, NotChecked, "there is no s.yaml and no template.yml here: run vpnctl in their folder")
	}
	return judge(check, problems, strings.Join(names, " and ")+" have what the function needs")
}

func readServerless(data []byte) (d deployed, err error) {
	var file struct {
		Resources map[string]struct {
			Props struct {
				Runtime             string `yaml:"runtime"`
				Timeout             int    `yaml:"timeout"`
				InstanceConcurrency int    `yaml:"instanceConcurrency"`
				Async               struct {
					Retries int `yaml:"maxAsyncRetryAttempts"`
					Age     int `yaml:"maxAsyncEventAgeInSeconds"`
				} `yaml:"asyncInvokeConfig"`
				Triggers []struct {
					Name   string        `yaml:"triggerName"`
					Type   string        `yaml:"triggerType"`
					Config triggerConfig `yaml:"triggerConfig"`
				} `yaml:"triggers"`
			} `yaml:"props"`
		} `yaml:"resources"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		return d, err
	}
	for _, r := range file.Resources {
		p := r.Props
		if p.Runtime == "" {
			continue // another resource, such as a domain
		}
		d = deployed{
			Runtime: p.Runtime, Timeout: p.Timeout, Retries: p.Async.Retries, EventAge: p.Async.Age, InstanceConcurrency: p.InstanceConcurrency,
			Triggers: map[string]trigger{},
		}
		for _, t := range p.Triggers {
			d.Triggers[t.Name] = trigger{t.Type, t.Config}
		}
	}
	return d, nil
}

func readTemplate(data []byte) (d deployed, err error) {
	var file struct {
		Resources map[string]struct {
			Type       string    `yaml:"Type"`
			Properties yaml.Node `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		return d, err
	}
	d.template, d.Triggers = true, map[string]trigger{}
	for _, r := range file.Resources {
		switch r.Type {
		case "ALIYUN::FC3::Function":
			var p struct {
				Runtime             string `yaml:"Runtime"`
				Timeout             int    `yaml:"Timeout"`
				InstanceConcurrency int    `yaml:"InstanceConcurrency"`
			}
			err = r.Properties.Decode(&p)
			d.Runtime, d.Timeout, d.InstanceConcurrency = p.Runtime, p.Timeout, p.InstanceConcurrency
		case "ALIYUN::FC3::AsyncInvokeConfig":
			var p struct {
				Retries int `yaml:"MaxAsyncRetryAttempts"`
				Age     int `yaml:"MaxAsyncEventAgeInSeconds"`
			}
			err = r.Properties.Decode(&p)
			d.Retries, d.EventAge = p.Retries, p.Age
		case "ALIYUN::FC3::Trigger":
			var p struct {
				Name   string        `yaml:"TriggerName"`
				Type   string        `yaml:"TriggerType"`
				Config triggerConfig `yaml:"TriggerConfig"`
			}
			err = r.Properties.Decode(&p)
			d.Triggers[p.Name] = trigger{p.Type, p.Config}
		case "ALIYUN::SLS::Index":
			d.indexed = true
		case "ALIYUN::OSS::Bucket":
			var p map[string]any
			err = r.Properties.Decode(&p)
			_, v := p["VersioningConfiguration"]
			d.versioned = d.versioned || v
		}
		if err != nil {
			return d, err
		}
	}
	return d, nil
}

// The least that the function needs.
const (
	leastTimeout = 60
	leastAge     = 2 * 3600 // a wake-up may be an hour ahead, and is retried
)

// problems lists what the function cannot work with.
func (d deployed) problems() (out []string) {
	say := func(wrong bool, format string, args ...any) {
		if wrong {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	say(d.Runtime != "go1", "the runtime is %q, not go1", d.Runtime)
	say(d.Timeout < leastTimeout, "timeout is %d seconds, less than %d", d.Timeout, leastTimeout)
	say(d.Retries < 1, "failed events are not tried again: maxAsyncRetryAttempts is %d", d.Retries)
	say(d.EventAge < leastAge, "events live %d seconds, less than %d", d.EventAge, leastAge)
	say(d.InstanceConcurrency > 1, "instanceConcurrency is %d, which the runtime go1 does not have", d.InstanceConcurrency)
	say(d.versioned, "a bucket has VersioningConfiguration: create-only writes would overwrite")
	say(d.template && !d.indexed, "there is no ALIYUN::SLS::Index: the log cannot be searched")
	http, ok := d.Triggers["http"]
	say(!ok || http.Type != "http", "there is no HTTP trigger called http")
	say(ok && http.Config.AuthType != "anonymous", "the HTTP trigger's authType is %q: senders sign by Standard Webhooks, and not for Function Compute", http.Config.AuthType)
	for _, method := range []string{"GET", "POST"} {
		say(ok && !slices.Contains(http.Config.Methods, method), "the HTTP trigger does not let %s through", method)
	}
	return append(out, d.eventProblems()...)
}

// eventProblems is problems for the triggers of events.
func (d deployed) eventProblems() (out []string) {
	for _, want := range []struct {
		name, prefix string
		events       string
	}{
		{"change-files", "changes/", "PutObject PostObject CompleteMultipartUpload CopyObject"}, {"wake", "wake/", "PutObject"}, {"answers", "outbox/answers/", "PutObject"},
	} {
		t, ok := d.Triggers[want.name]
		if !ok || t.Type != "oss" {
			out = append(out, "there is no OSS trigger called "+want.name)
			continue
		}
		if key := t.Config.Filter.Key; key.Prefix != want.prefix || key.Suffix != "" {
			out = append(out, fmt.Sprintf("the trigger %s watches %q with the suffix %q, not %s", want.name, key.Prefix, key.Suffix, want.prefix))
		}
		for event := range strings.FieldsSeq(want.events) {
			if !slices.Contains(t.Config.Events, "oss:ObjectCreated:"+event) {
				out = append(out, "the trigger "+want.name+" lacks the event oss:ObjectCreated:"+event)
			}
		}
	}
	switch t, ok := d.Triggers["sweep"]; {
	case !ok || t.Type != "timer":
		out = append(out, "there is no timer called sweep")
	case !t.Config.Enable:
		out = append(out, "the timer sweep is not enabled")
	case t.Config.Cron != "@every 1m":
		out = append(out, fmt.Sprintf("the timer sweep has %q, not @every 1m", t.Config.Cron))
	}
	return out
}

// differs lists what two deploy files disagree about.
func (d deployed) differs(o deployed) (out []string) {
	a, b := reflect.ValueOf(d), reflect.ValueOf(o)
	for i := range a.NumField() {
		name := a.Type().Field(i).Name
		if name != "Triggers" && a.Type().Field(i).IsExported() && a.Field(i).Interface() != b.Field(i).Interface() {
			out = append(out, fmt.Sprintf("s.yaml and template.yml disagree about %s: %v and %v", name, a.Field(i).Interface(), b.Field(i).Interface()))
		}
	}
	for name, t := range d.Triggers {
		if other, ok := o.Triggers[name]; !ok || !reflect.DeepEqual(t, other) {
			out = append(out, "s.yaml and template.yml disagree about the trigger "+name)
		}
	}
	for name := range o.Triggers {
		if _, ok := d.Triggers[name]; !ok {
			out = append(out, "s.yaml lacks the trigger "+name+" of template.yml")
		}
	}
	slices.Sort(out)
	return out
}
