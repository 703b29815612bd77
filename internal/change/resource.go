package change

import "strings"

// Resource is a kind of resource whose id people confuse with that of an SSL-VPN
// server.
type Resource struct{ English, Chinese string }

// Gateway is the kind of VPN gateways.
func Gateway() Resource { return Resource{"VPN gateway", "VPN 网关"} }

// ResourceOf recognizes an id of another resource by its form. ok is false for the id
// of an SSL-VPN server and for a text that may be a name.
func ResourceOf(id string) (kind Resource, ok bool) {
	prefix, rest, found := strings.Cut(strings.ToLower(id), "-")
	if !found || !isWord(rest, func(r rune) bool { return isLowerOrDigit(r) || r == '-' }) {
		return Resource{}, false
	}
	if prefix == "vpn" {
		return Gateway(), true
	}
	if !strings.ContainsFunc(rest, isDigit) {
		return Resource{}, false
	}
	switch prefix {
	case "vsc":
		return Resource{"SSL client certificate", "SSL 客户端证书"}, true
	case "vco":
		return Resource{"IPsec connection", "IPsec 连接"}, true
	case "cgw":
		return Resource{"customer gateway", "用户网关"}, true
	case "vpc":
		return Resource{"VPC", "专有网络（VPC）"}, true
	case "vsw":
		return Resource{"vSwitch", "交换机"}, true
	case "vtb":
		return Resource{"route table", "路由表"}, true
	case "eip":
		return Resource{"elastic IP address", "弹性公网 IP"}, true
	case "sg":
		return Resource{"security group", "安全组"}, true
	case "i":
		return Resource{"ECS instance", "ECS 实例"}, true
	default:
		return Resource{}, false
	}
}
