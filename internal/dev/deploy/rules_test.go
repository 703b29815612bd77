package deploy_test

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/chat/platforms"
	"github.com/sslvpn-change/sslvpn-change/internal/config"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// checkFunction returns the errors of one deployment.
func checkFunction(file string, d deployment, binary string) []string {
	var problems []string
	report := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, file+": "+fmt.Sprintf(format, args...))
		}
	}
	f := d.Function
	report(f.Name == "sslvpn-change", "the function's name is %q", f.Name)
	report(f.Runtime == "go1", "runtime is %q, want go1", f.Runtime)
	report(f.Handler == binary, "handler is %q, and the package's binary is %q", f.Handler, binary)
	report(f.TimeoutSeconds == 300, "timeout is %d, want 300: a crashed holder blocks its lane no longer", f.TimeoutSeconds)
	report(f.InternetAccess, "without internet access there is no VPC API, and no answer reaches a chat platform")
	ratio := float64(f.MemoryMB) / 1024 / f.CPU
	report(ratio >= 1 && ratio <= 4, "%g vCPU and %d MB: the platform wants 1 to 4 GB per vCPU", f.CPU, f.MemoryMB)
	report(f.MemoryMB%64 == 0 && math.Mod(math.Round(f.CPU*100), 5) == 0, "memory goes by 64 MB and cpu by 0.05: %d and %g", f.MemoryMB, f.CPU)
	report(f.DiskMB == 512 || f.DiskMB == 10240, "diskSize is %d, want 512 or 10240", f.DiskMB)
	report(f.Role == "acs:ram::"+account+":role/sslvpn-change-fn", "the function's role is %q", f.Role)
	report(f.Role == strings.ToLower(f.Role), "role %q is not lower case", f.Role)
	report(d.Async.Retries >= 1 && d.Async.Retries <= 8, "%d retries, want 1 to 8", d.Async.Retries)
	// A wake-up may be an hour old when it is delivered, and is retried like other events.
	report(d.Async.MaxAgeSeconds >= 86400 && d.Async.MaxAgeSeconds <= 2592000, "events live %d s, want 86400 to 2592000", d.Async.MaxAgeSeconds)
	report(d.Concurrency >= 1 && d.Concurrency <= 100, "reserved concurrency is %d, want 1 to 100", d.Concurrency)
	report(f.Log.Project != "" && f.Log.Logstore != "", "logs go nowhere")
	return append(problems, checkEnvironment(file, f.Env)...)
}

// checkEnvironment loads the configuration as the function would.
func checkEnvironment(file string, env map[string]string) []string {
	var problems []string
	known := make([]string, 0, len(env))
	for _, v := range config.Variables() {
		known = append(known, v.Name)
		if _, set := env[v.Name]; v.Required && !set {
			problems = append(problems, fmt.Sprintf("%s: %s is required and not set", file, v.Name))
		}
	}
	for name := range env {
		if strings.HasSuffix(name, "_ENDPOINT") {
			problems = append(problems, fmt.Sprintf("%s: %s is for the local cloud; a deployed function finds its own", file, name))
		}
		if !slices.Contains(known, name) {
			problems = append(problems, fmt.Sprintf("%s: the function knows no variable %s", file, name))
		}
	}
	for name := range secretVariables() {
		if _, set := env[name]; !set {
			problems = append(problems, fmt.Sprintf("%s: %s is not set", file, name))
		}
	}
	c, err := config.Load(func(name string) (string, bool) {
		v, ok := env[name]
		return v, ok
	})
	if err != nil {
		problems = append(problems, file+": "+err.Error())
	}
	if c.ChangeBucket != changeBucket || c.RecordBucket != recordBucket || len(c.Senders) != 1 || len(c.Platforms) != len(platforms.Specs()) {
		problems = append(problems, fmt.Sprintf("%s: the environment does not arrive: buckets %s and %s, %d senders, %d chat platforms",
			file, c.ChangeBucket, c.RecordBucket, len(c.Senders), len(c.Platforms)))
	}
	return problems
}

// checkTriggers checks that the triggers are the ones that the function expects.
func checkTriggers(file string, triggers []trigger) []string {
	var problems []string
	want := wantedTriggers()
	if len(triggers) != len(want) {
		problems = append(problems, fmt.Sprintf("%s: %d triggers, want %d", file, len(triggers), len(want)))
	}
	for _, t := range triggers {
		t.Description = ""
		if !slices.ContainsFunc(want, func(w trigger) bool { return reflect.DeepEqual(w, t) }) {
			problems = append(problems, fmt.Sprintf("%s: trigger %s is not as the function expects it: %s", file, t.Name, asJSON(t)))
		}
		if t.Timer != nil && !json.Valid([]byte(t.Timer.Payload)) {
			problems = append(problems, fmt.Sprintf("%s: the payload of trigger %s is not JSON", file, t.Name))
		}
	}
	return problems
}

func wantedTriggers() []trigger {
	oss := func(name, prefix string, events ...string) trigger {
		t := trigger{
			Name: name, Type: "oss", SourceARN: "acs:oss:" + region + ":" + account + ":" + changeBucket,
			Role: "acs:ram::" + account + ":role/sslvpn-change-oss", OSS: &ossTrigger{Events: events},
		}
		t.OSS.Filter.Key.Prefix, t.OSS.Filter.Key.Suffix = prefix, new(string)
		return t
	}
	return []trigger{
		{Name: "http", Type: "http", HTTP: &httpTrigger{AuthType: "anonymous", Methods: []string{"GET", "POST"}}},
		oss("change-files", "changes/", "oss:ObjectCreated:PutObject", "oss:ObjectCreated:PostObject",
			"oss:ObjectCreated:CompleteMultipartUpload", "oss:ObjectCreated:CopyObject"),
		oss("wake", "wake/", "oss:ObjectCreated:PutObject"),
		oss("answers", objects.Answers, "oss:ObjectCreated:PutObject"),
		{Name: "sweep", Type: "timer", Timer: &timerTrigger{CronExpression: "@every 1m", Enable: true, Payload: `{"task":"sweep"}`}},
		{Name: "nightly-example", Type: "timer", Timer: &timerTrigger{
			CronExpression: "CRON_TZ=Asia/Shanghai 0 0 2 * * *", Payload: `{"task":"apply","document":"scheduled/nightly.yaml"}`,
		}},
	}
}

// compare returns where the two files differ.
func compare(s, t deployment) []string {
	var problems []string
	byName := func(a, b trigger) int { return strings.Compare(a.Name, b.Name) }
	slices.SortFunc(s.Triggers, byName)
	slices.SortFunc(t.Triggers, byName)
	a, b := reflect.ValueOf(s), reflect.ValueOf(t)
	for i := range a.NumField() {
		if !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			problems = append(problems, fmt.Sprintf("the files differ in %s: s.yaml %s, template.yml %s", a.Type().Field(i).Name,
				asJSON(a.Field(i).Interface()), asJSON(b.Field(i).Interface())))
		}
	}
	return problems
}

func asJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
