package main

import (
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	typed "github.com/alibabacloud-go/vpc-20160428/v6/client"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/vpc"
)

// free waits until a gateway is active.
func free(status func() (string, error)) error {
	for range 200 {
		s, err := status()
		if err != nil || s == "active" {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return same("the gateway stays busy", "active")
}

// classicVPC drives the SDK that aliyun-cli and the Terraform provider are built on:
// signature version 1.
func classicVPC(e environment) {
	c, err := vpc.NewClientWithOptions(region, sdk.NewConfig().WithScheme("HTTP"), credentials.NewAccessKeyCredential(e.keyID, e.keySecret))
	if err != nil {
		panic(err)
	}
	n := client("alibaba-cloud-sdk-go")
	gateway := func() (string, error) {
		r := vpc.CreateDescribeVpnGatewayRequest()
		r.Domain, r.VpnGatewayId = e.vpcEndpoint, e.gateway
		res, err := c.DescribeVpnGateway(r)
		if err != nil {
			return "", err
		}
		return res.Status, nil
	}
	n.check("servers and their filters", func() error {
		r := vpc.CreateDescribeSslVpnServersRequest()
		r.Domain, r.VpnGatewayId, r.PageSize = e.vpcEndpoint, e.gateway, requests.NewInteger(50)
		res, err := c.DescribeSslVpnServers(r)
		return all(err, same(res.TotalCount, 1), same(res.SslVpnServers.SslVpnServer[0].SslVpnServerId, e.server))
	})
	n.check("regions", func() error {
		r := vpc.CreateDescribeRegionsRequest()
		r.Domain = e.vpcEndpoint
		res, err := c.DescribeRegions(r)
		s := vpc.CreateDescribeSslVpnServersRequest()
		s.Domain, s.RegionId = e.vpcEndpoint, "cn-nowhere"
		_, err2 := c.DescribeSslVpnServers(s)
		return all(err, same(len(res.Regions.Region) > 30, true), refused(err2, "InvalidRegionId.NotFound"))
	})
	n.check("gateways", func() error {
		r := vpc.CreateDescribeVpnGatewaysRequest()
		r.Domain, r.VpnGatewayId = e.vpcEndpoint, e.gateway
		res, err := c.DescribeVpnGateways(r)
		return all(err, same(res.VpnGateways.VpnGateway[0].VpnGatewayId, e.gateway), same(res.VpnGateways.VpnGateway[0].SslVpn, "enable"))
	})
	n.check("certificates and logs", func() error {
		r := vpc.CreateDescribeSslVpnClientCertsRequest()
		r.Domain, r.SslVpnServerId = e.vpcEndpoint, e.office
		res, err := c.DescribeSslVpnClientCerts(r)
		l := vpc.CreateDescribeVpnSslServerLogsRequest()
		l.Domain, l.VpnSslServerId, l.MinutePeriod = e.vpcEndpoint, e.server, requests.NewInteger(10)
		logs, err2 := c.DescribeVpnSslServerLogs(l)
		return all(err, err2, same(len(res.SslVpnClientCertKeys.SslVpnClientCertKey) > 0, true), same(logs.IsCompleted, true))
	})
	n.check("a modification and the busy gateway", func() error {
		r := vpc.CreateModifySslVpnServerRequest()
		r.Domain, r.SslVpnServerId, r.Port = e.vpcEndpoint, e.server, requests.NewInteger(1198)
		err := free(gateway)
		res, err2 := c.ModifySslVpnServer(r)
		_, err3 := c.ModifySslVpnServer(r)
		return all(err, err2, same(res.Port, 1198), refused(err3, "VpnGateway.Configuring"), free(gateway))
	})
	n.check("a server is deleted and created, as Terraform does", func() error {
		d := vpc.CreateDeleteSslVpnServerRequest()
		d.Domain, d.SslVpnServerId = e.vpcEndpoint, e.office
		_, err := c.DeleteSslVpnServer(d)
		r := vpc.CreateCreateSslVpnServerRequest()
		r.Domain, r.VpnGatewayId, r.ClientIpPool, r.LocalSubnet, r.Name = e.vpcEndpoint, e.officeGateway, "10.40.0.0/22", "10.20.0.0/16", "made"
		_, busy := c.CreateSslVpnServer(r)
		err2 := free(func() (string, error) {
			g := vpc.CreateDescribeVpnGatewayRequest()
			g.Domain, g.VpnGatewayId = e.vpcEndpoint, e.officeGateway
			res, err := c.DescribeVpnGateway(g)
			return res.Status, err
		})
		res, err3 := c.CreateSslVpnServer(r)
		return all(err, refused(busy, "VpnGateway.Configuring"), err2, err3, same(res.Name, "made"))
	})
}

// typedVPC drives the typed SDK: signature version 3.
func typedVPC(e environment) {
	ptr := func(s string) *string { return &s }
	c, err := typed.NewClient(&openapi.Config{
		AccessKeyId: &e.keyID, AccessKeySecret: &e.keySecret, Endpoint: &e.vpcEndpoint, Protocol: ptr("http"), RegionId: ptr(region),
	})
	if err != nil {
		panic(err)
	}
	n := client("vpc-20160428")
	gateway := func() (string, error) {
		res, err := c.DescribeVpnGateway(&typed.DescribeVpnGatewayRequest{RegionId: ptr(region), VpnGatewayId: &e.gateway})
		if err != nil {
			return "", err
		}
		return *res.Body.Status, nil
	}
	n.check("servers and their filters", func() error {
		res, err := c.DescribeSslVpnServers(&typed.DescribeSslVpnServersRequest{RegionId: ptr(region), VpnGatewayId: &e.gateway})
		return all(err, same(*res.Body.TotalCount, 1), same(*res.Body.SslVpnServers.SslVpnServer[0].SslVpnServerId, e.server))
	})
	n.check("regions", func() error {
		res, err := c.DescribeRegions(&typed.DescribeRegionsRequest{})
		_, err2 := c.DescribeSslVpnServers(&typed.DescribeSslVpnServersRequest{RegionId: ptr("cn-nowhere")})
		return all(err, same(len(res.Body.Regions.Region) > 30, true), refused(err2, "InvalidRegionId.NotFound"))
	})
	n.check("gateways", func() error {
		res, err := c.DescribeVpnGateways(&typed.DescribeVpnGatewaysRequest{RegionId: ptr(region), Status: ptr("active")})
		one, err2 := c.DescribeVpnGateway(&typed.DescribeVpnGatewayRequest{RegionId: ptr(region), VpnGatewayId: &e.gateway})
		return all(err, err2, same(len(res.Body.VpnGateways.VpnGateway) > 0, true), same(*one.Body.ReservationData.ReservationMaxConnections, 0), same(len(one.Body.Tags.Tag), 0))
	})
	n.check("clients, certificates and logs", func() error {
		clients, err := c.DescribeSslVpnClients(&typed.DescribeSslVpnClientsRequest{RegionId: ptr(region), VpnGatewayId: &e.officeGateway})
		certs, err2 := c.DescribeSslVpnClientCerts(&typed.DescribeSslVpnClientCertsRequest{RegionId: ptr(region), SslVpnServerId: &e.office})
		minutes := int32(10)
		logs, err3 := c.DescribeVpnSslServerLogs(&typed.DescribeVpnSslServerLogsRequest{RegionId: ptr(region), VpnSslServerId: &e.server, MinutePeriod: &minutes})
		return all(err, err2, err3, same(*clients.Body.VpnGatewayId, e.officeGateway), same(*certs.Body.TotalCount > 0, true), same(*logs.Body.IsCompleted, true))
	})
	n.check("a modification, the busy gateway and a dry run", func() error {
		port, dry := int32(1199), true
		err := free(gateway)
		res, err2 := c.ModifySslVpnServer(&typed.ModifySslVpnServerRequest{RegionId: ptr(region), SslVpnServerId: &e.server, Port: &port})
		_, err3 := c.ModifySslVpnServer(&typed.ModifySslVpnServerRequest{RegionId: ptr(region), SslVpnServerId: &e.server, Port: &port})
		err4 := free(gateway)
		_, err5 := c.ModifySslVpnServer(&typed.ModifySslVpnServerRequest{RegionId: ptr(region), SslVpnServerId: &e.server, Port: &port, DryRun: &dry})
		return all(err, err2, same(*res.Body.Port, 1199), refused(err3, "VpnGateway.Configuring"), err4, refused(err5, "DryRunOperation"))
	})
}
