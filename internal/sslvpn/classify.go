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
	describeClients action = "DescribeSslVpnClients"
	describeCerts   action = "DescribeSslVpnClientCerts" // the singular returns private keys: see DeniesKeys
	describeVPC     action = "DescribeVpcAttribute"
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
// the code is unknown. An unknown code is ClassOther unless the status or the
// message says more: it is kept verbatim and never retried, because retrying a
// permanent refusal would repeat it for hours.
func classify(a action, code, message string, status int) Class {
	refusal := status >= http.StatusBadRequest && status < http.StatusInternalServerError
	if refusal && slices.Contains([]string{"UnknownError", "ServiceUnavailable", "SystemBusy"}, lastPart(code)) {
		// With a 5xx, these leave the outcome of a modification unknown.
		return a.later()
	}
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
	case saysLater(message) && !strings.Contains(code, "Quota"):
		return a.later()
	default:
		return ClassOther
	}
}

// later is the class of a request that was not carried out, and may be later.
func (a action) later() Class {
	if a == modifyServer {
		return ClassBusy
	}
	return ClassUnavailable
}

// saysLater reports whether the message of a refusal says that the same request
// may succeed later.
func saysLater(message string) bool {
	text := strings.ToLower(strings.Join(strings.Fields(message), " "))
	return slices.ContainsFunc([]string{
		"try again later", "try it again later", "try it later", "try later", "retry later", "retry it later", "again later",
		"try again in a few", "try again after a while", "try again in a moment",
	}, func(phrase string) bool { return strings.Contains(text, phrase) })
}

const nonceUsed = "SignatureNonceUsed"

func classOfCode(a action, code string) (Class, bool) {
	switch {
	case strings.Contains(code, "Throttling"):
		return ClassThrottled, true
	case busyCode(code):
		return ClassBusy, true
	case lastPart(code) == "FinancialLocked":
		return ClassLocked, true
	case code == nonceUsed:
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

// busyCode reports whether a code says that the gateway, or what it works with, is
// busy: those of this API's reference page and their siblings in the VPC family,
// such as VpnConnection.Configuring, VpnTask.CONFLICT, IncorrectStatus.VpnGateway
// and OperationFailed.DistibuteLock. The resource of a code may stand before or
// after what is said of it.
func busyCode(code string) bool {
	for part := range strings.SplitSeq(code, ".") {
		switch part {
		case "Configuring", "CONFLICT", "TaskConflict", "OperationConflict", "ConcurrentOperation",
			"DistibuteLock", "DistributeLock": // the API spells DistibuteLock so
			return true
		}
		if strings.HasSuffix(part, "Status") && hasAnyPrefix(part, "Incorrect", "Invalid") {
			return true // of a resource that is being changed
		}
	}
	last := lastPart(code)
	// An earlier request is being worked on: LastTokenProcessing,
	// IdempotentTokenProcessing, IdempotenceProcessing.
	if strings.HasSuffix(last, "TokenProcessing") || strings.HasSuffix(last, "IdempotenceProcessing") {
		return true
	}
	return last == "Modifying" || last == "Updating" // NetworkStatus.Modifying
}

// lastPart is what follows the last dot of a code.
func lastPart(code string) string { return code[strings.LastIndexByte(code, '.')+1:] }

func hasAnyPrefix(s string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}
