package change

import (
	"fmt"
	"math/bits"
	"unicode/utf8"
)

// addressesPerConnection is what a connection takes of the pool: each client
// gets a /30 (parameter ClientIpPool of ModifySslVpnServer).
const addressesPerConnection = 4

// CheckMerged judges a patch together with what the server already has, as far
// as the patch touches it: an odd value that stands there already refuses no
// unrelated change. After must be the server's full settings with the patch
// applied; maxConnections is the number of clients the gateway allows, 0 if not
// known. Paths name the setting alone; see Problem.Under.
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
	for _, f := range []Field{EnableMultiFactorAuth, IDaaSInstanceID, IDaaSRegionID, IDaaSApplicationID} {
		if _, ok := patch[f]; ok {
			return append(out, checkMFA(after)...)
		}
	}
	return out
}

func checkPoolSize(pool Value, maxConnections int) []Problem {
	set, ok := networks(pool)
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
		p.Hint = "no pool is large enough; ask for a gateway with fewer connections"
	}
	return []Problem{p}
}

func checkMFA(after Settings) []Problem {
	if on, _ := after[EnableMultiFactorAuth].Flag(); !on {
		return nil
	}
	var out []Problem
	// IDaaSApplicationId is not needed by EIAM 1.0, and which of the two the
	// instance is cannot be told from the settings.
	for _, f := range []Field{IDaaSInstanceID, IDaaSRegionID} {
		if after[f].String() == "" {
			out = append(out, Problem{
				Path: string(EnableMultiFactorAuth), Rule: RuleMFANeedsIDaaS,
				Message: fmt.Sprintf("multi-factor authentication would be on without %s", f),
				Hint:    fmt.Sprintf("set %s in the same change", f),
			})
		}
	}
	return out
}

// CheckExpect compares what a request expects with the server's settings at its
// turn. Paths are of the form "expect.Port".
func CheckExpect(current Settings, expect Patch) []Problem {
	var out []Problem
	for _, f := range expect.Fields() {
		if Equal(f, current[f], expect[f]) {
			continue
		}
		out = append(out, Problem{
			Path: "expect." + string(f), Rule: RuleExpectMismatch,
			Message: fmt.Sprintf("%s is %s, expected %s", f, shown(current[f]), shown(expect[f])),
			Hint:    "somebody changed the server meanwhile; look at it, then ask again with its present value",
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

// checkExpectForm judges types only: what is expected may be a value that
// today's rules would not let in, and that stands on an old server.
func checkExpectForm(expect Patch) []Problem {
	if expect == nil {
		return nil
	}
	if len(expect) == 0 {
		return []Problem{{Path: "expect", Rule: RuleExpectEmpty, Message: "expect names no setting", Hint: "name a setting and the value it should still have, or remove expect"}}
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
		out = append(out, Problem{Path: string(f), Rule: RuleExpectLength, Message: "the expected text is too long", Hint: "512 characters at most"})
	}
	if !graphic(s) {
		out = append(out, Problem{Path: string(f), Rule: RuleControlCharacter, Message: "the expected text holds a line break or another control character", Hint: "write it on one line"})
	}
	return out
}
