package change

import "strings"

// Resource is a kind of resource whose id people confuse with that of an SSL-VPN
// server.
type Resource string

// The kinds that other packages ask for.
const (
	Gateway     Resource = "VPN gateway"
	Certificate Resource = "SSL client certificate"
)

// ResourceOf recognizes an id of another resource by its form. ok is false for the id
// of an SSL-VPN server and for a text that may be a name.
func ResourceOf(id string) (kind Resource, ok bool) {
	prefix, rest, found := strings.Cut(strings.ToLower(id), "-")
	if !found || !isWord(rest, func(r rune) bool { return isLowerOrDigit(r) || r == '-' }) {
		return "", false
	}
	if prefix == "vpn" {
		return Gateway, true
	}
	if !strings.ContainsFunc(rest, isDigit) {
		return "", false
	}
	switch prefix {
	case "vsc":
		return Certificate, true
	case "vco":
		return "IPsec connection", true
	case "cgw":
		return "customer gateway", true
	case "vpc":
		return "VPC", true
	case "vsw":
		return "vSwitch", true
	case "vtb":
		return "route table", true
	case "eip":
		return "elastic IP address", true
	case "sg":
		return "security group", true
	case "i":
		return "ECS instance", true
	default:
		return "", false
	}
}
