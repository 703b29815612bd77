package command

import (
	"slices"
	"strings"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/nearest"
)

// Key is a key of an item, with all the ways to write it. Capitals do not
// matter in any, and hyphens are as good as underscores.
type Key struct {
	Name  string       // as String writes it
	Field change.Field // the setting; "" for an option
	Words []string     // the other ways: the API's, short ones, Chinese ones
	Verbs []Verb       // the verbs that take it
}

// The keys that are no settings.
const (
	keyRegion = "region"
	keyReason = "reason"
	keyRef    = "ref"
	keyAt     = "at"
	keyUntil  = "until"
	keyDryRun = "dry_run"
	keyLimit  = "limit"
)

// What makes a setting one that the server must still have.
const (
	expectPrefix        = "expect."
	expectPrefixChinese = "期望."
)

// Keys lists every key: the settings in the order of change.Fields, then the
// options. A setting with "expect." or "期望." before it is a key as well.
func Keys() []Key {
	var out []Key
	for _, f := range change.Fields() {
		words := settingWords(f)
		api := strings.ToLower(string(f))
		k := Key{Name: words[0], Field: f, Verbs: []Verb{Plan, Apply}}
		if api != k.Name {
			k.Words = append(k.Words, api)
		}
		k.Words = append(k.Words, words[1:]...)
		out = append(out, k)
	}
	both := []Verb{Plan, Apply}
	return append(out,
		Key{Name: keyRegion, Words: []string{"region_id", "regionid", "地域"}, Verbs: []Verb{Plan, Apply, Status, History}},
		Key{Name: keyReason, Words: []string{"原因", "理由"}, Verbs: []Verb{Plan, Apply, Rollback, Reject, Cancel}},
		Key{Name: keyRef, Words: []string{"工单"}, Verbs: both},
		Key{Name: keyAt, Words: []string{"not_before", "notbefore", "定时"}, Verbs: both},
		Key{Name: keyUntil, Words: []string{"expires_at", "expiresat", "过期"}, Verbs: both},
		Key{Name: keyDryRun, Words: []string{"dryrun", "试运行"}, Verbs: both},
		Key{Name: keyLimit, Words: []string{"条数"}, Verbs: []Verb{History}},
	)
}

// settingWords are a setting's name and the other ways to write it, but for the
// API's own.
func settingWords(f change.Field) []string {
	switch f {
	case change.Name:
		return []string{"name", "名称"}
	case change.ClientIPPool:
		return []string{"client_ip_pool", "pool", "客户端网段"}
	case change.LocalSubnet:
		return []string{"local_subnet", "subnet", "本端网段"}
	case change.Proto:
		return []string{"proto", "协议"}
	case change.Port:
		return []string{"port", "端口"}
	case change.Cipher:
		return []string{"cipher", "加密"}
	case change.Compress:
		return []string{"compress", "压缩"}
	case change.EnableMultiFactorAuth:
		return []string{"mfa", "enable_multi_factor_auth", "双因子"}
	case change.IDaaSInstanceID:
		return []string{"idaas_instance_id", "idaas实例"}
	case change.IDaaSRegionID:
		return []string{"idaas_region_id", "idaas地域"}
	case change.IDaaSApplicationID:
		return []string{"idaas_application_id", "idaas应用"}
	default:
		return []string{strings.ToLower(string(f))}
	}
}

// all lists the key's name and its other words.
func (k Key) all() []string { return append([]string{k.Name}, k.Words...) }

// expecting is the key with "expect." before it.
func (k Key) expecting() Key {
	out := Key{Name: expectPrefix + k.Name, Field: k.Field, Verbs: k.Verbs}
	for _, w := range k.all() {
		out.Words = append(out.Words, expectPrefix+w, expectPrefixChinese+w)
	}
	return out
}

// keyOf finds a key by any of its words. Expected is set for those of expect.
func keyOf(typed string) (k Key, expected, ok bool) {
	word := normalKey(typed)
	for _, prefix := range []string{expectPrefix, expectPrefixChinese} {
		if rest, found := strings.CutPrefix(word, prefix); found {
			k, _, ok = keyOf(rest)
			if !ok || k.Field == "" || strings.HasPrefix(k.Name, expectPrefix) {
				return Key{}, false, false
			}
			return k.expecting(), true, true
		}
	}
	for _, k := range Keys() {
		if slices.Contains(k.all(), word) {
			return k, false, true
		}
	}
	return Key{}, false, false
}

// nearestKey names the key that was meant, among those that the verb takes; of
// a verb that takes none, "".
func nearestKey(v Verb, typed string) string {
	word := normalKey(typed)
	expects := strings.HasPrefix(word, "expect") || strings.HasPrefix(word, "期望")
	var known []string
	for _, k := range Keys() {
		switch {
		case !slices.Contains(k.Verbs, v):
		case expects && k.Field != "":
			known = append(known, k.expecting().Words...)
		case !expects:
			known = append(known, k.all()...)
		}
	}
	near, _ := nearest.To(word, known)
	return near
}
