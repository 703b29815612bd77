package vpc_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// code is the code of a refusal, or "" for success.
func code(status int, body string) string {
	if status == http.StatusOK {
		return ""
	}
	_, rest, _ := strings.Cut(body, `"Code":"`)
	found, _, _ := strings.Cut(rest, `"`)
	return fmt.Sprintf("%d %s", status, found)
}

// decoded sends a call that has to succeed.
func decoded(t *testing.T, e *vpc.Emulator, c *clock, action, query string) map[string]any {
	t.Helper()
	status, body := answer(e, c.signed(action, query))
	var out map[string]any
	if err := json.Unmarshal([]byte(body), &out); err != nil || status != http.StatusOK {
		t.Fatalf("%s %s = %d %s (%v)", action, query, status, body, err)
	}
	return out
}

// items are the ids of a listed page, and its TotalCount.
func items(out map[string]any, outer, inner, id string) (string, int) {
	box, _ := out[outer].(map[string]any)
	listed, _ := box[inner].([]any)
	ids := make([]string, 0, len(listed))
	for _, item := range listed {
		o, _ := item.(map[string]any)
		s, _ := o[id].(string)
		ids = append(ids, s)
	}
	total, _ := out["TotalCount"].(float64)
	return strings.Join(ids, " "), int(total)
}

func second() vpc.Server {
	return vpc.Server{
		RegionID: "cn-hangzhou", ID: "vss-second", GatewayID: "vpn-second", Name: "office", ResourceGroupID: "rg-office",
		ClientIPPool: "10.40.0.0/24", LocalSubnet: "10.41.0.0/16", MaxConnections: 20,
	}
}

func TestServersAreFiltered(t *testing.T) {
	t.Parallel()
	c := newClock()
	e := newEmulator(t, c, vpc.Options{})
	if err := e.AddServer(second()); err != nil {
		t.Fatal(err)
	}
	both := serverID + " vss-second"
	tests := []struct {
		query, want string
		total       int
	}{
		{"", both, 2},
		{"Name=office", "vss-second", 1},
		{"Name=offic", "", 0},
		{"Name=Office", "", 0},
		{"Name=", both, 2},
		{"VpnGatewayId=vpn-second", "vss-second", 1},
		{"VpnGatewayId=vpn-none", "", 0},
		{"ResourceGroupId=rg-office", "vss-second", 1},
		{"ResourceGroupId=" + vpc.DefaultResourceGroup, serverID, 1},
		{"Name=office&VpnGatewayId=" + gatewayID, "", 0},
		{"SslVpnServerId=vss-second&Name=office&VpnGatewayId=vpn-second&ResourceGroupId=rg-office", "vss-second", 1},
		{"PageSize=1", serverID, 2},
		{"PageSize=1&PageNumber=2", "vss-second", 2},
		{"PageSize=1&PageNumber=3", "", 2},
		{"PageSize=50", both, 2},
		{"RegionId=cn-shanghai", "", 0},
		{"OwnerId=1&ResourceOwnerAccount=a", both, 2},
	}
	for _, tt := range tests {
		if got, total := items(decoded(t, e, c, vpc.DescribeSslVpnServers, tt.query), "SslVpnServers", "SslVpnServer", "SslVpnServerId"); got != tt.want || total != tt.total {
			t.Errorf("%q: got %q of %d, want %q of %d", tt.query, got, total, tt.want, tt.total)
		}
	}
	for _, bad := range []string{"PageSize=0", "PageSize=51", "PageSize=-1", "PageSize=x", "PageNumber=0", "PageNumber=x"} {
		for _, action := range []string{vpc.DescribeSslVpnServers, vpc.DescribeVpnGateways, vpc.DescribeSslVpnClientCerts} {
			if got := code(answer(e, c.signed(action, bad))); got != "400 InvalidPageSize" {
				t.Errorf("%s %s: %q", action, bad, got)
			}
		}
	}
}

func TestRegionsThatDoNotExistAreRefused(t *testing.T) {
	t.Parallel()
	c := newClock()
	e := newEmulator(t, c, vpc.Options{})
	s := second()
	s.RegionID = "cn-test-1" // a region of a test's own
	if err := e.AddServer(s); err != nil {
		t.Fatal(err)
	}
	for region, want := range map[string]string{
		"cn-hangzhou": "", "cn-shanghai": "", "eu-central-1": "", "cn-shanghai-finance-1": "", "cn-test-1": "",
		"cn-nowhere": "404 InvalidRegionId.NotFound", "mars-1": "404 InvalidRegionId.NotFound", "cn-hangzhou-1": "404 InvalidRegionId.NotFound",
		"CN-HANGZHOU": "404 InvalidRegionId.NotFound", "../x": "404 InvalidRegionId.NotFound", "": "400 MissingRegionId",
	} {
		for _, query := range []string{"SslVpnServers", "VpnGateways", "SslVpnClientCerts"} {
			if got := code(answer(e, c.signed("Describe"+query, "RegionId="+region))); got != want {
				t.Errorf("%s in %q: %q, want %q", query, region, got, want)
			}
		}
	}
	regions, _ := items(decoded(t, e, c, vpc.DescribeRegions, "RegionId="), "Regions", "Region", "RegionId")
	if !strings.Contains(regions, "cn-hangzhou") || strings.Contains(regions, "finance") || len(strings.Fields(regions)) < 30 {
		t.Errorf("the regions are %s", regions)
	}
}

// A gateway has the members that the typed SDKs of the vendor read.
func TestGatewaysHaveTheirMembers(t *testing.T) {
	t.Parallel()
	c := newClock()
	e := newEmulator(t, c, vpc.Options{})
	if err := e.UpdateGateway(gatewayID, func(g *vpc.Gateway) { g.Name, g.Tags = "gate", map[string]string{"team": "net"} }); err != nil {
		t.Fatal(err)
	}
	one := decoded(t, e, c, vpc.DescribeVpnGateway, "VpnGatewayId="+gatewayID+"&IncludeReservationData=true")
	listed := decoded(t, e, c, vpc.DescribeVpnGateways, "")
	box, _ := listed["VpnGateways"].(map[string]any)
	all, _ := box["VpnGateway"].([]any)
	shown, _ := all[0].(map[string]any)
	for member := range strings.FieldsSeq("VpnGatewayId Name Description VpcId VSwitchId Status BusinessStatus ChargeType Spec IpsecVpn SslVpn " +
		"SslMaxConnections NetworkType InternetIp DisasterRecoveryInternetIp DisasterRecoveryVSwitchId AutoPropagate EnableBgp VpnType CreateTime " +
		"EndTime ResourceGroupId EniInstanceIds ReservationData Tags Tag") {
		if one[member] == nil || fmt.Sprint(one[member]) != fmt.Sprint(shown[member]) {
			t.Errorf("%s: %v alone, %v in the list", member, one[member], shown[member])
		}
	}
	if one["Name"] != "gate" || fmt.Sprint(one["Tags"]) != "map[Tag:[map[Key:team Value:net]]]" || one["SslMaxConnections"] != 5.0 {
		t.Errorf("the gateway is %v", one)
	}
}

func TestGatewaysAreFiltered(t *testing.T) {
	t.Parallel()
	c := newClock()
	e := newEmulator(t, c, vpc.Options{})
	if err := e.AddServer(second()); err != nil {
		t.Fatal(err)
	}
	if err := e.UpdateGateway("vpn-second", func(g *vpc.Gateway) {
		g.FinancialLocked, g.Tags, g.ResourceGroupID = true, map[string]string{"team": "net", "env": "prod"}, "rg-office"
	}); err != nil {
		t.Fatal(err)
	}
	if err := e.Busy(gatewayID, time.Minute); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"":                        gatewayID + " vpn-second",
		"VpnGatewayId=vpn-none":   "",
		"VpcId=vpc-vpn-second":    "vpn-second",
		"Status=updating":         gatewayID,
		"Status=active":           "vpn-second",
		"BusinessStatus=Normal":   gatewayID,
		"ResourceGroupId=rg-x":    "",
		"Tag.1.Key=team":          "vpn-second",
		"Tag.1.Key=none":          "",
		"PageSize=1&PageNumber=2": "vpn-second",
		"Tag.1.Key=team&Tag.1.Value=net&Tag.2.Key=env&Tag.2.Value=prod": "vpn-second",
		"Tag.1.Key=team&Tag.1.Value=other":                              "",
	} {
		if got, _ := items(decoded(t, e, c, vpc.DescribeVpnGateways, query), "VpnGateways", "VpnGateway", "VpnGatewayId"); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	if got := code(answer(e, c.signed(vpc.DescribeVpnGateways, "Status=busy"))); got != "400 IllegalParam.Status" {
		t.Errorf("an unknown status: %q", got)
	}
}

// A server is created and deleted as Terraform does it.
func TestServersAreCreatedAndDeleted(t *testing.T) {
	t.Parallel()
	c := newClock()
	e := newEmulator(t, c, vpc.Options{Configuring: 20 * time.Second})
	create := "VpnGatewayId=" + gatewayID + "&ClientIpPool=10.50.0.0/24&LocalSubnet=10.51.0.0/16&Name=new&ClientToken=one"
	if got := code(answer(e, c.signed(vpc.CreateSslVpnServer, create))); got != "400 QuotaExceeded.SslVpnServer" {
		t.Fatalf("a second server: %q", got)
	}
	call := func(action, query, want string) {
		t.Helper()
		if got := code(answer(e, c.signed(action, query))); got != want {
			t.Errorf("%s %s: %q, want %q", action, query, got, want)
		}
	}
	call(vpc.DeleteSslVpnServer, "", "400 MissingSslVpnServerId")
	call(vpc.DeleteSslVpnServer, "SslVpnServerId=vss-none", "404 InvalidSslVpnServerId.NotFound")
	call(vpc.DeleteSslVpnServer, "RegionId=cn-shanghai&SslVpnServerId="+serverID, "404 InvalidSslVpnServerId.NotFound")
	call(vpc.DeleteSslVpnServer, "SslVpnServerId="+serverID+"&ClientToken=del", "")
	call(vpc.DeleteSslVpnServer, "SslVpnServerId="+serverID+"&ClientToken=del", "") // the token's first result
	call(vpc.CreateSslVpnServer, create, "400 VpnGateway.Configuring")
	c.advance(21 * time.Second)
	call(vpc.CreateSslVpnServer, strings.Replace(create, "Name=new", "Port=22", 1), "400 IllegalParam.Port")
	call(vpc.CreateSslVpnServer, create+"&DryRun=true", "400 DryRunOperation")
	call(vpc.CreateSslVpnServer, "VpnGatewayId="+gatewayID+"&LocalSubnet=10.51.0.0/16", "400 MissingClientIpPool")
	made := decoded(t, e, c, vpc.CreateSslVpnServer, create)
	again := decoded(t, e, c, vpc.CreateSslVpnServer, create)
	id, _ := made["SslVpnServerId"].(string)
	if id == "" || again["SslVpnServerId"] != id {
		t.Fatalf("created %v, and with the same token %v", made, again)
	}
	s, ok := e.Server(id)
	if !ok || s.Name != "new" || s.Proto != "TCP" || s.Port != 1194 || s.Cipher != "AES-128-CBC" || s.Compress {
		t.Errorf("the server is %+v", s)
	}
	c.advance(21 * time.Second)
	certificate := decoded(t, e, c, vpc.CreateSslVpnClientCert, "SslVpnServerId="+id+"&Name=mei")
	cert, _ := certificate["SslVpnClientCertId"].(string)
	if got, _ := items(decoded(t, e, c, vpc.DescribeSslVpnClientCerts, "SslVpnServerId="+id+"&Name=mei"), "SslVpnClientCertKeys", "SslVpnClientCertKey", "SslVpnClientCertId"); got != cert || cert == "" {
		t.Errorf("listed %q, created %q", got, cert)
	}
	call(vpc.DeleteSslVpnClientCert, "SslVpnClientCertId="+cert, "400 VpnGateway.Configuring")
	call(vpc.ModifySslVpnClientCert, "SslVpnClientCertId="+cert+"&Name=jun", "")
	c.advance(21 * time.Second)
	call(vpc.DeleteSslVpnClientCert, "SslVpnClientCertId="+cert, "")
	call(vpc.DeleteSslVpnClientCert, "SslVpnClientCertId="+cert, "404 InvalidSslVpnClientCertId.NotFound")
}

func TestServerLogs(t *testing.T) {
	t.Parallel()
	c := newClock()
	e := newEmulator(t, c, vpc.Options{})
	if err := e.AddCertificate(vpc.Certificate{ID: "vsc-a", ServerID: serverID}); err != nil {
		t.Fatal(err)
	}
	if err := e.SetClients(vpc.Clients{ServerID: serverID, Clients: []vpc.Client{{Certificate: "vsc-a"}, {Certificate: "vsc-b"}}}); err != nil {
		t.Fatal(err)
	}
	at := c.time().Unix()
	c.advance(5 * time.Minute)
	server := "VpnSslServerId=" + serverID
	for query, want := range map[string]float64{
		"&MinutePeriod=10":                           2,
		"&MinutePeriod=1":                            0,
		"&MinutePeriod=10&SslVpnClientCertId=vsc-a":  1,
		fmt.Sprintf("&From=%d&To=%d", at, at):        2,
		fmt.Sprintf("&From=%d&MinutePeriod=1", at+1): 0,
		fmt.Sprintf("&To=%d&MinutePeriod=1", at):     2,
		"&MinutePeriod=10&PageSize=1":                2,
	} {
		if out := decoded(t, e, c, vpc.DescribeVpnSslServerLogs, server+query); out["Count"] != want {
			t.Errorf("%s: %v, want %v", query, out, want)
		}
	}
	for query, want := range map[string]string{
		"":                                      "400 MissingMinutePeriod",
		fmt.Sprintf("&From=%d", at):             "400 MissingMinutePeriod",
		"&MinutePeriod=11":                      "400 IllegalParam.MinutePeriod",
		"&MinutePeriod=x":                       "400 IllegalParam.MinutePeriod",
		fmt.Sprintf("&From=%d&To=%d", at+1, at): "400 IllegalParam.From",
	} {
		if got := code(answer(e, c.signed(vpc.DescribeVpnSslServerLogs, server+query))); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	if got := code(answer(e, c.signed(vpc.DescribeVpnSslServerLogs, "MinutePeriod=1"))); got != "400 MissingVpnSslServerId" {
		t.Errorf("without a server: %q", got)
	}
}
