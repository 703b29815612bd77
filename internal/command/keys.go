package command

import (
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/nearest"
)

// Key is a key of an item, with all of its spellings. Case does not matter, and a
// hyphen is equal to an underscore.
type Key struct {
	Name  string       // as String writes it
	Field change.Field // the setting; "" for an option
	Words []string     // the other spellings: the API's name, short and Chinese ones
	Verbs []Verb       // the verbs that accept it
}

// The options: keys that are not settings.
const (
	keyRegion = "region"
	keyReason = "reason"
	keyRef    = "ref"
	keyAt     = "at"
	keyUntil  = "until"
	keyDryRun = "dry_run"
	keyLimit  = "limit"
	keyStatus = "status"
	keyBy     = "by"
	keySince  = "since"
	keyMore   = "more"

	keyConfirm = "confirm"
	keyWhen    = "when"
	keyProof   = "proof"

	keyOverride = "override"
)

// The prefixes of the value of a setting that the server must still have.
const (
	expectPrefix        = "expect."
	expectPrefixChinese = "期望."
)

// Keys lists every key: the settings in the order of change.Fields, then the
// options. A setting prefixed with "expect." or "期望." is a key as well.
func Keys() []Key {
	var out []Key
	for _, f := range change.Fields() {
		setting := f.Setting()
		words := strings.Fields(setting.English + " " + setting.Chinese)
		k := Key{Name: words[0], Field: f, Verbs: []Verb{Plan, Apply}}
		if api := strings.ToLower(string(f)); api != k.Name {
			k.Words = append(k.Words, api)
		}
		k.Words = append(k.Words, words[1:]...)
		out = append(out, k)
	}
	both, queues := []Verb{Plan, Apply}, []Verb{Plan, Apply, Rollback}
	return append(out,
		Key{Name: keyRegion, Words: []string{"region_id", "regionid", "地域"}, Verbs: []Verb{Plan, Apply, Status, History, Windows}},
		Key{Name: keyReason, Words: []string{"原因", "理由"}, Verbs: []Verb{Plan, Apply, Rollback, Reject, Cancel, Confirm}},
		Key{Name: keyRef, Words: []string{"工单"}, Verbs: both},
		Key{Name: keyAt, Words: []string{"not_before", "notbefore", "定时"}, Verbs: both},
		Key{Name: keyUntil, Words: []string{"expires_at", "expiresat", "过期"}, Verbs: both},
		Key{Name: keyDryRun, Words: []string{"dryrun", "试运行"}, Verbs: both},
		Key{Name: keyConfirm, Words: []string{"确认"}, Verbs: queues},
		Key{Name: keyWhen, Words: []string{"条件"}, Verbs: queues},
		Key{Name: keyProof, Words: []string{"探测"}, Verbs: queues},
		Key{Name: keyOverride, Words: []string{"豁免"}, Verbs: queues},
		Key{Name: keyLimit, Words: []string{"条数"}, Verbs: []Verb{Status, History}},
		Key{Name: keyBy, Words: []string{"申请人"}, Verbs: []Verb{Status, History}},
		Key{Name: keyStatus, Words: []string{"状态"}, Verbs: []Verb{History}},
		Key{Name: keySince, Words: []string{"起始"}, Verbs: []Verb{History}},
		Key{Name: keyMore, Words: []string{"更多"}, Verbs: []Verb{Status, History}},
	)
}

// settingName is the name of a setting in the commands that String writes.
func settingName(f change.Field) string {
	name, _, _ := strings.Cut(f.Setting().English, " ")
	return name
}

// all lists the key's name and its other spellings.
func (k Key) all() []string { return append([]string{k.Name}, k.Words...) }

// expecting is the key prefixed with "expect.".
func (k Key) expecting() Key {
	out := Key{Name: expectPrefix + k.Name, Field: k.Field, Verbs: k.Verbs}
	for _, w := range k.all() {
		out.Words = append(out.Words, expectPrefix+w, expectPrefixChinese+w)
	}
	return out
}

// keyTable is what Keys lists, built once for a line.
type keyTable []Key

// find finds a key by any of its spellings. Expected is set for those with the
// prefix of expect.
func (t keyTable) find(typed string) (k Key, expected, ok bool) {
	word := normalKey(typed)
	for _, prefix := range []string{expectPrefix, expectPrefixChinese} {
		if rest, found := strings.CutPrefix(word, prefix); found {
			k, _, ok = t.find(rest)
			if !ok || k.Field == "" || strings.HasPrefix(k.Name, expectPrefix) {
				return Key{}, false, false
			}
			return k.expecting(), true, true
		}
	}
	for _, k := range t {
		if k.Name == word || slices.Contains(k.Words, word) {
			return k, false, true
		}
	}
	return Key{}, false, false
}

// accepts reports whether the verb accepts any key.
func (t keyTable) accepts(v Verb) bool {
	return slices.ContainsFunc(t, func(k Key) bool { return slices.Contains(k.Verbs, v) })
}

// nearest finds the key that was probably meant among those that the verb accepts;
// "" where no key is near.
func (t keyTable) nearest(v Verb, typed string) string {
	word := normalKey(typed)
	expects := strings.HasPrefix(word, "expect") || strings.HasPrefix(word, "期望")
	var known []string
	for _, k := range t {
		switch {
		case !slices.Contains(k.Verbs, v):
		case expects && k.Field != "":
			known = append(known, k.expecting().Words...)
		case !expects:
			known = append(known, k.all()...)
		}
	}
	return nearest.Word(word, known)
}
