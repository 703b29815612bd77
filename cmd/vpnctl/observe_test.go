package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/sls"
)

// TestObserveInstall installs, shows what would change, and refuses to work without a key.
func TestObserveInstall(t *testing.T) {
	t.Parallel()
	const project, key, token = "sslvpn-change-1-cn-hangzhou", "a-secret-key-0123456789", "a-token-0123456789"
	e := sls.New(sls.Options{Region: "cn-hangzhou", Project: project, Logstore: "fc-logs", AccessKeyID: "LTAI1", Secret: key, Token: token})
	srv := httptest.NewServer(e)
	t.Cleanup(srv.Close)
	env := map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI1", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key, "ALIBABA_CLOUD_SECURITY_TOKEN": token}
	args := []string{"observe", "install", "--project", project, "--region", "cn-hangzhou", "--endpoint", srv.URL, "--action-policy", "oncall"}
	for _, step := range []struct {
		env  map[string]string
		more []string
		code int
		want string
	}{
		{nil, nil, exitUsage, "ALIBABA_CLOUD_ACCESS_KEY_ID"},
		{env, []string{"--dry-run"}, exitDone, "19 documents to change, 0 as they should be"},
		{env, nil, exitDone, "19 documents changed, 0 as they should be"},
		{env, nil, exitDone, "0 documents to change, 19 as they should be"},
		{env, []string{"--approval-hours", "8"}, exitDone, "1 document changed, 18 as they should be"},
		{env, []string{"--approval-hours", "soon"}, exitUsage, "--approval-hours"},
		{env, []string{"--logstore", "another"}, exitFailed, "check --logstore"},
	} {
		got := vpnctl(t, step.env, "", append(args, step.more...)...)
		if got.code != step.code || !strings.Contains(got.out+got.err, step.want) {
			t.Errorf("%v: %d, %s%s; want %q", step.more, got.code, got.out, got.err, step.want)
		}
		if strings.Contains(got.out+got.err, key) || strings.Contains(got.out+got.err, token) {
			t.Errorf("%v prints a secret: %s%s", step.more, got.out, got.err)
		}
	}
}

// TestObserveFiles writes files without a key and without a request.
func TestObserveFiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "observe")
	got := vpnctl(t, nil, "", "observe", "files", dir, "--project", "sslvpn-change-1-cn-hangzhou", "--region", "cn-hangzhou")
	if got.code != exitDone || !strings.Contains(got.out, "11 files written") {
		t.Fatalf("%d, %s%s", got.code, got.out, got.err)
	}
	info, err := os.Stat(filepath.Join(dir, "install.sh"))
	if err != nil || info.Mode().Perm()&0o100 == 0 {
		t.Errorf("%v, %v", info, err)
	}
	if got := vpnctl(t, nil, "", "observe", "files", dir, "--project", "x", "--region", "cn-hangzhou"); got.code != exitUsage {
		t.Errorf("%d, %s", got.code, got.err)
	}
}
