package vpc

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// apply sets the parameters that are given, and checks each by itself. The rules
// are documented; of the codes only InvalidName and IllegalParam.LocalSubnet are,
// the others are an own choice in the same form.
func apply(p url.Values, s *Server) *apiError {
	steps := []struct {
		param string
		set   func(value string) bool
	}{
		{"Name", func(v string) bool { s.Name = v; return validName(v) }},
		{"ClientIpPool", func(v string) bool { s.ClientIPPool = v; return validPool(v) }},
		{"LocalSubnet", func(v string) bool { s.LocalSubnet = v; return validSubnets(v) }},
		{"Proto", func(v string) bool { s.Proto = v; return v == "TCP" || v == "UDP" }},
		{"Port", func(v string) (ok bool) { s.Port, ok = validPort(v); return ok }},
		{"Cipher", func(v string) bool { s.Cipher = v; return validCipher(v) }},
		{"Compress", func(v string) (ok bool) { s.Compress, ok = flag(v); return ok }},
		{"EnableMultiFactorAuth", func(v string) (ok bool) { s.EnableMultiFactorAuth, ok = flag(v); return ok }},
		{"IDaaSInstanceId", func(v string) bool { s.IDaaSInstanceID = v; return true }},
		{"IDaaSRegionId", func(v string) bool { s.IDaaSRegionID = v; return true }},
		{"IDaaSApplicationId", func(v string) bool { s.IDaaSApplicationID = v; return true }},
	}
	for _, step := range steps {
		if p.Has(step.param) && !step.set(p.Get(step.param)) {
			return illegal(step.param, p.Get(step.param))
		}
	}
	if s.EnableMultiFactorAuth && (s.IDaaSInstanceID == "" || s.IDaaSRegionID == "") {
		return illegal("IDaaSInstanceId", s.IDaaSInstanceID) // documented rule: both are needed
	}
	if s.EnableMultiFactorAuth && strings.HasPrefix(s.IDaaSInstanceID, "idaas_") && s.IDaaSApplicationID == "" {
		return illegal("IDaaSApplicationId", "") // documented rule for EIAM 2.0
	}
	return nil
}

func illegal(param, value string) *apiError {
	if param == "Name" {
		return errInvalidName()
	}
	return badRequest("IllegalParam."+param, fmt.Sprintf("The specified %q (%s) is invalid.", param, value))
}

// validName checks the current rule: 1 to 100 characters, not starting with http://
// or https://. The older page required 2 to 128 characters, and more.
func validName(s string) bool {
	n := utf8.RuneCountInString(s)
	return n >= 1 && n <= 100 && !strings.HasPrefix(s, "http://") && !strings.HasPrefix(s, "https://")
}

func validPort(v string) (int, bool) {
	n, err := strconv.Atoi(v)
	reserved := []int{22, 2222, 22222, 9000, 9001, 9002, 7505, 80, 443, 53, 68, 123, 4510, 4560, 500, 4500}
	return n, err == nil && n >= 1 && n <= 65535 && !slices.Contains(reserved, n)
}

func validCipher(v string) bool {
	return slices.Contains([]string{"AES-128-CBC", "AES-192-CBC", "AES-256-CBC", "none"}, v)
}

func flag(v string) (value, ok bool) { return v == "true", v == "true" || v == "false" }

// network reads a CIDR without host bits (canonical form is what the vendor's
// Terraform provider insists on; refusing others here is an own choice).
func network(s string) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(s)
	return p, err == nil && p.Addr().Is4() && p == p.Masked()
}

func overlapsAny(p netip.Prefix, others ...string) bool {
	return slices.ContainsFunc(others, func(o string) bool {
		q, err := netip.ParsePrefix(o)
		return err == nil && p.Overlaps(q)
	})
}

func validPool(s string) bool {
	p, ok := network(s)
	return ok && p.Bits() >= 16 && p.Bits() <= 29 &&
		!overlapsAny(p, "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.0.0.0/8")
}

func validSubnets(s string) bool {
	parts := strings.Split(s, ",")
	for _, part := range parts {
		p, ok := network(part)
		if !ok || p.Bits() < 8 || overlapsAny(p, "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.0.0.0/8") {
			return false
		}
	}
	return len(parts) <= 5
}

// checkNetworks checks the values together after the modification: a /30 for each
// connection, and a pool that does not overlap the other networks (documented).
func checkNetworks(s *Server, v VPC) *apiError {
	pool, ok := network(s.ClientIPPool)
	if !ok || 1<<(32-pool.Bits()) < 4*s.MaxConnections || overlapsAny(pool, strings.Split(s.LocalSubnet, ",")...) {
		return illegal("ClientIpPool", s.ClientIPPool)
	}
	if overlapsAny(pool, append(slices.Clone(v.SecondaryCIDRs), v.CIDR)...) {
		return illegal("ClientIpPool", s.ClientIPPool)
	}
	return nil
}
