package sslvpn

import (
	"errors"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

const serverID = "vss-bp18q7hzj6largv4vk2fe"

func target() change.Target {
	return change.Target{RegionID: "cn-hangzhou", ServerID: serverID}
}

// TestSamplesOfTheReferencePage decodes the two samples byte for byte: nested,
// an object for a list, texts for numbers, CLientIpPool, a misspelt region.
func TestSamplesOfTheReferencePage(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"testdata/modify-reply-sample.json", "testdata/modify-reply-sample.xml"} {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		n, err := parseReply(body)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		reply, err := modifiedFrom(n, target())
		if want := "DF11D6F6-E35A-41C3-9B20-6FC8A901FE65"; err != nil || reply.RequestID != want {
			t.Errorf("%s: request %q, error %v, want %q", file, reply.RequestID, err, want)
		}
		got, err := serverFrom(n, target())
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		want := change.Settings{
			change.Name: change.Text("test"), change.ClientIPPool: change.Text("10.30.30.0/24"),
			change.LocalSubnet: change.Text("10.20.20.0/24"), change.Proto: change.Text("UDP"),
			change.Port: change.Number(1194), change.Cipher: change.Text("AES-128-CBC"), change.Compress: change.Flag(true),
		}
		if !maps.Equal(got.Settings, want) {
			t.Errorf("%s: settings %v, want %v", file, got.Settings, want)
		}
		if got.GatewayID != "vpn-bp1q8bgx4xnkm2ogj0fiu" || got.MaxConnections != 5 || got.RegionID != "cn-hangzhou" ||
			!got.CreatedAt.Equal(time.UnixMilli(1492753580000)) || got.InternetIP != "47.98.xx.xx" {
			t.Errorf("%s: server %+v", file, got)
		}
	}
}

const flatServer = `{"RequestId":"R","SslVpnServerId":"` + serverID + `","VpnGatewayId":"vpn-1","ClientIpPool":"10.0.0.0/24",` +
	`"LocalSubnet":"10.1.0.0/16","Proto":"TCP","Port":1195,"Cipher":"none","Compress":false,"Name":"",` +
	`"EnableMultiFactorAuth":true,"IDaaSInstanceId":"idaas-1","IDaaSRegionId":"cn-beijing","Connections":2,"MaxConnections":10}`

func TestAFlatServer(t *testing.T) {
	t.Parallel()
	n, err := parseReply([]byte(flatServer))
	if err != nil {
		t.Fatal(err)
	}
	got, err := serverFrom(n, target())
	if err != nil {
		t.Fatal(err)
	}
	want := change.Settings{
		change.Name: change.Text(""), change.ClientIPPool: change.Text("10.0.0.0/24"), change.LocalSubnet: change.Text("10.1.0.0/16"),
		change.Proto: change.Text("TCP"), change.Port: change.Number(1195), change.Cipher: change.Text("none"),
		change.Compress: change.Flag(false), change.EnableMultiFactorAuth: change.Flag(true),
		change.IDaaSInstanceID: change.Text("idaas-1"), change.IDaaSRegionID: change.Text("cn-beijing"),
	}
	if !maps.Equal(got.Settings, want) || got.Connections != 2 {
		t.Errorf("server = %+v, want the settings %v and 2 connections", got, want)
	}
}

// TestNeverASilentZero: what an answer lacks is an error.
func TestNeverASilentZero(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, old, replacement, want string }{
		{"no port", `"Port":1195,`, ``, "no Port"},
		{"port null", `1195`, `null`, "no Port"},
		{"port is an object", `1195`, `{"a":1}`, "no Port"},
		{"port is not a number", `1195`, `"x"`, "Port is not a number"},
		{"port is negative", `1195`, `-1`, "Port is not a number"},
		{"no gateway", `"VpnGatewayId":"vpn-1",`, ``, "no VpnGatewayId"},
		{"no pool", `"ClientIpPool":"10.0.0.0/24",`, ``, "no ClientIpPool"},
		{"no id", `"SslVpnServerId":"` + serverID + `",`, ``, "no SslVpnServers"},
		{"another id", serverID, `vss-other`, "not only"},
		{"flag is neither", `"Compress":false`, `"Compress":"maybe"`, "neither true nor false"},
		{"connections are not a number", `"Connections":2`, `"Connections":"many"`, "Connections is not a number"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(flatServer, tt.old) {
				t.Fatalf("%q is not in the reply", tt.old)
			}
			n, err := parseReply([]byte(strings.Replace(flatServer, tt.old, tt.replacement, 1)))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := serverFrom(n, target()); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestListsOfServers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		notFound   bool
	}{
		{"an empty list", `{"RequestId":"R","TotalCount":0,"SslVpnServers":{"SslVpnServer":[]}}`, true},
		{"an empty list as XML", `<R><RequestId>R</RequestId><SslVpnServers></SslVpnServers></R>`, true},
		{"an empty list without a request id", `{"SslVpnServers":{"SslVpnServer":[]}}`, false},
		{"an empty object", `{}`, false},
		{"a request id alone", `{"RequestId":"R"}`, false},
		{"an empty list of one server", `{"RequestId":"R","TotalCount":1,"SslVpnServers":{"SslVpnServer":[]}}`, false},
		{"an empty second page", `{"RequestId":"R","TotalCount":0,"PageNumber":2,"SslVpnServers":{"SslVpnServer":[]}}`, false},
		{"an empty first page", `{"RequestId":"R","TotalCount":0,"PageNumber":1,"PageSize":10,"SslVpnServers":{"SslVpnServer":[]}}`, true},
		{"an empty list that goes on", `{"RequestId":"R","NextToken":"abc","SslVpnServers":{"SslVpnServer":[]}}`, false},
		{"an empty list that is truncated", `{"RequestId":"R","IsTruncated":true,"SslVpnServers":{"SslVpnServer":[]}}`, false},
		{"two servers", `{"RequestId":"R","SslVpnServers":{"SslVpnServer":[` + flatServer + `,` + flatServer + `]}}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n, err := parseReply([]byte(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			_, err = serverFrom(n, target())
			if err == nil || errors.Is(err, errNoServer) != tt.notFound {
				t.Errorf("error = %v, want not found: %v", err, tt.notFound)
			}
		})
	}
}

func TestRepliesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", "  \n", "null", "[]", `"text"`, "12", "{", `{"a":1}{"b":2}`, `{"a":1} trailing`, "<a><b></a>", "<a>",
		"<html><body>hello</body></html>", "<!DOCTYPE html><HTML></HTML>", "Bad Gateway",
		"{" + strings.Repeat(`"a":{`, 40) + strings.Repeat("}", 41), strings.Repeat("<a>", 40) + strings.Repeat("</a>", 40),
	} {
		if n, err := parseReply([]byte(body)); err == nil {
			t.Errorf("parseReply(%.40q) = %v, want an error", body, n)
		}
	}
}

// FuzzParseReply: whatever comes, a server that is accepted is the one asked
// for and has every required setting.
func FuzzParseReply(f *testing.F) {
	f.Add([]byte(flatServer))
	for _, file := range []string{"testdata/modify-reply-sample.json", "testdata/modify-reply-sample.xml"} {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := parseReply(body)
		if err != nil {
			return
		}
		s, err := serverFrom(n, target())
		if err != nil {
			return
		}
		if s.ServerID != serverID || s.GatewayID == "" {
			t.Errorf("accepted %+v", s)
		}
		for _, field := range change.Fields() {
			if v, ok := s.Settings[field]; field.Setting().Required && (!ok || v.String() == "") {
				t.Errorf("accepted a server without %s", field)
			}
		}
	})
}
