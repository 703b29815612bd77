package endpoint_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/endpoint"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in, want string
		refused        string // part of the error
	}{
		{"https", "https://vpc.aliyuncs.com", "https://vpc.aliyuncs.com", ""},
		{"a slash at the end", "https://vpc.aliyuncs.com/", "https://vpc.aliyuncs.com", ""},
		{"a port", "https://vpc.aliyuncs.com:8443", "https://vpc.aliyuncs.com:8443", ""},
		{"upper case", "HTTPS://vpc.aliyuncs.com", "https://vpc.aliyuncs.com", ""},
		{"the local cloud", "http://127.0.0.1:9010", "http://127.0.0.1:9010", ""},
		{"localhost", "http://localhost:9010/", "http://localhost:9010", ""},
		{"IPv6 loopback", "http://[::1]:9010", "http://[::1]:9010", ""},
		{"plain http", "http://vpc.aliyuncs.com", "", `use "https://vpc.aliyuncs.com"`},
		{"a host that begins like loopback", "http://127.0.0.1.example.com", "", "loopback addresses only"},
		{"localhost as a part", "http://localhost.example.com", "", "loopback addresses only"},
		{"empty", "", "", "give a URL such as"},
		{"no scheme", "vpc.aliyuncs.com", "", "give a URL such as"},
		{"another scheme", "ftp://vpc.aliyuncs.com", "", "give a URL such as"},
		{"no host", "https://:443", "", "give a URL such as"},
		{"an empty port", "https://vpc.aliyuncs.com:", "", "give a URL such as"},
		{"port 0", "https://vpc.aliyuncs.com:0", "", "give a URL such as"},
		{"a port too high", "https://vpc.aliyuncs.com:65536", "", "give a URL such as"},
		{"a control character", "https://vpc\x00", "", "give a URL such as"},
		{"a path", "https://vpc.aliyuncs.com/v1", "", "remove what follows the host"},
		{"a query", "https://vpc.aliyuncs.com?a=b", "", "remove what follows the host"},
		{"an empty query", "https://vpc.aliyuncs.com?", "", "remove what follows the host"},
		{"an empty fragment", "https://vpc.aliyuncs.com#", "", "remove what follows the host"},
		{"credentials", "https://id:hunter2@vpc.aliyuncs.com", "", "has a user name"},
		{"credentials in what is no URL", "https://id:hunter2@vpc .com", "", "give a URL such as"},
		{"a long text", strings.Repeat("x", 500), "", "x…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			u, err := endpoint.Parse(tt.in)
			if tt.refused != "" {
				if err == nil || !strings.Contains(err.Error(), tt.refused) || strings.Contains(err.Error(), "hunter2") || len(err.Error()) > 300 {
					t.Errorf("error = %v, want it to say %q", err, tt.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if u.String() != tt.want {
				t.Errorf("got %s, want %s", u, tt.want)
			}
		})
	}
}

func TestParseLocal(t *testing.T) {
	t.Parallel()
	if u, err := endpoint.ParseLocal("http://127.0.0.1:9004/"); err != nil || u.Host != "127.0.0.1:9004" {
		t.Errorf("loopback: got %v, %v", u, err)
	}
	for _, s := range []string{"https://127.0.0.1:9004", "https://slack.com", "http://slack.com", ""} {
		if _, err := endpoint.ParseLocal(s); err == nil {
			t.Errorf("%q is accepted as an endpoint of the local cloud", s)
		}
	}
}

func TestSafe(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"https://example.com/path": true, "http://127.8.9.10/path": true, "http://example.com": false,
		"ftp://127.0.0.1": false, "//127.0.0.1": false, "http://0.0.0.0": false,
	} {
		u, err := url.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := endpoint.Safe(u); got != want {
			t.Errorf("Safe(%s) = %t, want %t", s, got, want)
		}
	}
}
