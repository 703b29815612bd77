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

// lost is the class of a request whose fate nobody told us: for a modification
// it may have been done, for a read nothing is at stake.
func (a action) lost() Class {
	if a == modifyServer {
		return ClassUnknown
	}
	return ClassUnavailable
}

// classify decides what a refusal means: by its code, and only where the code
// says nothing by the HTTP status. A code that nobody knows is ClassOther: it
// is kept verbatim and never retried, because guessing "retryable" repeats a
// mistake for hours.
func classify(a action, code string, status int) Class {
	if class, ok := classOfCode(a, code); ok {
		return class
	}
	switch {
	case status == http.StatusTooManyRequests:
		return ClassThrottled
	case status >= http.StatusInternalServerError, status < http.StatusBadRequest:
		// A 5xx may come from a proxy after the API took the request. What is
		// neither success nor error, a redirect, is no answer of the API.
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
		// The nonce is new for every send, so an earlier copy of this very
		// request, replayed on its way, was taken.
		return a.lost(), true
	case code == "InvalidTimeStamp.Expired":
		// A clock that is off, or an instance frozen between signing and
		// sending: nothing was done, and the values of the change are innocent.
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

// busyCode knows the codes of a gateway at work: those of this API's reference
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
