package vpc

import (
	"maps"
	"slices"
)

// knownParams are the parameters of each action that the emulator implements.
func knownParams(action string) []string {
	switch action {
	case DescribeSslVpnServers:
		return []string{"RegionId", "SslVpnServerId", "PageNumber", "PageSize"}
	case DescribeVpnGateway:
		return []string{"RegionId", "VpnGatewayId"}
	case DescribeSslVpnClients:
		return []string{"RegionId", "VpnGatewayId", "PageNumber", "PageSize"}
	case DescribeSslVpnClientCerts:
		return []string{"RegionId", "SslVpnServerId", "PageNumber", "PageSize"}
	case DescribeSslVpnClientCert:
		return []string{"RegionId", "SslVpnClientCertId"}
	case DescribeVpcAttribute:
		return []string{"RegionId", "VpcId"}
	case ModifySslVpnServer:
		return []string{
			"RegionId", "SslVpnServerId", "ClientToken", "DryRun",
			"Name", "ClientIpPool", "LocalSubnet", "Proto", "Port", "Cipher", "Compress",
			"EnableMultiFactorAuth", "IDaaSInstanceId", "IDaaSRegionId", "IDaaSApplicationId",
		}
	default:
		return nil
	}
}

// checkParams refuses a parameter that the action does not have, and one that
// comes twice. The real API ignores the former: a misspelled setting would be
// accepted there and have no effect, so here it must not pass (own choice, with
// a code in the form of the API's).
func checkParams(c *call) *apiError {
	known := knownParams(c.action)
	if known == nil {
		return nil // dispatch refuses the action
	}
	for _, name := range slices.Sorted(maps.Keys(c.params)) {
		if !slices.Contains(known, name) {
			return badRequest("InvalidParameter."+name, "The specified parameter \""+name+"\" is not known to "+c.action+".")
		}
		if len(c.params[name]) > 1 {
			return badRequest("InvalidParameter."+name, "The specified parameter \""+name+"\" is given more than once.")
		}
	}
	return nil
}
