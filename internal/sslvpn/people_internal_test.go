package sslvpn

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

const (
	clientPage = `{"RequestId":"R","PageNumber":1,"PageSize":50,"TotalCount":2,"ClientInfoList":[` +
		`{"CommonName":"CN=vsc-bp13k5mp4tg8v3z9b","Ip":"198.51.100.7","Port":"52118","PrivateIp":"10.30.30.6","ConnectedTime":1764230400000,"Status":"online"},` +
		`{"CommonName":"mei@example.com","Ip":"198.51.100.8","Port":"52119","PrivateIp":"10.30.30.10","ConnectedTime":"1764230400001","Status":"online"}]}`
	certPage = `{"RequestId":"R","PageNumber":1,"PageSize":50,"TotalCount":1,"SslVpnClientCertKeys":{"SslVpnClientCertKey":[` +
		`{"Name":"laptop","Status":"Normal","EndTime":1764230400000,"SslVpnClientCertId":"vsc-bp13k5mp4tg8v3z9b","SslVpnServerId":"` + serverID + `"}]}}`
	vpcReply = `{"RequestId":"R","VpcId":"vpc-1","CidrBlock":"192.168.0.0/16","SecondaryCidrBlocks":{"SecondaryCidrBlock":["10.9.0.0/16"]},"UserCidrs":{"UserCidr":[]}}`
)

// decodePage reads a first page of clients or of certificates, or a VPC.
func decodePeople(kind, body string) (any, error) {
	n, err := parseReply([]byte(body))
	if err != nil {
		return nil, err
	}
	switch kind {
	case "clients":
		return clientsOf(n)
	case "certificates":
		return certificatesOf(n)
	default:
		return vpcFrom(n, VPCRef{RegionID: "cn-hangzhou", VPCID: "vpc-1"})
	}
}

func clientsOf(n node) (out []ConnectedClient, err error) {
	items, _, err := pageFrom(n, 1, clientList())
	for _, item := range items {
		out = append(out, clientFrom(item))
	}
	return out, err
}

func certificatesOf(n node) (out []Certificate, err error) {
	items, _, err := pageFrom(n, 1, certificateList())
	for _, item := range items {
		c, bad := certificateFrom(item, target())
		out, err = append(out, c), errors.Join(err, bad)
	}
	return out, err
}

func samples() map[string]string {
	return map[string]string{"clients": clientPage, "certificates": certPage, "vpc": vpcReply}
}

func TestSamplesAreAccepted(t *testing.T) {
	t.Parallel()
	for kind, body := range samples() {
		got, err := decodePeople(kind, body)
		if err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if text := fmt.Sprint(got); strings.Contains(text, "mei") || strings.Contains(text, "198.51") || strings.Contains(text, "10.30.") {
			t.Errorf("%s: %s names somebody", kind, text)
		}
	}
}

func TestForeignAnswersAreRefused(t *testing.T) {
	t.Parallel()
	item := `{"CommonName":"CN=vsc-1","ConnectedTime":1},`
	tests := []struct{ name, kind, old, replacement, want string }{
		{"no list of clients", "clients", `"ClientInfoList"`, `"Other"`, "no ClientInfoList"},
		{"no request id", "clients", `"RequestId":"R",`, ``, "no ClientInfoList"},
		{"no count", "clients", `"TotalCount":2,`, ``, "no TotalCount"},
		{"a count that is not one", "clients", `"TotalCount":2`, `"TotalCount":"many"`, "TotalCount is not a number"},
		{"another page", "clients", `"PageNumber":1`, `"PageNumber":2`, "not 1"},
		{"more than a page", "clients", `"ClientInfoList":[`, `"ClientInfoList":[` + strings.Repeat(item, pageSize), "on a page of 50"},
		{"no list of certificates", "certificates", `"SslVpnClientCertKeys"`, `"Other"`, "no SslVpnClientCertKeys"},
		{"another server's certificate", "certificates", serverID, "vss-other", "not only of"},
		{"no certificate's id", "certificates", `"SslVpnClientCertId":"vsc-bp13k5mp4tg8v3z9b",`, ``, "no SslVpnClientCertId"},
		{"an id of something else", "certificates", `vsc-bp13k5mp4tg8v3z9b`, `mei@example.com`, "no id of a certificate"},
		{"another VPC", "vpc", `vpc-1`, `vpc-2`, "not vpc-1"},
		{"no network", "vpc", `"CidrBlock":"192.168.0.0/16",`, ``, "no CidrBlock"},
		{"a network that is not one", "vpc", `10.9.0.0/16`, `10.9`, "is no network"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sample := samples()[tt.kind]
			if !strings.Contains(sample, tt.old) {
				t.Fatalf("%q is not in the sample", tt.old)
			}
			got, err := decodePeople(tt.kind, strings.Replace(sample, tt.old, tt.replacement, 1))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("decoded %+v, %v, want the error %q", got, err, tt.want)
			}
		})
	}
}

// TestAGatewayWithOddDetailsIsRead: what only informs people must not keep a change
// from being applied.
func TestAGatewayWithOddDetailsIsRead(t *testing.T) {
	t.Parallel()
	const head = `{"RequestId":"R","VpnGatewayId":"vpn-1","Status":"active"`
	for _, rest := range []string{
		``, `,"CreateTime":"yesterday"`, `,"CreateTime":99999999999999999999`, `,"InternetIp":"none"`, `,"Tag":"{"`, `,"Tag":"[]"`, `,"Tag":""`,
		`,"Tag":"{\"VisuallySsl\":\"false\"}"`, `,"VpcId":"` + strings.Repeat("v", 100) + `"`, `,"SslVpn":null`,
	} {
		n, err := parseReply([]byte(head + rest + "}"))
		if err != nil {
			t.Fatal(err)
		}
		g, err := gatewayFrom(n, GatewayRef{RegionID: "cn-hangzhou", GatewayID: "vpn-1"})
		if err != nil || g.Visualized || !g.SSLEnabled || g.PublicIP.IsValid() || !g.CreatedAt.IsZero() || g.VPCID != "" {
			t.Errorf("%s: gateway = %+v, %v", rest, g, err)
		}
	}
}

// FuzzPeople: whatever comes, nothing but ids of certificates and times is kept of a
// client, a page is bounded, and an accepted VPC has valid networks.
func FuzzPeople(f *testing.F) {
	for _, body := range samples() {
		f.Add([]byte(body))
	}
	f.Add([]byte(`<R><RequestId>R</RequestId><TotalCount>1</TotalCount><ClientInfoList><CommonName>CN=vsc-a1</CommonName></ClientInfoList></R>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := parseReply(body)
		if err != nil {
			return
		}
		if clients, err := clientsOf(n); err == nil {
			if len(clients) > pageSize {
				t.Errorf("accepted %d clients", len(clients))
			}
			for _, c := range clients {
				if c.Certificate != "" && !isCertificateID(c.Certificate) || c.Since.After(time.UnixMilli(maxMoment)) {
					t.Errorf("accepted the client %+v", c)
				}
			}
		}
		certs, err := certificatesOf(n)
		for _, c := range certs {
			if err == nil && (!isCertificateID(c.ID) || len(c.Name) > maxName+len("…")) {
				t.Errorf("accepted the certificate %+v", c)
			}
		}
		v, err := vpcFrom(n, VPCRef{VPCID: "vpc-1"})
		for _, p := range append(v.Networks, v.UserCIDRs...) {
			if err == nil && (!p.IsValid() || p != p.Masked()) {
				t.Errorf("accepted the VPC %+v", v)
			}
		}
	})
}
