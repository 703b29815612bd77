package sslvpn

import (
	"net/http"
	"slices"
	"strings"
)

// action is one operation of the API.
type action string

const (
	describeServer  action = "DescribeSslVpnServers"
	describeGateway action = "DescribeVpnGateway"
	modifyServer    action = "ModifySslVpnServer"
)

// lost is the class of a request whose outcome is unknown: a modification may
// have been done, a read has no effect.
func (a action) lost() Class {
	if a == modifyServer {
		return ClassUnknown
	}
	return ClassUnavailable
}

// classify decides what a refusal means: by its code, or by the HTTP status if
// the code is unknown. An unknown code is ClassOther unless the status says more:
// it is kept verbatim and never retried, because retrying a permanent refusal
// would repeat it for hours.
func classify(a action, code string, status int) Class {
	if class, ok := classOfCode(a, code); ok {
		return class
	}
	switch {
	case status == http.StatusTooManyRequests:
		return ClassThrottled
	case status >= http.StatusInternalServerError, status < http.StatusBadRequest:
		// A 5xx may come from a proxy after the API accepted the request. A redirect
		// is no answer of the API.
		return a.lost()
	default:
		return ClassOther
	}
}

func classOfCode(a action, code string) (Class, bool) {
	switch {
	case strings.Contains(code, "Throttling"):
		return ClassThrottled, true
	case busyCode(code):
		return ClassBusy, true
	case lastPart(code) == "FinancialLocked":
		return ClassLocked, true
	case code == "SignatureNonceUsed":
		// The nonce is new for every send, so an earlier copy of the same request,
		// repeated on its way, was accepted.
		return a.lost(), true
	case code == "InvalidTimeStamp.Expired":
		// The clock is wrong, or the instance was frozen between signing and
		// sending: nothing was done, and the change's values are not the reason.
		return ClassUnavailable, true
	case slices.Contains([]string{"ServiceUnavailable", "InternalError", "InternalServerError"}, code):
		return a.lost(), true
	case strings.Contains(code, "SecurityToken"), strings.HasPrefix(code, "InvalidAccessKey"), code == "MissingAccessKeyId":
		return ClassCredentials, true
	case hasAnyPrefix(code, "Forbidden", "Forbbiden", "NoPermission"): // the API spells Forbbiden.SubUser so
		return ClassDenied, true
	case hasAnyPrefix(code, "Invalid", "Missing", "IllegalParam"), code == "IdempotentParameterMismatch", lastPart(code) == "NotFound":
		return ClassInvalid, true
	default:
		return "", false
	}
}

// busyCode reports whether a code says that the gateway is busy: those of this API's reference
// page and their siblings in the VPN family, such as VpnConnection.Configuring
// and VpnTask.CONFLICT.
func busyCode(code string) bool {
	switch lastPart(code) {
	case "Configuring", "CONFLICT", "TaskConflict", "OperationConflict", "LastTokenProcessing":
		return true
	default:
		return false
	}
}

// lastPart is what follows the last dot of a code.
func lastPart(code string) string { return code[strings.LastIndexByte(code, '.')+1:] }

func hasAnyPrefix(s string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}
