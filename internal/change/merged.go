package change

import (
	"fmt"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// addressesPerConnection is the number of addresses of the pool that a connection
// needs: each client gets a /30 (parameter ClientIpPool of ModifySslVpnServer).
const addressesPerConnection = 4

// CheckMerged checks a patch together with the server's settings, as far as the
// patch concerns them: an invalid value that the server already has does not
// refuse an unrelated change. After must be the server's full settings with the
// patch applied; maxConnections is the number of clients that the gateway allows,
// 0 if not known. Paths name the setting alone; see Problem.Under.
func CheckMerged(patch Patch, after Settings, maxConnections int) []Problem {
	var out []Problem
	_, pool := patch[ClientIPPool]
	_, subnets := patch[LocalSubnet]
	if pool {
		out = append(out, checkPoolSize(after[ClientIPPool], maxConnections)...)
	}
	switch {
	case pool:
		out = append(out, checkOverlap(after[ClientIPPool], after[LocalSubnet], ClientIPPool)...)
	case subnets:
		out = append(out, checkOverlap(after[ClientIPPool], after[LocalSubnet], LocalSubnet)...)
	}
	for f := range patch {
		if f.Setting().Group == GroupSignIn {
			return append(out, checkMFA(after)...)
		}
	}
	return out
}

func checkPoolSize(pool Value, maxConnections int) []Problem {
	set, ok := networks(pool.String())
	if !ok || len(set) != 1 || maxConnections <= 0 {
		return nil
	}
	need := uint64(maxConnections) * addressesPerConnection
	if need <= 1<<(32-set[0].Bits()) {
		return nil
	}
	p := Problem{
		Path: string(ClientIPPool), Rule: RulePoolSize,
		Message: fmt.Sprintf("%s has %d addresses; %d connections need %d", set[0], uint64(1)<<(32-set[0].Bits()), maxConnections, need),
	}
	if longest := 32 - bits.Len64(need-1); longest >= minPoolBits {
		p.Hint = fmt.Sprintf("use a mask of /%d or shorter, such as %s", longest, suggest(set[0].Addr(), longest))
	} else {
		p.Hint = "no pool is large enough; use a gateway with fewer connections"
	}
	return []Problem{p}
}

func checkMFA(after Settings) []Problem {
	if on, _ := after[EnableMultiFactorAuth].Flag(); !on {
		return nil
	}
	var out []Problem
	for _, f := range []Field{IDaaSInstanceID, IDaaSRegionID} {
		if after[f].String() == "" {
			out = append(out, Problem{
				Path: string(EnableMultiFactorAuth), Rule: RuleMFANeedsIDaaS,
				Message: fmt.Sprintf("multi-factor authentication would be on without %s", f),
				Hint:    fmt.Sprintf("set %s in the same change", f),
			})
		}
	}
	instance := after[IDaaSInstanceID].String()
	if strings.HasPrefix(instance, eiam2Prefix) && after[IDaaSApplicationID].String() == "" {
		out = append(out, Problem{
			Path: string(EnableMultiFactorAuth), Rule: RuleMFANeedsApplication,
			Message: fmt.Sprintf("multi-factor authentication would be on without %s, which %s needs as an instance of EIAM 2.0", IDaaSApplicationID, quoted(instance)),
			Hint:    fmt.Sprintf("set %s in the same change", IDaaSApplicationID),
		})
	}
	return out
}

// eiam2Prefix begins the ids of instances of EIAM 2.0, which need an application.
// Those of EIAM 1.0 need none and begin otherwise.
const eiam2Prefix = "idaas_"

// CheckExpect compares the values that a request expects with the server's
// settings at its turn. Paths are of the form "expect.Port".
func CheckExpect(current Settings, expect Patch) []Problem {
	var out []Problem
	for _, f := range expect.Fields() {
		if Equal(f, current[f], expect[f]) {
			continue
		}
		out = append(out, Problem{
			Path: "expect." + string(f), Rule: RuleExpectMismatch,
			Message: fmt.Sprintf("%s is %s, expected %s", f, shown(current[f]), shown(expect[f])),
			Hint:    "the server was changed in the meantime; check it, then submit the change again with the current value",
		})
	}
	return out
}

func shown(v Value) string {
	if v.IsZero() {
		return "not set"
	}
	if s, ok := v.Text(); ok {
		return quoted(s)
	}
	return v.String()
}

// checkExpectForm checks types and texts only: an old server may have a value that
// today's rules refuse, and a request may expect it.
func checkExpectForm(expect Patch) []Problem {
	if expect == nil {
		return nil
	}
	if len(expect) == 0 {
		return []Problem{{Path: "expect", Rule: RuleExpectEmpty, Message: "expect lists no setting", Hint: "add a setting and the value that it must still have, or remove expect"}}
	}
	out := checkKinds(expect)
	for _, f := range expect.Fields() {
		s, _ := expect[f].Text()
		out = append(out, checkExpectText(f, s)...)
	}
	for i := range out {
		out[i] = out[i].Under("expect")
	}
	return out
}

func checkExpectText(f Field, s string) []Problem {
	var out []Problem
	if utf8.RuneCountInString(s) > maxExpectLength {
		out = append(out, Problem{Path: string(f), Rule: RuleExpectLength, Message: "the expected text is too long", Hint: "use at most 512 characters"})
	}
	return append(out, checkHidden(string(f), s)...)
}
