package sslvpn

import (
	"fmt"
	"net/url"

	"github.com/sslvpn-change/sslvpn-change/internal/endpoint"
)

// parseEndpoint reads the one endpoint that serves every region, or nil for
// the endpoints of the regions.
func parseEndpoint(s string) (*url.URL, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // no endpoint is a setting, not an error
	}
	u, err := endpoint.Parse(s)
	if err != nil {
		return nil, fmt.Errorf("the endpoint of the VPC API %w", err)
	}
	u.Path = "/"
	return u, nil
}

// regionEndpoint is where the API of a region is. Region and endpoint must
// agree: the central endpoint does not serve the regions that have their own.
func regionEndpoint(region string) *url.URL {
	host := "vpc." + region + ".aliyuncs.com"
	if central(region) {
		host = "vpc.aliyuncs.com"
	}
	return &url.URL{Scheme: "https", Host: host, Path: "/"}
}

// central reports whether the central endpoint serves the region, after the endpoint
// map of the vendor's Go SDK for this API (vpc-20160428 v7.2.5).
func central(region string) bool {
	switch region {
	case "cn-hangzhou", "cn-hangzhou-finance", "cn-hangzhou-bj-b01",
		"cn-shanghai-finance-1", "cn-shenzhen-finance-1", "cn-beijing-finance-pop", "cn-hongkong-finance-pop",
		"cn-north-2-gov-1", "cn-beijing-gov-1",
		"cn-fujian", "cn-wuhan", "cn-zhangbei", "cn-yushanfang",
		"ap-northeast-2-pop", "rus-west-1-pop":
		return true
	default:
		return false
	}
}
