package command

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sslvpnchange/internal/change"
)

const maxLimit = 20

var (
	wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	// Seconds may be left out; time.Parse takes more than RFC 3339 writes.
	timeFormat = regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})(:[0-9]{2}(?:\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})$`)
)

// value reads the value of a key that is known and allowed here.
func (r *reader) value(k Key, expected bool, s string) {
	switch {
	case expected:
		if v, ok := r.setting(k, s); ok {
			if r.c.Expect == nil {
				r.c.Expect = change.Patch{}
			}
			r.c.Expect[k.Field] = v
		}
	case k.Field != "":
		if v, ok := r.setting(k, s); ok {
			r.c.Patch[k.Field] = v
		}
	default:
		r.option(k, s)
	}
}

func (r *reader) setting(k Key, s string) (change.Value, bool) {
	switch k.Field.Kind() {
	case change.KindText:
		return change.Normalize(k.Field, change.Text(s)), true
	case change.KindNumber:
		n, ok := number(s)
		if !ok {
			r.add(RuleNotANumber, "key", r.typed[k.Name], "value", shown(s))
		}
		return change.Number(n), ok
	case change.KindFlag:
		b, ok := r.flag(k, s)
		return change.Flag(b), ok
	default:
		return change.Value{}, false
	}
}

func (r *reader) option(k Key, s string) {
	switch k.Name {
	case keyRegion:
		r.c.Region = strings.ToLower(s)
	case keyReason:
		r.c.Reason = strings.TrimSpace(s)
	case keyRef:
		r.c.Ref = strings.TrimSpace(s)
	case keyAt:
		r.c.NotBefore = r.time(k, s)
	case keyUntil:
		r.c.ExpiresAt = r.time(k, s)
	case keyDryRun:
		r.c.DryRun, _ = r.flag(k, s)
	case keyLimit:
		n, ok := number(s)
		if !ok || n < 1 || n > maxLimit {
			r.add(RuleLimitRange, "key", r.typed[k.Name], "value", shown(s), "most", strconv.Itoa(maxLimit))
		}
		r.c.Limit = n
	}
}

func number(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && wholeNumber.MatchString(s)
}

func (r *reader) flag(k Key, s string) (value, ok bool) {
	switch word := strings.ToLower(s); {
	case slices.Contains([]string{"true", "on", "yes", "开", "是"}, word):
		return true, true
	case slices.Contains([]string{"false", "off", "no", "关", "否"}, word):
		return false, true
	default:
		r.add(RuleNotAFlag, "key", r.typed[k.Name], "value", shown(s))
		return false, false
	}
}

func (r *reader) time(k Key, s string) time.Time {
	if m := timeFormat.FindStringSubmatch(strings.ToUpper(s)); m != nil {
		seconds := m[2]
		if seconds == "" {
			seconds = ":00"
		}
		t, err := time.Parse(time.RFC3339, m[1]+seconds+m[3])
		// A year of five digits, by way of the zone, could not be written.
		if t = t.UTC(); err == nil && t.Year() >= 1970 && t.Year() <= 9999 {
			return t
		}
	}
	r.add(RuleTimeFormat, "key", r.typed[k.Name], "value", shown(s))
	return time.Time{}
}

// exampleOf is a value that the key takes.
func exampleOf(k Key) string {
	switch k.Field {
	case change.Name:
		return "vpn-dev"
	case change.ClientIPPool:
		return "10.30.30.0/24"
	case change.LocalSubnet:
		return "10.0.0.0/8,192.168.0.0/16"
	case change.Proto:
		return "UDP"
	case change.Port:
		return "1195"
	case change.Cipher:
		return "AES-256-CBC"
	case change.Compress, change.EnableMultiFactorAuth:
		return "true"
	case change.IDaaSInstanceID:
		return "idaas-cn-1"
	case change.IDaaSRegionID:
		return "cn-hangzhou"
	case change.IDaaSApplicationID:
		return "app_1"
	}
	switch k.Name {
	case keyRegion:
		return "cn-hangzhou"
	case keyAt:
		return "2026-11-23T02:00+08:00"
	case keyUntil:
		return "2026-11-23T06:00+08:00"
	case keyDryRun:
		return "true"
	case keyLimit:
		return "10"
	case keyRef:
		return "OPS-4211"
	default:
		return "…"
	}
}
