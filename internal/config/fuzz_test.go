package config_test

import (
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/config"
)

// FuzzLoad checks that no environment makes Load panic, that a configuration is
// accepted whole or not at all, that a refusal names a variable and repeats no
// secret, and that credentials are sent encrypted or to a loopback address.
func FuzzLoad(f *testing.F) {
	f.Add("acme-changes", "", "", "", "", "", "", "")
	f.Add("acme-changes", "acme-records", "http://127.0.0.1:9090/", "https://vpc.aliyuncs.com", "bot="+secret(1, 24)+",bot="+secret(2, 32), "0s", "64", "WARN")
	f.Add("oss://acme", "-", "http://[::1]:0", "https://user:pass@host?#", secret(3, 32), "16m", "0x8", "verbose")
	f.Add("", " ", "http://localhost.example.com", "https://a@b", "=,", "1h-", "+8", "\xff")
	f.Add("a--", "A", "HTTP://LOCALHOST:80", "https://h:99999", "\nwhsec_", "1e3s", "9999999999999999999", " info ")
	f.Add("acme-changes", "", "http://"+strings.Repeat("\xb0", 2000)+"00.", "", "", "", "", "") // found by running
	f.Fuzz(func(t *testing.T, changes, records, store, api, senders, wait, lanes, level string) {
		set := map[string]string{
			"CHANGE_BUCKET": changes, "RECORD_BUCKET": records, "OSS_ENDPOINT": store, "VPC_ENDPOINT": api,
			"WEBHOOK_SECRETS": senders, "WAIT_BUDGET": wait, "MAX_LANES": lanes, "LOG_LEVEL": level, "NO_POLICY": level, "PLAN_DRY_RUN": level, "WAKE_UPS": level, "WAKE_ENDPOINT": api, "FUNCTION_VPC_ID": level,
		}
		c, err := config.Load(func(name string) (string, bool) { v, ok := set[name]; return v, ok })
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				name, _, _ := strings.Cut(line, " ")
				if _, known := set[name]; !known || len(line) > 1000 {
					t.Fatalf("a problem of no variable, or too long: %q", line)
				}
			}
			for _, after := range strings.Split(senders, "whsec_")[1:] {
				if key, _, _ := strings.Cut(after, "="); len(key) >= 16 && strings.Count(senders, key) == 1 && strings.Contains(err.Error(), key) {
					t.Fatalf("the error repeats %q: %v", key, err)
				}
			}
			if c.ChangeBucket != "" || c.Senders != nil {
				t.Fatalf("refused, and gives %+v", c)
			}
			return
		}
		for _, bucket := range []string{c.ChangeBucket, c.RecordBucket} {
			if len(bucket) < 3 || len(bucket) > 63 || strings.Trim(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
				t.Fatalf("accepted the bucket %q", bucket)
			}
		}
		if c.WaitBudget < 0 || c.WaitBudget > 15*time.Minute || c.MaxLanes < 1 || c.MaxLanes > 64 {
			t.Fatalf("accepted %+v", c)
		}
		for _, endpoint := range []string{c.OSSEndpoint, c.VPCEndpoint} {
			if endpoint != "" && !safe(endpoint) {
				t.Fatalf("accepted the endpoint %q", endpoint)
			}
		}
	})
}

// safe reports whether credentials may be sent to an endpoint.
func safe(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.Hostname() == "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || (u.Scheme == "http" && (u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback())))
}
