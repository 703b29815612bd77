package config_test

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat/platforms"
	"github.com/sslvpn-change/sslvpn-change/internal/config"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

func env(pairs ...string) func(string) (string, bool) {
	m := make(map[string]string, len(pairs))
	for _, p := range pairs {
		k, v, _ := strings.Cut(p, "=")
		m[k] = v
	}
	return func(name string) (string, bool) {
		v, ok := m[name]
		return v, ok
	}
}

func secret(fill byte, n int) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{fill}, n))
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c, err := config.Load(env("CHANGE_BUCKET=acme-changes", "WAIT_BUDGET= ", "MAX_LANES=", "UNKNOWN=1"))
	if err != nil {
		t.Fatal(err)
	}
	if c.ChangeBucket != "acme-changes" || c.RecordBucket != "acme-changes" || c.OSSEndpoint != "" || c.VPCEndpoint != "" ||
		c.Senders != nil || c.Editors != nil || c.Platforms != nil || c.ChatEndpoint != "" || c.WaitBudget != 4*time.Minute || c.MaxLanes != 8 || c.LogLevel != slog.LevelInfo || c.NoPolicy || c.PlanDryRun || !c.WakeUps || c.WakeEndpoint != "" || c.FunctionVPC != "" || c.Regions != (change.Regions{}) || c.TimeZone != time.UTC {
		t.Errorf("got %+v", c)
	}
}

func TestEveryVariableIsRead(t *testing.T) {
	t.Parallel()
	c, err := config.Load(env(
		"CHANGE_BUCKET= acme-changes ", "RECORD_BUCKET=acme-records", "OSS_ENDPOINT=http://127.0.0.1:9090/", "VPC_ENDPOINT=https://vpc.aliyuncs.com",
		"WEBHOOK_SECRETS=bot="+secret(1, 24)+",ci="+secret(2, 32), "WAIT_BUDGET=0s", "MAX_LANES=64", "LOG_LEVEL=WARN", "NO_POLICY=Allow", "PLAN_DRY_RUN=on",
		"VPC_REGIONS=cn-nowhere-9, cn-nowhere-10", "TIME_ZONE=+08:00", "FUNCTION_VPC_ID=vpc-bp1abc",
		"CHAT_SLACK=secret=0123456789abcdef;team=T1;timeZone=Asia/Shanghai", "WAKE_UPS=Off", "WAKE_ENDPOINT=http://127.0.0.1:9005/", "POLICY_EDITORS= ci , ci",
	))
	if err != nil {
		t.Fatal(err)
	}
	if c.ChangeBucket != "acme-changes" || c.RecordBucket != "acme-records" || c.VPCEndpoint != "https://vpc.aliyuncs.com" ||
		c.WaitBudget != 0 || c.MaxLanes != 64 || c.LogLevel != slog.LevelWarn || !c.NoPolicy || !c.PlanDryRun || c.FunctionVPC != "vpc-bp1abc" || c.WakeUps || c.WakeEndpoint != "http://127.0.0.1:9005" {
		t.Errorf("got %+v", c)
	}
	if got, want := c.OSSEndpoint, "http://127.0.0.1:9090"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !c.Regions.Has("cn-nowhere-9") || !c.Regions.Has("cn-nowhere-10") || !c.Regions.Has("cn-hangzhou") || c.Regions.Has("cn-nowhere-11") {
		t.Errorf("got regions %v", c.Regions)
	}
	if at := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC).In(c.TimeZone).Format(time.RFC3339); at != "2026-11-23T02:00:00+08:00" {
		t.Errorf("got the zone of %s", at)
	}
	if len(c.Zones) != 1 || c.Zones["slack"].String() != "Asia/Shanghai" || c.Platforms["slack"] == nil {
		t.Errorf("got the zones %v of %v", c.Zones, c.Platforms)
	}
	if !slices.Equal(c.Editors, []string{"ci"}) {
		t.Errorf("got editors %q", c.Editors)
	}
	if len(c.Senders) != 2 || c.Senders[0].Name != "bot" || c.Senders[1].Name != "ci" || c.Senders[1].Secret.IsZero() {
		t.Errorf("got senders %v", c.Senders)
	}
}

func TestEachProblemSaysHowToFixIt(t *testing.T) {
	t.Parallel()
	const bucket = "CHANGE_BUCKET=acme-changes"
	tests := []struct {
		name string
		set  string
		want string
	}{
		{"another word than the two", "NO_POLICY=yes", `NO_POLICY is "yes": give refuse or allow`},
		{"an editor without a secret", "POLICY_EDITORS=admin", `POLICY_EDITORS has "admin", which is no sender of WEBHOOK_SECRETS`},
		{"the secret of an editor", "POLICY_EDITORS=admin=" + secret(1, 24), "POLICY_EDITORS has a secret: write the names of senders alone"},
		{"no VPC", "FUNCTION_VPC_ID=bp1abc", `FUNCTION_VPC_ID is "bp1abc": give the id of a VPC, such as vpc-bp1abc`},
		{"several VPCs", "FUNCTION_VPC_ID=vpc-a,vpc-b", `FUNCTION_VPC_ID is "vpc-a,vpc-b": give the id of a VPC`},
		{"a dry run by another word", "PLAN_DRY_RUN=true", `PLAN_DRY_RUN is "true": give off or on`},
		{"the machine's zone", "TIME_ZONE=Local", `TIME_ZONE is "Local", which is neither an offset such as +08:00 nor a time zone: write a name`},
		{"an unknown zone", "TIME_ZONE=Peking", `TIME_ZONE is "Peking", which is neither an offset such as +08:00 nor a time zone`},
		{"an offset without a colon", "TIME_ZONE=+0800", `TIME_ZONE is "+0800"`},
		{"a way out of the zones", "TIME_ZONE=../../etc/passwd", "TIME_ZONE is"},
		{"an unknown zone of a platform", "CHAT_SLACK=secret=0123456789abcdef;team=T1;timeZone=+08:00", `CHAT_SLACK timeZone is not the name of a time zone: an offset does not say`},
		{"a zone of a platform twice", "CHAT_SLACK=secret=0123456789abcdef;team=T1;timeZone=UTC;timeZone=Asia/Shanghai", `timeZone is given more than 1 times`},
		{"no bucket", "CHANGE_BUCKET=", "CHANGE_BUCKET is required: set it to"},
		{"a bucket with its scheme", "CHANGE_BUCKET=oss://acme", `CHANGE_BUCKET is "oss://acme": a bucket name has 3 to 63`},
		{"a bucket in capitals", "CHANGE_BUCKET=Acme-changes", `CHANGE_BUCKET is "Acme-changes"`},
		{"a short bucket", "RECORD_BUCKET=ab", `RECORD_BUCKET is "ab"`},
		{"a long bucket", "RECORD_BUCKET=" + strings.Repeat("a", 64), "RECORD_BUCKET is"},
		{"a bucket that ends with a hyphen", "RECORD_BUCKET=acme-", `RECORD_BUCKET is "acme-"`},
		{"plain http to the world", "OSS_ENDPOINT=http://oss-cn-hangzhou.aliyuncs.com", `use "https://oss-cn-hangzhou.aliyuncs.com"`},
		{"plain http to a name that looks local", "OSS_ENDPOINT=http://127.0.0.1.example.com", "plain http is for loopback addresses only"},
		{"an endpoint without scheme", "OSS_ENDPOINT=oss-cn-hangzhou.aliyuncs.com", "give a URL such as"},
		{"an endpoint of another scheme", "VPC_ENDPOINT=ftp://vpc.aliyuncs.com", "give a URL such as"},
		{"wake-ups on", "WAKE_UPS=on", "give auto or off"},
		{"an endpoint of Function Compute in plain http", "WAKE_ENDPOINT=http://123.cn-hangzhou.fc.aliyuncs.com", "plain http is for loopback addresses only"},
		{"an endpoint without host", "VPC_ENDPOINT=https://", "give a URL such as"},
		{"an endpoint with a port of nothing", "VPC_ENDPOINT=https://vpc.aliyuncs.com:", "give a URL such as"},
		{"an endpoint with port 0", "VPC_ENDPOINT=https://vpc.aliyuncs.com:0", "give a URL such as"},
		{"an endpoint with a path", "VPC_ENDPOINT=https://vpc.aliyuncs.com/api", "remove what follows the host"},
		{"an endpoint with a query", "VPC_ENDPOINT=https://vpc.aliyuncs.com?a=hunter2", "remove what follows the host"},
		{"an endpoint with credentials", "VPC_ENDPOINT=https://me:hunter2@vpc.aliyuncs.com", "VPC_ENDPOINT has a user name"},
		{"a broken endpoint with credentials", "VPC_ENDPOINT=https://me:hunter2@vpc.aliyuncs.com:x", "give a URL such as"},
		{"a sender without a secret", "WEBHOOK_SECRETS=bot", "WEBHOOK_SECRETS entry 1 is not of the form"},
		{"a short secret", "WEBHOOK_SECRETS=bot=whsec_aHVudGVyMg==", "WEBHOOK_SECRETS entry 1 (sender bot): a webhook secret holds 24 to 64 bytes, this one 7"},
		{"a wait without unit", "WAIT_BUDGET=90", `WAIT_BUDGET is "90": give a duration from 0s to 15m with its unit, such as 90s or 4m`},
		{"a negative wait", "WAIT_BUDGET=-1s", `WAIT_BUDGET is "-1s"`},
		{"a wait beyond the range", "WAIT_BUDGET=15m1s", `WAIT_BUDGET is "15m1s"`},
		{"the name of an endpoint as a region", "VPC_REGIONS=cn-nowhere-9,oss-cn-hangzhou", `VPC_REGIONS has "oss-cn-hangzhou": give region ids in lower case`},
		{"a region with a domain", "VPC_REGIONS=cn-hangzhou.evil.com", `VPC_REGIONS has "cn-hangzhou.evil.com"`},
		{"a region too many", "VPC_REGIONS=cn-nowhere-9,", `VPC_REGIONS has ""`},
		{"no lanes", "MAX_LANES=0", `MAX_LANES is "0": give a whole number from 1 to 64, such as 8`},
		{"too many lanes", "MAX_LANES=65", `MAX_LANES is "65"`},
		{"half a lane", "MAX_LANES=1.5", `MAX_LANES is "1.5"`},
		{"a level of another logger", "LOG_LEVEL=trace", `LOG_LEVEL is "trace": give debug, info, warn or error`},
		{"a bot without its secret", "CHAT_SLACK=team=T1DC2JH3J", "CHAT_SLACK has no secret: "},
		{"a bot with a secret that is short", "CHAT_SLACK=secret=hunter2;team=T1DC2JH3J", "CHAT_SLACK entry 1"},
		{"a stand-in for chat that is not here", "CHAT_ENDPOINT=https://127.0.0.1:9000", "CHAT_ENDPOINT is"},
		{"a stand-in for chat elsewhere", "CHAT_ENDPOINT=http://chat.example.com", "plain http is for loopback addresses only"},
		{"a value of a page", "LOG_LEVEL=" + strings.Repeat("x", 5000), `xxx…": give debug`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := config.Load(env(bucket, tt.set))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %+v and error %v, want an error with %q", c, err, tt.want)
			}
			if n := len(strings.Split(err.Error(), "\n")); n != 1 {
				t.Errorf("got %d problems, want 1: %v", n, err)
			}
			for _, leak := range []string{"hunter2", "aHVudGVyMg"} {
				if strings.Contains(err.Error(), leak) {
					t.Errorf("the error repeats %q: %v", leak, err)
				}
			}
			if len(err.Error()) > 400 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
}

func TestAllProblemsAreReportedTogether(t *testing.T) {
	t.Parallel()
	_, err := config.Load(env("RECORD_BUCKET=X", "OSS_ENDPOINT=x", "VPC_ENDPOINT=x", "VPC_REGIONS=x", "WAKE_UPS=x", "WAKE_ENDPOINT=x", "WEBHOOK_SECRETS=a,b=whsec_", "WAIT_BUDGET=x", "MAX_LANES=x", "LOG_LEVEL=x", "NO_POLICY=x", "POLICY_EDITORS=x", "PLAN_DRY_RUN=x", "FUNCTION_VPC_ID=x", "TIME_ZONE=x",
		"CHAT_DINGTALK=x", "CHAT_FEISHU=x", "CHAT_SLACK=x", "CHAT_WECOM=x", "CHAT_ENDPOINT=x"))
	if err == nil {
		t.Fatal("no error")
	}
	for _, v := range config.Variables() {
		if !strings.Contains(err.Error(), v.Name+" ") {
			t.Errorf("%s is not reported: %v", v.Name, err)
		}
	}
}

func TestOneBadBucketIsReportedOnce(t *testing.T) {
	t.Parallel()
	if _, err := config.Load(env("CHANGE_BUCKET=X")); err == nil || strings.Count(err.Error(), "\n") != 0 {
		t.Errorf("got %v", err)
	}
}

func TestLoopbackMayBePlain(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"127.0.0.1:9000", "127.9.9.9", "localhost:80", "[::1]:9000"} {
		c, err := config.Load(env("CHANGE_BUCKET=acme-changes", "VPC_ENDPOINT=http://"+host))
		if err != nil || c.VPCEndpoint != "http://"+host {
			t.Errorf("%s: got %q, %v", host, c.VPCEndpoint, err)
		}
	}
}

// TestVariablesAreAllThatIsRead compares the documented list with the variables
// that Load reads.
func TestVariablesAreAllThatIsRead(t *testing.T) {
	t.Parallel()
	var asked []string
	_, err := config.Load(func(name string) (string, bool) {
		if !slices.Contains(asked, name) {
			asked = append(asked, name)
		}
		return "", false
	})
	if err == nil {
		t.Error("an empty environment was accepted")
	}
	var listed []string
	for _, v := range config.Variables() {
		listed = append(listed, v.Name)
		if v.Meaning == "" || (v.Default == "") != v.Required {
			t.Errorf("%s is not documented: %+v", v.Name, v)
		}
	}
	slices.Sort(asked)
	slices.Sort(listed)
	if !slices.Equal(asked, listed) {
		t.Errorf("asked for %v, documented are %v", asked, listed)
	}
}

// The policy must be able to list the accounts of every platform.
func TestEveryPlatformIsAChannelOfThePolicy(t *testing.T) {
	t.Parallel()
	for _, spec := range platforms.Specs() {
		if !slices.Contains(policy.Channels(), spec.Name) {
			t.Errorf("the policy has no channel %s", spec.Name)
		}
	}
}
