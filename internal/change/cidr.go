package change

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Masks and numbers of networks that ModifySslVpnServer accepts.
const (
	minPoolBits        = 16
	maxPoolBits        = 29
	minLocalSubnetBits = 8
	maxLocalSubnetBits = 32
	maxLocalSubnets    = 5

	usualBits = 24 // the mask that hints suggest in place of a mistyped one
)

func checkPool(f Field, v Value) []Problem {
	s, _ := v.Text()
	p, problem := parseNetwork(s)
	if problem != nil && len(addresses(s)) > 1 {
		problem.Hint = "a pool is one network: write one address and mask, such as 10.30.30.0/24"
	}
	if problem == nil {
		problem = checkNetwork(p, minPoolBits, maxPoolBits, RulePoolMask)
	}
	if problem == nil {
		problem = checkForbidden(p, RulePoolForbiddenRange, append(forbiddenNetworks(), "100.64.0.0/10"))
	}
	return at(f, problem)
}

func checkLocalSubnet(f Field, v Value) []Problem {
	s, _ := v.Text()
	var out []Problem
	parts := strings.Split(s, ",")
	if s != "" && len(parts) > maxLocalSubnets {
		out = at(f, &Problem{
			Rule: RuleLocalSubnetCount, Message: fmt.Sprintf("LocalSubnet lists %d networks", len(parts)),
			Hint: "list at most 5, the quota cannot be raised; combine adjacent networks into one with a shorter mask",
		})
		parts = parts[:maxLocalSubnets]
	}
	var seen []netip.Prefix
	for _, part := range parts {
		p, problem := parseNetwork(part)
		if problem == nil {
			problem = checkNetwork(p, minLocalSubnetBits, maxLocalSubnetBits, RuleLocalSubnetMask)
		}
		if problem == nil {
			problem = checkForbidden(p, RuleLocalSubnetForbiddenRange, forbiddenNetworks())
		}
		if problem == nil && slices.Contains(seen, p) {
			problem = &Problem{Rule: RuleLocalSubnetDuplicate, Message: p.String() + " is listed twice", Hint: "remove one of the two"}
		}
		seen = append(seen, p)
		out = append(out, at(f, problem)...)
	}
	return out
}

// forbiddenNetworks may overlap neither a pool nor a local subnet. A pool must not
// overlap 100.64.0.0/10 either.
func forbiddenNetworks() []string {
	return []string{"127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.0.0.0/8"}
}

func at(f Field, p *Problem) []Problem {
	if p == nil {
		return nil
	}
	return []Problem{p.Under(string(f))}
}

func parseNetwork(s string) (netip.Prefix, *Problem) {
	p, err := netip.ParsePrefix(s)
	if err == nil && p.Addr().Is4() {
		return p, nil
	}
	problem := &Problem{Rule: RuleCIDRSyntax, Message: quoted(s) + " is not an IPv4 network", Hint: "write it as address and mask, such as 10.30.30.0/24"}
	addr, err := netip.ParseAddr(s)
	switch {
	case s == "":
		problem.Message = "a network is missing"
		problem.Hint = "write address and mask, such as 10.30.30.0/24; separate several networks by single commas"
	case err == nil && addr.Is4():
		problem.Hint = "add the mask, such as " + suggest(addr, usualBits)
	case len(addresses(s)) > 1:
		problem.Message = quoted(s) + " names several networks"
		problem.Hint = "separate networks with commas"
	}
	return netip.Prefix{}, problem
}

// addresses finds the IPv4 addresses in a text, whatever separates them.
func addresses(s string) []netip.Addr {
	var out []netip.Addr
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return !isDigit(r) && r != '.' }) {
		if addr, err := netip.ParseAddr(word); err == nil {
			out = append(out, addr)
		}
	}
	return out
}

func suggest(addr netip.Addr, bits int) string {
	return netip.PrefixFrom(addr, bits).Masked().String()
}

// checkNetwork checks the mask before the host bits. A wrong mask also causes host
// bits, and a hint computed from it would name the wrong network: 10.30.30.0/2, a
// typing error for /24 that the API's own reference page once had, would become
// 0.0.0.0/2.
func checkNetwork(p netip.Prefix, low, high int, rule string) *Problem {
	noHostBits := p == p.Masked()
	switch bits := p.Bits(); {
	case bits < low && p.Addr().IsUnspecified():
		return &Problem{Rule: rule, Message: fmt.Sprintf("%s covers every address", p), Hint: fmt.Sprintf("list the networks that you need, each with a mask of /%d to /%d", low, high)}
	case bits < low && !noHostBits:
		return &Problem{Rule: rule, Message: fmt.Sprintf("the mask of %s is shorter than /%d", p, low), Hint: "did you mean " + suggest(p.Addr(), usualBits) + "?"}
	case bits < low:
		return &Problem{Rule: rule, Message: fmt.Sprintf("the mask of %s is shorter than /%d", p, low), Hint: fmt.Sprintf("use /%d to /%d, such as %s", low, high, suggest(p.Addr(), low))}
	case bits > high:
		return &Problem{Rule: rule, Message: fmt.Sprintf("the mask of %s is longer than /%d", p, high), Hint: fmt.Sprintf("use /%d to /%d, such as %s", low, high, suggest(p.Addr(), high))}
	case !noHostBits:
		return &Problem{Rule: RuleCIDRHostBits, Message: fmt.Sprintf("%s has bits set beyond its mask", p), Hint: "the network is " + p.Masked().String()}
	default:
		return nil
	}
}

func checkForbidden(p netip.Prefix, rule string, forbidden []string) *Problem {
	for _, s := range forbidden {
		if p.Overlaps(netip.MustParsePrefix(s)) {
			return &Problem{Rule: rule, Message: fmt.Sprintf("%s overlaps %s, which is not allowed", p, s), Hint: "use a private network, such as one in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16"}
		}
	}
	return nil
}

// networks reads a ClientIpPool or LocalSubnet as a sorted set of masked
// networks; ok is false if any part is not an IPv4 network.
func networks(s string) (set []netip.Prefix, ok bool) {
	if s == "" {
		return nil, true
	}
	for part := range strings.SplitSeq(s, ",") {
		p, err := netip.ParsePrefix(strings.TrimSpace(part))
		if err != nil || !p.Addr().Is4() {
			return nil, false
		}
		set = append(set, p.Masked())
	}
	slices.SortFunc(set, netip.Prefix.Compare)
	return slices.Compact(set), true
}

// checkOverlap lists the local networks that overlap the pool, as problems at the
// field report. Values that cannot be read are reported elsewhere.
func checkOverlap(pool, subnets Value, report Field) []Problem {
	pools, ok := networks(pool.String())
	locals, ok2 := networks(subnets.String())
	if !ok || !ok2 || len(pools) != 1 {
		return nil
	}
	var out []Problem
	for _, local := range locals {
		if pools[0].Overlaps(local) {
			out = append(out, Problem{
				Path: string(report), Rule: RulePoolOverlapsLocalSubnet,
				Message: fmt.Sprintf("ClientIpPool %s and the network %s of LocalSubnet overlap", pools[0], local),
				Hint:    "choose a pool that does not overlap any local network",
			})
		}
	}
	return out
}
