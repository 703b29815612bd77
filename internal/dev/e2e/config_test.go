package e2e_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

// setup is a wrong configuration.
type setup struct {
	name  string
	env   []string
	unset string // a variable that is not there at all
	spoil func(*harness) error
	says  string // the log, or the error of an event
	http  int    // of a signed request
	kind  string // of its problem

	timeout time.Duration // of an invocation; 0: as deployed
}

func setups() []setup {
	fault := func(f oss.Fault) func(*harness) error {
		return func(h *harness) error {
			f.Times = -1
			return h.OSS().Inject(f)
		}
	}
	return []setup{
		{name: "no change bucket", unset: "CHANGE_BUCKET", says: "CHANGE_BUCKET is required", http: 503, kind: "misconfigured"},
		{name: "an empty change bucket", env: []string{"CHANGE_BUCKET="}, says: "CHANGE_BUCKET is required", http: 503, kind: "misconfigured"},
		{name: "a secret that is too short", env: []string{"WEBHOOK_SECRETS=ci=whsec_c2hvcnQ="}, says: "WEBHOOK_SECRETS", http: 503, kind: "misconfigured"},
		{name: "an endpoint without encryption", env: []string{"OSS_ENDPOINT=http://oss.example.com"}, says: "OSS_ENDPOINT", http: 503, kind: "misconfigured"},
		{name: "two mistakes", env: []string{"WAIT_BUDGET=long", "MAX_LANES=0"}, says: "WAIT_BUDGET", http: 503, kind: "misconfigured"},
		{name: "a bucket that is not there", env: []string{"CHANGE_BUCKET=no-such-bucket"}, says: "create the bucket", http: 503, kind: "unavailable"},
		{name: "a record bucket that is not there", env: []string{"RECORD_BUCKET=no-such-bucket"}, says: "RECORD_BUCKET", http: 503, kind: "unavailable"},
		{
			name: "a bucket with versioning", says: "use a new bucket that never had versioning", http: 503, kind: "unavailable",
			spoil: func(h *harness) error { return h.OSS().SetVersioning(localcloud.Bucket, "Enabled") },
		},
		{
			name: "a bucket whose versioning is suspended", says: "use a new bucket that never had versioning", http: 503, kind: "unavailable",
			spoil: func(h *harness) error { return h.OSS().SetVersioning(localcloud.Bucket, "Suspended") },
		},
		{name: "a bucket that is forbidden", says: "oss:GetBucketVersioning", spoil: fault(oss.Fault{Kind: oss.AccessDenied}), http: 503, kind: "unavailable"},
		{name: "credentials that have expired", says: "credentials", spoil: fault(oss.Fault{Kind: oss.TokenExpired}), http: 503, kind: "unavailable"},
		{name: "an OSS that cannot be reached", env: []string{"OSS_ENDPOINT=http://127.0.0.1:1"}, says: "connection refused", http: 503, kind: "unavailable"},
		{name: "an OSS that does not answer", says: "preflight", spoil: fault(oss.Fault{Kind: oss.HangBefore}), http: 503, kind: "unavailable", timeout: 9 * time.Second},
		{name: "no webhook secrets", env: []string{"WEBHOOK_SECRETS="}, says: "WEBHOOK_SECRETS is not set", http: 401, kind: "unauthorized"},
	}
}

// A wrong configuration is reported in every invocation, and the process keeps
// running.
func TestFunctionThatIsSetUpWronglySaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, tt := range setups() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := start(t, func(o *localcloud.Options) {
				o.MaxInstances, o.Env, o.Timeout = 1, tt.env, tt.timeout
				also(o, func(o *fc.Options) {
					o.AsyncRetries = -1
					o.Env = slices.DeleteFunc(o.Env, func(kv string) bool { return tt.unset != "" && strings.HasPrefix(kv, tt.unset+"=") })
				})
			})
			if tt.spoil != nil {
				if err := tt.spoil(h); err != nil {
					t.Fatal(err)
				}
			}
			a := h.gets(t, "POST", "/v1/changes", "wrong-1", portChange(1195))
			a.isProblem(t, tt.http, tt.kind)
			h.says(t, tt.says)
			if tt.http == 503 {
				h.eventsSay(t, tt.says)
			}
			if s := h.FC().Stats(); s.ColdStarts != 1 || len(h.FC().Instances()) != 1 {
				t.Errorf("the function was started %d times, and %d processes live: want one that stays", s.ColdStarts, len(h.FC().Instances()))
			}
			if n := h.VPC().Snapshot().Effective; n != 0 {
				t.Errorf("%d modifications by a function that is set up wrongly", n)
			}
		})
	}
}

// eventsSay asserts that an object event and a tick fail, saying why.
func (h *harness) eventsSay(t *testing.T, says string) {
	t.Helper()
	upload := oss.EventJSON(oss.Event{
		Name: oss.PutObjectEvent, Region: region, AccountID: localcloud.AccountID, Bucket: bucketOf(says), Key: "changes/port.yaml", ETag: "E",
	})
	sweep, err := json.Marshal(map[string]string{"triggerTime": "2026-11-22T08:30:00Z", "triggerName": "sweep", "payload": ""})
	if err != nil {
		t.Fatal(err)
	}
	for name, payload := range map[string][]byte{"object event": upload, "tick": sweep} {
		res, err := h.FC().Invoke(t.Context(), payload)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: answered %s, error %v; want one that says %q", name, res.Body, err, says)
		}
	}
}

// bucketOf is the bucket that an upload is in: the configured one.
func bucketOf(says string) string {
	if says == "create the bucket" {
		return "no-such-bucket"
	}
	return localcloud.Bucket
}
