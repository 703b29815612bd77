package vpc

import (
	"net/http"
	"slices"
	"strings"
)

// localNames are the regions of the API with the names that DescribeRegions gives them
// (documented: the list of regions and its samples). Those without a name are in the
// endpoint map of the vendor's Go SDK, and DescribeRegions does not list them.
const localNames = `
cn-qingdao 华北1（青岛)
cn-beijing 华北2（北京）
cn-zhangjiakou 华北3（张家口）
cn-huhehaote 华北5（呼和浩特）
cn-wulanchabu 华北6（乌兰察布）
cn-hangzhou 华东1（杭州）
cn-shanghai 华东2（上海）
cn-nanjing 华东5（南京-本地地域）
cn-fuzhou 华东6（福州-本地地域）
cn-shenzhen 华南1（深圳）
cn-heyuan 华南2（河源）
cn-guangzhou 华南3（广州）
cn-chengdu 西南1（成都）
cn-wuhan-lr 华中1（武汉-本地地域）
cn-zhengzhou-jva 郑州（联通合营）
cn-hongkong 中国香港
ap-northeast-1 日本（东京）
ap-northeast-2 韩国（首尔）
ap-southeast-1 新加坡
ap-southeast-2 澳大利亚（悉尼）
ap-southeast-3 马来西亚（吉隆坡）
ap-southeast-5 印度尼西亚（雅加达）
ap-southeast-6 菲律宾（马尼拉）
ap-southeast-7 泰国（曼谷）
ap-south-1 印度（孟买）
us-east-1 美国（弗吉尼亚）
us-west-1 美国（硅谷）
us-southeast-1 美国（亚特兰大）
na-south-1 墨西哥
eu-west-1 英国（伦敦）
eu-central-1 德国（法兰克福）
me-east-1 阿联酋（迪拜）
me-central-1 沙特（利雅得）
cn-beijing-finance-1
cn-beijing-gov-1
cn-hangzhou-finance
cn-heyuan-acdr-1
cn-north-2-gov-1
cn-shanghai-finance-1
cn-shenzhen-finance-1
cn-zhongwei
rus-west-1
`

// regionNames gives the listed name of each known region.
func regionNames() map[string]string {
	names := map[string]string{}
	for line := range strings.Lines(strings.TrimSpace(localNames)) {
		id, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		names[id] = name
	}
	return names
}

// knownRegion reports whether the API has a region: a published one, one of Options, or
// one with a server, a gateway or a VPC, which tests may place anywhere.
func (e *Emulator) knownRegion(id string) bool {
	if _, ok := e.regions[id]; ok {
		return true
	}
	for _, g := range e.gateways {
		if g.RegionID == id {
			return true
		}
	}
	for _, v := range e.vpcs {
		if v.RegionID == id {
			return true
		}
	}
	return false
}

// checkRegion refuses a call without a region, or for one that does not exist.
func (e *Emulator) checkRegion(c *call) *apiError {
	if c.action == DescribeRegions {
		return nil // lists them
	}
	id := c.params.Get("RegionId")
	if id == "" {
		return errMissing("RegionId")
	}
	if !e.knownRegion(id) {
		return &apiError{status: http.StatusNotFound, code: "InvalidRegionId.NotFound", message: "The specified RegionId does not exist."} // documented (CreateSslVpnClientCert)
	}
	return nil
}

// describeRegions answers DescribeRegions (documented).
func (e *Emulator) describeRegions(c *call) outcome {
	var found []object
	for id, name := range e.regions {
		if name != "" {
			found = append(found, object{{"RegionId", id}, {"LocalName", name}, {"RegionEndpoint", "vpc." + id + ".aliyuncs.com"}})
		}
	}
	slices.SortFunc(found, func(a, b object) int { return strings.Compare(a.text("RegionId"), b.text("RegionId")) })
	return outcome{reply: object{{"RequestId", c.requestID}, {"Regions", list{"Region", found}}}}
}
