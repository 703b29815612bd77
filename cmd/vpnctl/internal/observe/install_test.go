package observe_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/observe"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/sls"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
	"github.com/sslvpn-change/sslvpn-change/internal/signature"
)

const project = "sslvpn-change-1234567890123456-cn-hangzhou"

func target() observe.Target {
	return observe.Target{Project: project, Logstore: "fc-logs", Region: "cn-hangzhou", ActionPolicy: "sslvpn-oncall", ApprovalHours: "4"}
}

func logService(t *testing.T) (*sls.Emulator, observe.Config) {
	t.Helper()
	e := sls.New(sls.Options{Region: "cn-hangzhou", Project: project, Logstore: "fc-logs", AccessKeyID: "LTAI-observe", Secret: "observe-secret-0123456789", Token: "observe-token-0123456789"})
	s := httptest.NewServer(e)
	t.Cleanup(s.Close)
	return e, observe.Config{Target: target(), Endpoint: s.URL, Key: signature.Key{
		ID: "LTAI-observe", Secret: secret.New("observe-secret-0123456789"), Token: secret.New("observe-token-0123456789"),
	}}
}

// install plans and applies, and returns what was done by action.
func install(t *testing.T, cfg observe.Config) (map[observe.Action]int, error) {
	t.Helper()
	in, err := observe.NewInstaller(load(t), cfg)
	if err != nil {
		return nil, err
	}
	steps, err := in.Plan(t.Context())
	if err != nil {
		return nil, err
	}
	counts := map[observe.Action]int{}
	for _, s := range steps {
		counts[s.Action]++
	}
	done := 0
	err = in.Apply(t.Context(), steps, func(observe.Step) { done++ })
	if err == nil && done != counts[observe.Create]+counts[observe.Replace] {
		t.Errorf("%d steps are reported, planned were %v", done, counts)
	}
	return counts, err
}

// TestAnInstallationMayBeRepeated installs into an empty project, again, and after somebody
// has changed a part of it.
func TestAnInstallationMayBeRepeated(t *testing.T) {
	t.Parallel()
	e, cfg := logService(t)
	s := load(t)
	all := 2 + len(s.Searches) + len(s.Alerts)
	if got, err := install(t, cfg); err != nil || got[observe.Create] != all {
		t.Fatalf("%v, %v; want %d created", got, err, all)
	}
	before := len(e.Requests())
	if got, err := install(t, cfg); err != nil || got[observe.Keep] != all {
		t.Errorf("again: %v, %v", got, err)
	}
	for _, r := range e.Requests()[before:] {
		if !strings.HasPrefix(r, http.MethodGet+" ") {
			t.Errorf("the second installation sent %s", r)
		}
	}
	search := e.Get("/savedsearches/sslvpn-failed")
	search["searchQuery"] = "*"
	e.Put("/savedsearches/sslvpn-failed", search)
	board := e.Get("/dashboards/sslvpn-change")
	charts, _ := board["charts"].([]any)
	board["charts"] = charts[1:]
	e.Put("/dashboards/sslvpn-change", board)
	if got, err := install(t, cfg); err != nil || got[observe.Replace] != 2 || got[observe.Keep] != all-2 {
		t.Errorf("after two were changed: %v, %v", got, err)
	}
	if q := e.Get("/savedsearches/sslvpn-failed")["searchQuery"]; q == "*" {
		t.Error("the search is as somebody has changed it")
	}
}

// TestAnIndexKeepsItsOtherFields replaces the index that the console makes.
func TestAnIndexKeepsItsOtherFields(t *testing.T) {
	t.Parallel()
	e, cfg := logService(t)
	const path = "/logstores/fc-logs/index"
	e.Put(path, map[string]any{"ttl": 7, "keys": map[string]any{
		"durationMs": map[string]any{"type": "long", "doc_value": true}, "message": map[string]any{"type": "text", "token": []any{","}},
	}})
	if got, err := install(t, cfg); err != nil || got[observe.Replace] != 1 {
		t.Fatalf("%v, %v", got, err)
	}
	keys, _ := e.Get(path)["keys"].(map[string]any)
	message, _ := keys["message"].(map[string]any)
	fields, _ := message["json_keys"].(map[string]any)
	if keys["durationMs"] == nil || message["type"] != "json" || len(fields) < 80 || len(fields) > 100 {
		t.Errorf("the index has %d fields in message, and %v", len(fields), keys["durationMs"])
	}
}

// TestWithoutAnActionPolicyThereAreNoAlerts installs the rest.
func TestWithoutAnActionPolicyThereAreNoAlerts(t *testing.T) {
	t.Parallel()
	e, cfg := logService(t)
	cfg.Target.ActionPolicy = ""
	if _, err := install(t, cfg); err != nil {
		t.Fatal(err)
	}
	for _, r := range e.Requests() {
		if strings.Contains(r, "/jobs") {
			t.Errorf("sent %s", r)
		}
	}
}

// TestARefusalSaysWhatToDo makes SLS refuse, in every way that a setting can cause.
func TestARefusalSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*sls.Emulator, *observe.Config)
		want   string
	}{
		"another project":   {func(_ *sls.Emulator, c *observe.Config) { c.Target.Project = "another" }, "check --project"},
		"another log store": {func(_ *sls.Emulator, c *observe.Config) { c.Target.Logstore = "another" }, "check --logstore"},
		"a wrong secret":    {func(_ *sls.Emulator, c *observe.Config) { c.Key.Secret = secret.New("another-secret-0123456789") }, "ALIBABA_CLOUD_ACCESS_KEY_SECRET"},
		"another region":    {func(_ *sls.Emulator, c *observe.Config) { c.Target.Region = "cn-shanghai" }, "ALIBABA_CLOUD_ACCESS_KEY_ID"},
		"a clock that is off": {func(_ *sls.Emulator, c *observe.Config) {
			c.Now = func() time.Time { return time.Now().Add(time.Hour) }
		}, "RequestTimeTooSkewed"},
		"no rights":          {func(e *sls.Emulator, _ *observe.Config) { e.Deny() }, "lacks a right"},
		"nobody answers":     {func(_ *sls.Emulator, c *observe.Config) { c.Endpoint = "http://127.0.0.1:1" }, "does not answer"},
		"plain http":         {func(_ *sls.Emulator, c *observe.Config) { c.Endpoint = "http://log.example" }, "https"},
		"a project's name":   {func(_ *sls.Emulator, c *observe.Config) { c.Target.Project = "a/../b" }, "give --project"},
		"a region":           {func(_ *sls.Emulator, c *observe.Config) { c.Target.Region = "evil.example/" }, "give --region"},
		"an action policy":   {func(_ *sls.Emulator, c *observe.Config) { c.Target.ActionPolicy = `x"y` }, "action policy"},
		"hours":              {func(_ *sls.Emulator, c *observe.Config) { c.Target.ApprovalHours = "0" }, "--approval-hours"},
		"hours with a space": {func(_ *sls.Emulator, c *observe.Config) { c.Target.ApprovalHours = "4 or 1" }, "--approval-hours"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, cfg := logService(t)
			c.change(e, &cfg)
			_, err := install(t, cfg)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("refused by %v, want %s", err, c.want)
			}
			for _, s := range []string{"observe-secret", "another-secret", "observe-token"} {
				if strings.Contains(err.Error(), s) {
					t.Errorf("%s is in %v", s, err)
				}
			}
		})
	}
}

// TestFilesAreWhatIsInstalled compares the files with what an installation sends.
func TestFilesAreWhatIsInstalled(t *testing.T) {
	t.Parallel()
	e, cfg := logService(t)
	if _, err := install(t, cfg); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "observe")
	names, err := load(t).WriteFiles(dir, target())
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(filepath.Join(dir, "install.sh"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range load(t).Documents(target()) {
		i := slices.IndexFunc(names, func(n string) bool { return strings.HasSuffix(n, "-"+d.Name+".json") })
		if i < 0 || !strings.Contains(string(script), names[i]) {
			t.Fatalf("%s is in no file, or in no command: %v", d.Name, names)
		}
		data, err := os.ReadFile(filepath.Join(dir, names[i]))
		var body map[string]any
		if err != nil || json.Unmarshal(data, &body) != nil {
			t.Fatalf("%s: %v", names[i], err)
		}
		path := map[observe.Kind]string{
			observe.KindIndex: "/logstores/fc-logs/index", observe.KindSearch: "/savedsearches/" + d.Name,
			observe.KindDashboard: "/dashboards/" + d.Name, observe.KindAlert: "/jobs/" + d.Name,
		}[d.Kind]
		sent := e.Get(path)
		delete(sent, "createTime")
		delete(sent, "lastModifiedTime")
		if !reflect.DeepEqual(sent, body) {
			t.Errorf("%s differs from what is sent", names[i])
		}
	}
	if len(names) != 3+len(load(t).Searches)+len(load(t).Alerts) {
		t.Errorf("the files are %v", names)
	}
}
