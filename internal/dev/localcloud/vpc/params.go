package vpc

import (
	"maps"
	"slices"
	"strconv"
)

// knownParams are the parameters of each action that the emulator implements.
func knownParams(action string) []string {
	switch action {
	case DescribeSslVpnServers:
		return []string{"RegionId", "SslVpnServerId", "VpnGatewayId", "Name", "ResourceGroupId", "PageNumber", "PageSize"}
	case DescribeVpnGateway:
		return []string{"RegionId", "VpnGatewayId", "IncludeReservationData"}
	case DescribeVpnGateways:
		return append(tagParams(), "RegionId", "VpnGatewayId", "VpcId", "Status", "BusinessStatus", "ResourceGroupId", "IncludeReservationData", "PageNumber", "PageSize")
	case DescribeRegions:
		return []string{"RegionId", "ProductType"}
	case DescribeVpnSslServerLogs:
		return []string{"RegionId", "VpnSslServerId", "SslVpnClientCertId", "From", "To", "MinutePeriod", "PageNumber", "PageSize"}
	case CreateSslVpnServer:
		return append(settingParams(), "RegionId", "VpnGatewayId", "ClientToken", "DryRun")
	case DeleteSslVpnServer:
		return []string{"RegionId", "SslVpnServerId", "ClientToken"}
	case CreateSslVpnClientCert:
		return []string{"RegionId", "SslVpnServerId", "Name", "ClientToken"}
	case ModifySslVpnClientCert:
		return []string{"RegionId", "SslVpnClientCertId", "Name", "ClientToken"}
	case DeleteSslVpnClientCert:
		return []string{"RegionId", "SslVpnClientCertId", "ClientToken"}
	case DescribeSslVpnClients:
		return []string{"RegionId", "VpnGatewayId", "PageNumber", "PageSize"}
	case DescribeSslVpnClientCerts:
		return []string{"RegionId", "SslVpnServerId", "SslVpnClientCertId", "Name", "ResourceGroupId", "PageNumber", "PageSize"}
	case DescribeSslVpnClientCert:
		return []string{"RegionId", "SslVpnClientCertId"}
	case DescribeVpcAttribute:
		return []string{"RegionId", "VpcId"}
	case ModifySslVpnServer:
		return append(settingParams(), "RegionId", "SslVpnServerId", "ClientToken", "DryRun")
	default:
		return nil
	}
}

func settingParams() []string {
	return []string{
		"Name", "ClientIpPool", "LocalSubnet", "Proto", "Port", "Cipher", "Compress",
		"EnableMultiFactorAuth", "IDaaSInstanceId", "IDaaSRegionId", "IDaaSApplicationId",
	}
}

// maxTags is how many tags a filter may have (documented).
const maxTags = 20

func tagParams() []string {
	var names []string
	for n := 1; n <= maxTags; n++ {
		prefix := "Tag." + strconv.Itoa(n)
		names = append(names, prefix+".Key", prefix+".Value")
	}
	return names
}

// common are the parameters that every action has and that say nothing about what is
// requested (documented in the vendor's SDKs).
func common(name string) bool {
	switch name {
	case "AcceptLanguage", "OwnerAccount", "OwnerId", "ResourceOwnerAccount", "ResourceOwnerId":
		return true
	default:
		return false
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
		if !slices.Contains(known, name) && !common(name) {
			return badRequest("InvalidParameter."+name, "The specified parameter \""+name+"\" is not known to "+c.action+".")
		}
		if len(c.params[name]) > 1 {
			return badRequest("InvalidParameter."+name, "The specified parameter \""+name+"\" is given more than once.")
		}
	}
	return nil
}
