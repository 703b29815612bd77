package sslvpn

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
)

// regionID is what a region may look like. It becomes part of a host name, so
// nothing else may pass.
var regionID = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)+$`)

// parseEndpoint reads the one endpoint that serves every region, or nil for
// the endpoints of the regions.
func parseEndpoint(s string) (*url.URL, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // no endpoint is a setting, not an error
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, fmt.Errorf("endpoint %q is not a URL such as https://vpc.aliyuncs.com", s)
	}
	if u.User != nil || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("endpoint %q may hold a scheme, a host and a port only, such as https://vpc.aliyuncs.com", u.Redacted())
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return nil, fmt.Errorf("endpoint %q: plain http is for loopback addresses only, use https", s)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// endpoint is where the API of a region lives. Region and endpoint must agree:
// the central endpoint does not serve the regions that have their own.
func endpoint(region string) *url.URL {
	host := "vpc." + region + ".aliyuncs.com"
	if central(region) {
		host = "vpc.aliyuncs.com"
	}
	return &url.URL{Scheme: "https", Host: host, Path: "/"}
}

// central tells which regions the central endpoint serves, after the endpoint
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
