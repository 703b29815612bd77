package sslvpn

import (
	"fmt"
	"net/url"
	"strings"

	"sslvpnchange/internal/endpoint"
)

// validRegion reports whether s looks like the id of a region: words of small
// letters and digits, the first of which begins with a letter, separated by
// hyphens. The region becomes part of a host name, so nothing else may pass.
func validRegion(s string) bool {
	words := 0
	for word := range strings.SplitSeq(s, "-") {
		words++
		for i, c := range []byte(word) {
			letter, digit := c >= 'a' && c <= 'z', c >= '0' && c <= '9'
			if !letter && (!digit || (words == 1 && i == 0)) {
				return false
			}
		}
		if word == "" {
			return false
		}
	}
	return words > 1
}

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
