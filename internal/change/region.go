package change

import "strings"

// published are the regions that the VPC API has endpoints for, after the vendor's
// list of regions (VPC, DescribeRegions) and the endpoint map of its Go SDK
// (vpc-20160428 v7.2.5).
const published = " ap-northeast-1 ap-northeast-2 ap-northeast-2-pop ap-south-1 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-5" +
	" ap-southeast-6 ap-southeast-7 cn-beijing cn-beijing-finance-1 cn-beijing-finance-pop cn-beijing-gov-1 cn-chengdu cn-fujian cn-fuzhou" +
	" cn-guangzhou cn-hangzhou cn-hangzhou-bj-b01 cn-hangzhou-finance cn-heyuan cn-heyuan-acdr-1 cn-hongkong cn-hongkong-finance-pop cn-huhehaote" +
	" cn-nanjing cn-north-2-gov-1 cn-qingdao cn-shanghai cn-shanghai-finance-1 cn-shenzhen cn-shenzhen-finance-1 cn-wuhan cn-wuhan-lr" +
	" cn-wulanchabu cn-yushanfang cn-zhangbei cn-zhangjiakou cn-zhengzhou-jva cn-zhongwei eu-central-1 eu-west-1 me-central-1 me-east-1" +
	" na-south-1 rus-west-1-pop us-east-1 us-southeast-1 us-west-1 "

// Regions are the regions whose servers may be changed. A region becomes part of
// the name of the host that a signed request is sent to, so only known regions are
// accepted. The zero Regions are those that the vendor has published.
type Regions struct{ more string } // separated by blanks

// With gives the regions and others, such as those that are newer than the list.
// Texts that are not region ids are left out.
func (r Regions) With(ids ...string) Regions {
	for _, id := range ids {
		if ValidRegion(id) && !r.Has(id) {
			r.more += " " + id + " "
		}
	}
	return r
}

// Has reports whether a region is one of them.
func (r Regions) Has(id string) bool {
	return id != "" && !strings.Contains(id, " ") && strings.Contains(published+r.more, " "+id+" ")
}

// ValidRegion reports whether a text follows RuleRegionFormat.
func ValidRegion(id string) bool {
	if (Regions{}).Has(id) {
		return true
	}
	country, _, _ := strings.Cut(id, "-")
	return len(country) == 2 && safeRegion(id)
}

// safeRegion reports whether a text may be a region in an object key. Keys of earlier
// versions have regions that ValidRegion refuses.
func safeRegion(s string) bool {
	country, rest, ok := strings.Cut(s, "-")
	if !ok || len(s) > maxRegionLength || len(country) < 2 || !isWord(country, isLower) {
		return false
	}
	return hyphenated(rest)
}

// hyphenated reports whether a text is words of lower-case letters and digits, joined
// by single hyphens.
func hyphenated(s string) bool {
	for part := range strings.SplitSeq(s, "-") {
		if !isWord(part, isLowerOrDigit) {
			return false
		}
	}
	return true
}

// Check returns the problems with the regions of requests: those that have the form of
// a region and are not one of r. Validate has reported the others.
func (r Regions) Check(reqs []Request) []Problem {
	var out []Problem
	for _, req := range reqs {
		if ValidRegion(req.RegionID) && !r.Has(req.RegionID) {
			out = append(out, Problem{
				Path: "RegionId", Rule: RuleRegionUnknown, Message: quoted(req.RegionID) + " is not a region of the VPC API that the function knows",
				Hint: "correct it; if it is a new region, have it added to the function's variable VPC_REGIONS",
			}.Under(req.Path))
		}
	}
	return out
}

// regionHint says how to write a region.
func regionHint(s string) string {
	if rest, ok := strings.CutPrefix(s, "oss-"); ok && (Regions{}).Has(rest) {
		return "this is the name of a region's OSS endpoint; write the region, " + rest
	}
	return "write a region id in lower case, such as cn-hangzhou or ap-southeast-1"
}
