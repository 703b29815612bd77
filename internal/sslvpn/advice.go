package sslvpn

import (
	"fmt"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Advice says what the person who requested a change of the server t can do
// about an error: one or two sentences for the record and the answer. The
// account is the one that the function runs in; "" prints a placeholder.
func Advice(e *Error, t change.Target, accountID string) string {
	if text := adviceOfCode(e.Code, t); text != "" {
		return text
	}
	if e.Answered() {
		return "Compare the values with the rules of the API, and submit the change again later; if the error repeats, " +
			"ask the vendor's support about the request " + e.RequestID + "."
	}
	switch e.Class {
	case ClassBusy:
		return "The VPN gateway is working on another change; this one waits until the gateway is active."
	case ClassThrottled:
		return "The API limits how often this account may call it; the change waits and is sent automatically later."
	case ClassUnavailable, ClassCircuitOpen:
		return "The VPC API of " + t.RegionID + " cannot be reached or fails; the change waits and is sent automatically later."
	case ClassUnknown:
		return "The API may have accepted the change although no answer arrived; the server is read back before anything is sent again."
	case ClassCredentials:
		return "The credentials of the function's role were refused; check that the function has a role and that the role still exists."
	case ClassLocked:
		return "The VPN gateway is locked for an unpaid bill: pay it in the billing console, then submit the change again."
	case ClassDenied:
		return adviceDenied(e, t, accountID)
	case ClassInvalid:
		return adviceInvalid(e, t)
	case ClassOther:
		return adviceOther(e)
	default:
		return ""
	}
}

func adviceDenied(e *Error, t change.Target, accountID string) string {
	if accountID == "" {
		accountID = "<account>"
	}
	resource := fmt.Sprintf("acs:vpc:%s:%s:sslvpnserver/%s", t.RegionID, accountID, t.ServerID)
	if e.Action == string(describeGateway) {
		resource = fmt.Sprintf("acs:vpc:%s:%s:vpngateway/*", t.RegionID, accountID)
	}
	text := fmt.Sprintf("Allow the RAM action vpc:%s on the resource %s for the function's role, then submit the change again", e.Action, resource)
	if e.Action != string(describeGateway) {
		text += fmt.Sprintf("; or the account has no server %s in %s: check the id and RegionId", t.ServerID, t.RegionID)
	}
	return text + "."
}

// adviceOfCode is the advice for codes that mean the same whatever was requested;
// "" for others.
func adviceOfCode(code string, t change.Target) string {
	switch code {
	case "VpnGateway.SslVpnDisabled":
		return "Enable SSL-VPN on the VPN gateway in the console, then submit the change again."
	case "QuotaExceeded.VpnRouteEntry":
		return "The VPC's route table has no room for the gateway's routes: remove routes that are not needed, or raise the quota, then submit the change again."
	case "Resource.QuotaFull":
		return "A quota of the account is used up: remove what is not needed, or raise the quota in Quota Center, then submit the change again."
	case "UnknownError":
		return "The API does not say what is wrong. " +
			"After a change of ClientIpPool or LocalSubnet this often means networks that overlap the VPC, a route or each other: " +
			"compare them, and submit the change again with networks that do not overlap."
	case codeNoRegion:
		return fmt.Sprintf("Check RegionId: the function knows no region %s. If it is a new one, have it added to the variable VPC_REGIONS, then submit the change again.", t.RegionID)
	case codeDryRun:
		return "The API only checked the request, and changed nothing; submit the change again."
	case "InvalidVpnGatewayInstanceId.NotFound":
		return fmt.Sprintf("The VPN gateway of the server %s does not exist any more: check that the server is still in use.", t.ServerID)
	case "VpnGateway.Deleting":
		return "The VPN gateway is being deleted: check that SslVpnServerId names the server that you mean."
	default:
		return ""
	}
}

// RefusedField returns the setting that a refusal is about, by its code, else by
// its message, where that names one setting only; "" if it is about none.
func RefusedField(code, message string) change.Field {
	if f, _, ok := adviceField(code); ok {
		return f
	}
	var named change.Field
	for _, f := range change.Fields() {
		// Name and Port are also ordinary words: the API quotes the parameter.
		if strings.Contains(message, `"`+string(f)+`"`) {
			if named != "" {
				return ""
			}
			named = f
		}
	}
	return named
}

func adviceInvalid(e *Error, t change.Target) string {
	switch e.Code {
	case "InvalidName":
		return "Name must have 2 to 100 characters and not start with http:// or https://; correct it and submit the change again."
	case codeNoServer:
		return fmt.Sprintf("Check SslVpnServerId and RegionId: the account has no server %s in %s.", t.ServerID, t.RegionID)
	case "InvalidRegionId.NotFound":
		return fmt.Sprintf("Check RegionId: the API knows no region %s.", t.RegionID)
	case "IdempotentParameterMismatch":
		return "The ClientToken was used before with other settings; submit the change again with a new token."
	}
	if field, rule, ok := adviceField(e.Code); ok {
		return fmt.Sprintf("The API refuses %s: %s; correct it and submit the change again.", field, rule)
	}
	return adviceOther(e)
}

// adviceField finds the setting that a code such as IllegalParam.LocalSubnet or
// InvalidPort refers to, and its rule (vendor page ModifySslVpnServer).
func adviceField(code string) (field change.Field, rule string, ok bool) {
	for _, f := range change.Fields() {
		for _, prefix := range []string{"IllegalParam.", "InvalidParameter.", "Invalid", "Missing"} {
			if rest, found := strings.CutPrefix(code, prefix); found && (rest == string(f) || strings.HasPrefix(rest, string(f)+".")) {
				return f, f.Setting().Advice, true
			}
		}
	}
	return "", "", false
}

func adviceOther(e *Error) string {
	if e.Recommend != "" {
		return "The API refused the change; its diagnosis is at " + e.Recommend
	}
	if e.RequestID != "" {
		return "The API refused the change; ask the vendor's support about the request " + e.RequestID + "."
	}
	return "The request was refused before it was sent; see the message."
}
